"""A message to the upper platform as XML, where it is laid, and the platform's answer as it comes back."""

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from engine.domain.feed import Answer, answer_codes

UNKNOWN = "999"


def write_message(facts: Mapping[str, Any], access_key: str) -> bytes:
    """The same facts and key always give the same bytes."""
    root = ET.Element("SUBMIT")
    told = dict(facts)
    _put(root, "HEAD", {"FSF": access_key} | told.pop("HEAD"))
    for name in ("BUSINESS_DATA", "ORIGINAL_DATA", "CHANGE_DATA"):
        _put(root, name, told.get(name) or {})
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _put(parent: ET.Element, name: str, value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _put(parent, name, item)
        return
    element = ET.SubElement(parent, name)
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _put(element, key, inner)
    elif value is not None:
        element.text = _text(value)


def _text(value: Any) -> str:
    """Without what XML cannot hold."""
    return "".join(c for c in str(value) if c in "\t\n\r" or c >= " ")


def path_of(county: str, serial: str) -> str:
    """Where the platform looks for a message that is carried as a file (接入技术规范 5.2)."""
    return f"{county}/{serial}/BW/DJYW{serial}.xml"


def read_reply(body: bytes) -> Answer:
    """The HEAD of the platform's answer: ZT, and MS in words. ValueError where it is none."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("the answer declares a document type")
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        raise ValueError(f"the answer is no XML: {error}") from None
    code = (root.findtext(".//ZT") or "").strip()
    if not code:
        raise ValueError("the answer has no ZT")
    text = (root.findtext(".//MS") or "").strip()[:1000] or None
    if code not in answer_codes():
        return Answer(UNKNOWN, f"{code} {text or ''}".strip())
    return Answer(code, text)
