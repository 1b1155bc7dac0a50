"""Which drawings may enter a paper: shapes and text only, so that a drawing can load or run nothing."""

from lxml import etree
from markupsafe import Markup

from engine.domain.errors import Refused

NAMESPACE = "{http://www.w3.org/2000/svg}"
SHAPES = {"svg", "g", "path", "rect", "line", "polyline", "polygon", "circle", "text", "tspan", "title"}


def drawing(svg: str) -> Markup:
    """The SVG as markup, unchanged. Refuses anything but plain shapes."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(svg.encode(), parser)
    except etree.XMLSyntaxError as fault:
        raise Refused("bad_drawing", "示意图不是有效的 SVG：%(fault)s", fault=str(fault)) from None
    for node in root.iter():
        _check(node)
    return Markup(svg)  # nosec: every element and attribute was checked


def _check(node: etree._Element) -> None:
    name = node.tag if isinstance(node.tag, str) else "注释或指令"
    if name.removeprefix(NAMESPACE) not in SHAPES:
        raise Refused("bad_drawing", "示意图中不允许有 %(name)s", name=name)
    for key, value in node.attrib.items():
        if key.startswith("on") or "href" in key or key == "style" or "url(" in value:
            raise Refused("bad_drawing", "示意图中不允许有属性 %(name)s", name=key)
