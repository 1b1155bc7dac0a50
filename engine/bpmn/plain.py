"""A model as lines of text without its drawing, so that two savings by different editors can be compared."""

from typing import Any

from lxml import etree

from engine.bpmn.xml import BPMN, CAMUNDA, DIAGRAM, namespace, read_xml

PREFIXES = {BPMN: "", CAMUNDA: "camunda:"}
NOT_THE_MODEL = ("exporter", "exporterVersion")


def plain_lines(content: bytes) -> list[str]:
    """One line per element, indented, in the order of the file. Raises ModelRefused on what is not readable."""
    return _lines(read_xml(content), 0)


def _lines(node: Any, depth: int) -> list[str]:
    facts = [
        f'{_name(key)}="{value}"' for key, value in sorted(node.attrib.items()) if key not in NOT_THE_MODEL
    ]
    text = " ".join((node.text or "").split())
    line = "  " * depth + " ".join([_name(node.tag), *facts]) + (f" {text}" if text else "")
    inner = [_lines(child, depth + 1) for child in node if namespace(child) not in DIAGRAM]
    return [line, *(part for lines in inner for part in lines)]


def _name(tag: str) -> str:
    """The name as files usually write it: BPMN without prefix, Camunda's with theirs."""
    name = etree.QName(tag)
    return PREFIXES.get(name.namespace or BPMN, "") + name.localname
