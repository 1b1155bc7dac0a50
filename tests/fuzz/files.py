"""Models, tables and YAML: shipped and test files, changed as bytes and as trees."""

from pathlib import Path
from random import Random
from typing import Any

import yaml
from lxml import etree

from engine.bpmn.model import ACTIVITIES, EVENTS, GATEWAYS
from tests.bpmn.support import MODELS, PROCESSES, shipped
from tests.fuzz.texts import cell, expression

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TAGS = [
    *(BPMN + tag for tag in (*ACTIVITIES, *EVENTS, *GATEWAYS)),
    BPMN + "sequenceFlow",
    BPMN + "documentation",
    "{urn:x}y",
]
DEFINITIONS = [f"{BPMN}{kind}EventDefinition" for kind in ("timer", "message", "signal", "error", "escalation", "link", "terminate", "conditional", "compensate")]  # fmt: skip
VALUES = [
    "",
    " ",
    "x",
    "true",
    "false",
    "1",
    "0",
    "-1",
    "${a}",
    "田契",
    "p",
    "process",
    "9" * 5000,
    "a,b",
    "P3D",
    "R3/P1D",
    "\u202e",
    "z" * 300,
]
RAW = [
    b"",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"\x00",
    b"\xff",
    b"]]>",
    b"<!--",
    b"<!DOCTYPE x>",
    b"<?x?>",
    b'"',
    b"'",
    b"/>",
    b"xmlns=''",
    b"\xe7\x94",
]
NODES: list[Any] = [None, True, 0, -1, 10**30, 1.5, float("inf"), "", "x", "__import__", [], {}, ["x"], {"zh": "x"}, {"a": {"b": [1]}}, "2026-02-30", "${a}", "{{ a }}"]  # fmt: skip


def models() -> list[dict[str, bytes]]:
    return list(shipped().values())


def model(dice: Random, sources: list[dict[str, bytes]]) -> dict[str, bytes]:
    files = dict(dice.choice(sources))
    name = dice.choice([name for name in files if name.endswith(".bpmn")])
    return files | {name: _bytes(dice, files[name]) if dice.random() < 0.2 else _tree(dice, files[name])}


def table(dice: Random) -> dict[str, bytes]:
    content = (MODELS / "urgency.dmn").read_bytes()
    if dice.random() < 0.2:
        return {"t.dmn": _bytes(dice, content)}
    root = etree.fromstring(content)
    nodes = list(
        root.iter("{*}text", "{*}decisionTable", "{*}inputExpression", "{*}rule", "{*}input", "{*}output")
    )
    for _ in range(dice.randint(1, 4)):
        node = dice.choice(nodes)
        tag = etree.QName(node).localname
        if tag == "text":
            node.text = _xml_text(cell(dice) if dice.random() < 0.6 else expression(dice))
        elif tag == "decisionTable":
            node.set(
                "hitPolicy", dice.choice(("UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER", "PRIORITY", ""))
            )
        elif tag == "inputExpression":
            node.set(
                "typeRef", dice.choice(("string", "number", "boolean", "date", "Any", "x", "integer", ""))
            )
        elif node.getparent() is not None:
            _about(dice, node)
    return {"t.dmn": etree.tostring(root)}


def case_type_files() -> dict[str, bytes]:
    folder = PROCESSES / "contract_signing"
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def case_type(dice: Random, source: dict[str, bytes]) -> dict[str, bytes]:
    """One YAML file of a case type, changed."""
    name = dice.choice(
        [name for name in source if name.endswith(".yaml") and "scenarios" not in Path(name).parts]
    )
    if dice.random() < 0.2:
        return source | {name: _bytes(dice, source[name])}
    tree = yaml.load(source[name], yaml.CSafeLoader)
    for _ in range(dice.randint(1, 3)):
        tree = _changed_node(dice, tree)
    return source | {name: yaml.dump(tree, allow_unicode=True, Dumper=_Plain).encode(errors="replace")}


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _changed_node(dice: Random, node: Any) -> Any:
    if dice.random() < 0.12 or not isinstance(node, dict | list) or not node:
        return dice.choice(NODES)
    if isinstance(node, list):
        at = dice.randrange(len(node))
        return [
            *node[:at],
            *([] if dice.random() < 0.1 else [_changed_node(dice, node[at])]),
            *node[at + 1 :],
        ]
    key = dice.choice(list(node))
    changed = {k: v for k, v in node.items() if k != key}
    if dice.random() < 0.85:
        changed[key if dice.random() < 0.95 else dice.choice(("x", "kind", "show_if", 5, None))] = (
            _changed_node(dice, node[key])
        )
    return changed


def _bytes(dice: Random, content: bytes) -> bytes:
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(content) + 1)
        to = min(len(content), at + dice.choice((0, 1, 5, 200)))
        way = dice.randrange(3)
        middle = b"" if way == 0 else dice.choice(RAW) if way == 1 else content[at:to] * dice.choice((2, 5))
        content = content[:at] + middle + content[to:]
    return content


def _tree(dice: Random, content: bytes) -> bytes:
    root = etree.fromstring(content)
    for _ in range(dice.choice((1, 1, 2, 3, 6))):
        nodes = [
            n
            for n in root.iter()
            if isinstance(n.tag, str) and n is not root and "/DI" not in n.tag and "/DC" not in n.tag
        ]
        if not nodes:
            break
        _about(dice, dice.choice(nodes), nodes)
    return etree.tostring(root)


def _about(dice: Random, node: Any, nodes: list[Any] | None = None) -> None:
    """One change of an element of a tree."""
    others = nodes or [other for other in node.getparent() if isinstance(other.tag, str)]
    other = dice.choice(others)
    way = dice.randrange(10)
    if way == 0:
        node.getparent().remove(node)
    elif way == 1 and node.attrib:
        del node.attrib[dice.choice(list(node.attrib))]
    elif way == 2 and node.attrib:
        node.set(dice.choice(list(node.attrib)), dice.choice((*VALUES, other.get("id") or "x")))
    elif way == 3 and node.attrib and other.attrib:
        key = dice.choice(list(other.attrib))
        node.set(key, other.get(key))
    elif way == 4:
        node.addnext(etree.fromstring(etree.tostring(node)))
    elif (
        way == 5
        and not any(above is other for above in (node, *node.iterancestors()))
        and node not in list(other.iterancestors())
    ):
        other.append(etree.fromstring(etree.tostring(node)))
    elif way == 6:
        node.tag = dice.choice(TAGS)
    elif way == 7 and node.text and node.text.strip():
        node.text = _xml_text(expression(dice))
    elif way == 8:
        etree.SubElement(node, dice.choice(DEFINITIONS))
    else:
        flow = etree.SubElement(node.getparent(), BPMN + "sequenceFlow")
        flow.set("sourceRef", node.get("id") or "x")
        flow.set("targetRef", other.get("id") or "y")


def _xml_text(text: str) -> str:
    """Without what no XML file can hold."""
    return "".join(c for c in text if c.isprintable())
