"""Turns the bytes of a model file into an element tree, or refuses them, before anything else looks at them.

No DTD (so no entities), a short list of encodings, bounded size. Line numbers in messages are 1-based.
"""

import io
import re
from pathlib import Path
from typing import Any

from lxml import etree

from engine.bpmn.errors import ModelRefused
from engine.domain.said import say

MAX_BYTES = 2_000_000
MAX_ELEMENTS = 20_000
MAX_NESTING = 100
MAX_ATTRIBUTES = 100
"""Of one element. The parser compares each with all others, so 100,000 would take it minutes."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
INCLUDE = "{http://www.w3.org/2001/XInclude}"
DIAGRAM = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
)

_ENCODINGS = {
    "utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gbk",
    "iso-8859-1": "iso-8859-1", "windows-1252": "cp1252",
}  # fmt: skip
_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_TAG = re.compile(r"""<[^\s<>"'!?/][^<>"']*(?:(?:"[^"<]*"|'[^'<]*')[^<>"']*)*""")
_VALUE = re.compile(r"""=\s*(?:"[^"<]*"|'[^'<]*')""")
_BEFORE_ROOT = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_UTF_16_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff", b"\x00<", b"<\x00")


def read_xml(content: bytes, file: str = "") -> Any:
    """The root element. Raises ModelRefused; the rules are `xml-size`, `-encoding`, `-dtd`, `-include`, `-syntax`."""
    if len(content) > MAX_BYTES:
        raise _refuse("xml-size", say("文件超过 2 MB。"), say("请拆分流程，或删去嵌入的图片等内容。"), file)
    text = _text(content, file)
    _no_dtd(text, file)
    _few_attributes(text, file)
    return _tree(text.encode("utf-8", "surrogatepass"), file)


def _refuse(rule: str, message: str, fix: str, file: str, **facts: object) -> ModelRefused:
    return ModelRefused(message, rule=rule, fix=fix, file=file, element=None, **facts)


def _text(content: bytes, file: str) -> str:
    """The file as text without its XML declaration, decoded by the encoding it declares."""
    if content.startswith(_UTF_16_32):
        raise _refuse("xml-encoding", say("不支持 UTF-16/UTF-32 编码。"), say("请另存为 UTF-8 编码。"), file)
    content = content.removeprefix(b"\xef\xbb\xbf")
    declaration = _DECLARATION.match(content)
    declared = _ENCODING.search(declaration[0]) if declaration else None
    name = declared[1].decode("ascii") if declared else "utf-8"
    codec = _ENCODINGS.get(name.lower())
    if codec is None:
        raise _refuse(
            "xml-encoding", say("不支持的编码 %(name)s。"), say("请另存为 UTF-8 编码。"), file, name=name
        )
    try:
        return content[declaration.end() if declaration else 0 :].decode(codec)
    except UnicodeDecodeError:
        fix = say("请按声明的编码保存，最好是 UTF-8。")
        raise _refuse("xml-encoding", say("文件内容与编码 %(name)s 不符。"), fix, file, name=name) from None


def _no_dtd(text: str, file: str) -> None:
    position = 0
    while blank := _BEFORE_ROOT.match(text, position):
        position = blank.end()
    if text.startswith("<!", position) and not text.startswith("<!--", position):
        raise _refuse(
            "xml-dtd", say("文件含有 DTD 或实体定义，不予读取。"), say("请删去 <!DOCTYPE ...>。"), file
        )


def _few_attributes(text: str, file: str) -> None:
    for tag in _TAG.finditer(text):
        if tag[0].count("=") > MAX_ATTRIBUTES and len(_VALUE.findall(tag[0])) > MAX_ATTRIBUTES:
            message = say("第 %(line)s 行的元素属性过多（超过 %(limit)s 个）。")
            line = text.count("\n", 0, tag.start()) + 1
            raise _refuse("xml-size", message, say("请删去。"), file, line=line, limit=MAX_ATTRIBUTES)


def _tree(content: bytes, file: str) -> Any:
    options: dict[str, Any] = {
        "encoding": "utf-8", "resolve_entities": False, "no_network": True,
        "load_dtd": False, "huge_tree": False, "remove_comments": True, "remove_pis": True,
    }  # fmt: skip
    count = depth = 0
    try:
        walk = etree.iterparse(io.BytesIO(content), events=("start", "end"), **options)
        for event, node in walk:
            name = str(node.tag)
            if ":" in name.rpartition("}")[2]:  # the parser lets a prefix that stands for nothing pass
                message, fix = (
                    say("第 %(line)s 行：名称“%(name)s”的前缀没有声明。"),
                    say("请用流程编辑器重新保存该文件。"),
                )
                raise _refuse("xml-syntax", message, fix, file, line=node.sourceline or 0, name=name[:80])
            if name.startswith(INCLUDE):
                raise _refuse(
                    "xml-include", say("文件要求引入别的文件，不予读取。"), say("请删去 xi:include。"), file
                )
            depth += 1 if event == "start" else -1
            count += event == "start"
            if count > MAX_ELEMENTS or depth > MAX_NESTING:
                fix = say("请拆分为几个被调用的流程。")
                raise _refuse("xml-size", say("文件元素过多（超过 20,000 个）或嵌套过深。"), fix, file)
        root = walk.root
    except etree.XMLSyntaxError as fault:
        facts = {"line": fault.lineno or 0, "detail": str(fault.msg or fault)}
        message, fix = (
            say("第 %(line)s 行不是有效的 XML：%(detail)s"),
            say("请用流程编辑器重新保存该文件。"),
        )
        raise _refuse("xml-syntax", message, fix, file, **facts) from None
    if root is None or root.getroottree().docinfo.doctype:
        raise _refuse(
            "xml-dtd", say("文件含有 DTD 或实体定义，不予读取。"), say("请删去 <!DOCTYPE ...>。"), file
        )
    return root


def local_name(node: Any) -> str:
    return str(etree.QName(node).localname)


def namespace(node: Any) -> str:
    return etree.QName(node).namespace or ""


def bpmn(tag: str) -> str:
    return f"{{{BPMN}}}{tag}"


def camunda(tag: str) -> str:
    return f"{{{CAMUNDA}}}{tag}"


def is_kind(file: str, suffix: str) -> bool:
    return Path(file).suffix.lower() == suffix
