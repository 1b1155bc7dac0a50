"""Reads the vector metadata XML (annex D)."""

import pathlib

from lxml import etree

from engine.domain.said import said_of, say
from engine.exchange.package.model import Metadata

_MAX_BYTES = 20 << 20
SECTIONS = ("dataIdInfo", "refSysInfo", "dqInfo")


class MetadataError(ValueError):
    """The metadata cannot be read; the message (Chinese) says why."""


def read_metadata(path: pathlib.Path, relative: str) -> Metadata:
    """County, central meridian (degrees) and layers named. No entities, no network. Raises MetadataError."""
    if path.stat().st_size > _MAX_BYTES:
        raise MetadataError(say("元数据文件过大"))
    root = _parsed(path.read_bytes())
    names = [_text(e) for tag in ("layName", "layerName") for e in root.iter(tag)]
    return Metadata(
        relative,
        county=_first(root, "geoID"),
        central_meridian=_degrees(_first(root, "centralMer")),
        layers=tuple(name for name in names if name),
    )


def read_facts(content: bytes) -> dict[str, str]:
    """What the metadata says of the data set as a whole, by element name; layers are told from the data.

    Raises MetadataError.
    """
    root = _parsed(content)
    leaves = (e for name in SECTIONS for section in root.iter(name) for e in section.iter() if not len(e))
    return {str(e.tag): text for e in leaves if isinstance(e.tag, str) and (text := _text(e))}


def _parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MetadataError(say("元数据不是有效的 XML：%(why)s", why=said_of(error))) from error


def _first(root: etree._Element, tag: str) -> str | None:
    element = next(root.iter(tag), None)
    return _text(element) if element is not None else None


def _text(element: etree._Element) -> str | None:
    return (element.text or "").strip() or None


def _degrees(text: str | None) -> float | None:
    try:
        return float((text or "").rstrip("°度 "))
    except ValueError:
        return None
