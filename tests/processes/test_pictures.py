"""Every shipped model as it is drawn: no flow runs through a shape, and what is inside a part stands within its frame."""

from itertools import pairwise

import pytest
from lxml import etree

from engine.settings import ROOT

NS = {
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
}
FRAMES = ("lane", "participant")
EDGE = 4.0  # px: how far a line may touch a shape's rim
MODELS = sorted(ROOT.glob("processes/*/process.bpmn"))


def planes(path):
    """For each plane: shapes (id -> left, top, right, bottom), frames of open parts, flows (element -> points)."""
    root = etree.parse(path).getroot()
    named = {node.get("id"): node for node in root.iter() if node.get("id")}
    for plane in root.iterfind(".//bpmndi:BPMNPlane", NS):
        shapes, frames = {}, {}
        for shape in plane.iterfind("bpmndi:BPMNShape", NS):
            element, bounds = named[shape.get("bpmnElement")], shape.find("dc:Bounds", NS)
            x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
            kind = etree.QName(element).localname
            if kind not in FRAMES:
                into = frames if shape.get("isExpanded") == "true" and kind == "subProcess" else shapes
                into[element.get("id")] = (x, y, x + width, y + height)
        flows = {}
        for edge in plane.iterfind("bpmndi:BPMNEdge", NS):
            element = named[edge.get("bpmnElement")]
            points = [(float(p.get("x")), float(p.get("y"))) for p in edge.iterfind("di:waypoint", NS)]
            flows[element] = points
        yield named, shapes, frames, flows


def through(a, b, shape):
    """Whether the line from a to b runs through the shape, more than along its rim."""
    left, top, right, bottom = shape
    return (
        min(a[0], b[0]) < right - EDGE
        and max(a[0], b[0]) > left + EDGE
        and min(a[1], b[1]) < bottom - EDGE
        and max(a[1], b[1]) > top + EDGE
    )


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.parent.name)
def test_no_flow_runs_through_a_shape(path):
    crossed = []
    for named, shapes, _frames, flows in planes(path):
        for flow, points in flows.items():
            source = flow.get("sourceRef")
            host = named[source].get("attachedToRef") if source in named else None
            own = {source, flow.get("targetRef"), host}
            for a, b in pairwise(points):
                crossed += [
                    (flow.get("id"), name)
                    for name, shape in shapes.items()
                    if name not in own and through(a, b, shape)
                ]
    assert crossed == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.parent.name)
def test_what_is_inside_a_part_stands_within_its_frame(path):
    outside = []
    for named, shapes, frames, _flows in planes(path):
        for name, (left, top, right, bottom) in shapes.items():
            frame = frames.get(named[name].getparent().get("id"))
            if frame and not (
                frame[0] <= left and frame[1] <= top and right <= frame[2] and bottom <= frame[3]
            ):
                outside.append(name)
    assert outside == []
