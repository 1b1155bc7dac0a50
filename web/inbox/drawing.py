"""What the map editor asks while somebody draws: the ground, a check, a gesture's outcome, a file's outlines."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Response, g, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from engine.domain.changes import Change, Finding, as_json, from_json
from engine.domain.errors import Invalid, Refused
from engine.exchange.outlines import LARGEST, read_outlines
from engine.queries import ground
from engine.queries.scoped import visible_case
from engine.store.register import county_of
from engine.store.tables.cases import Case
from engine.usecases import draw_parcels
from engine.usecases.draw_parcels import Checked
from engine.usecases.note_read import note_read
from forms.clean import Wrong
from forms.kinds.drawing import drawing
from forms.kinds.shapes import outline, shape
from forms.spec import Field
from forms.text import Text
from web.api.reading import checked
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of
from web.i18n import lang
from web.inbox.blueprint import blueprint

DRAWN = Field("changes", "drawing", Text("图上所画", "Drawing"))
RED_LINE = Field("red_line", "shape", Text("红线", "Red line"))
RING = Field("outline", "shape", Text("界址点坐标", "Corner coordinates"))
MOST_POINTS = 2000  # of a drawn line
NEW_LAND = (
    "outline",
    "name",
    "east",
    "south",
    "west",
    "north",
    "land_use",
    "grade",
    "basic_farmland",
    "note",
)


@blueprint.get("/cases/<number>/ground.geojson")
@needs("cases")
def drawing_ground(number: str):
    """The household's parcels and their surroundings, in exact coordinates."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"map:{case.number}", case.division)
    answer = jsonify(ground.ground(session, g.actor, case))
    session.commit()
    answer.headers["Content-Type"] = "application/geo+json"
    return answer


@blueprint.get("/parcels/ground.geojson")
@needs("start")
def parcel_ground():
    """One parcel (``code``) and its surroundings: what a part of it is drawn on. Without a code, nothing."""
    if not request.args.get("code"):
        return jsonify(type="FeatureCollection", features=[])
    session, code = office_session(), _code(request.args["code"])
    found = ground.around_parcel(session, g.actor, code)
    note_read(session, running().clock, g.actor, "open", f"parcel:{code}", g.actor.division)
    answer = jsonify(found)
    session.commit()
    answer.headers["Content-Type"] = "application/geo+json"
    return answer


@blueprint.post("/cases/<number>/changes/check")
@needs("cases")
def check_drawn(number: str):
    """Findings, areas before and after, and the picture of it. Changes nothing."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return _answer(lambda asked: told(checked_drawing(session, case, asked.get("changes"))))


@blueprint.post("/cases/<number>/changes/draw")
@needs("cases")
def draw(number: str):
    """A gesture (split along a line, merge, cut by a red line) as the typed change that it makes."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    return _answer(lambda asked: {"change": as_json([drawn_change(session, case, asked)])[0]})


@blueprint.post("/cases/<number>/changes/outlines")
@needs("cases")
def read_file(number: str):
    """Outlines out of a file or pasted text: [[[east, north], ...] per ring] per outline."""
    session = office_session()
    visible_case(session, g.actor, number)
    try:
        found = outlines_of(session, request.files.get("file"), request.form.get("text", ""))
    except Refused as error:
        return jsonify(refused=message_of(error))
    except Wrong as fault:
        return jsonify(refused=fault.message.for_lang(lang()))
    return jsonify(outlines=found)


def _answer(make: Any) -> Response:
    """What does not go is an answer like any other here: ``refused`` says why, and the drawing stays as it is."""
    asked = request.get_json(silent=True)
    try:
        if not isinstance(checked(asked), dict):
            raise BadRequest
    except ValueError:
        raise BadRequest from None
    try:
        return jsonify(make(asked))
    except Refused as error:
        return jsonify(refused=message_of(error))
    except Invalid as error:
        return jsonify(refused="；".join(text for texts in error.fields.values() for text in texts))


def typed_changes(given: Any) -> tuple[Change, ...]:
    """Raises Invalid, in the reader's language, for what is no drawing."""
    try:
        return from_json(drawing(given or [], DRAWN))
    except Wrong as fault:
        raise Invalid({"changes": [fault.message.for_lang(lang())]}) from None


def checked_drawing(session: Session, case: Case, given: Any) -> Checked:
    return draw_parcels.check_drawing(session, running().clock, case, typed_changes(given), g.actor.division)


def drawn_change(session: Session, case: Case, asked: dict[str, Any]) -> Change:
    """``tool``: new (outline, name ...), split (parcel, line), merge (parcels) or cut (parcel, red_line, approval);
    ``changes`` so far.
    """
    clock, before, tool = running().clock, typed_changes(asked.get("changes")), asked.get("tool")
    if tool == "new":
        outlined, facts = _new_land(asked)
        return draw_parcels.draw_new(session, clock, case, before, outlined, facts, g.actor.division)
    if tool == "split":
        return draw_parcels.split(
            session, clock, case, before, _code(asked.get("parcel")), _line(asked.get("line"))
        )
    if tool == "merge":
        listed = asked.get("parcels")
        codes = [_code(code) for code in listed] if isinstance(listed, list) and len(listed) <= 50 else []
        return draw_parcels.put_together(session, clock, case, before, codes)
    if tool == "cut":
        approval = asked.get("approval")
        if not isinstance(approval, str) or not approval.strip():
            raise Refused("no_approval", "没有征收批准文号，请填写")
        try:
            line = outline(asked.get("red_line") or "", RED_LINE)
        except Wrong as fault:
            raise Invalid({"red_line": [fault.message.for_lang(lang())]}) from None
        return draw_parcels.cut(
            session, clock, case, before, _code(asked.get("parcel")), line, approval.strip()[:60]
        )
    raise Invalid({"tool": [_("应为 new、split、merge 或 cut")]})


def _new_land(asked: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The outline, and the other facts of the new parcel; the code that is asked with is any: the store gives its own."""
    facts = {name: asked[name] for name in NEW_LAND if name in asked}
    try:
        [row] = drawing([facts | {"type": "new_parcel", "code": "0" * 19}], DRAWN)
    except Wrong as fault:
        raise Invalid({"outline": [fault.message.for_lang(lang())]}) from None
    return row["outline"], {name: row[name] for name in NEW_LAND if name != "outline"}


def _code(value: Any) -> str:
    if not isinstance(value, str) or not value.isdecimal() or len(value) != 19:
        raise Invalid({"parcel": [_("地块编码应为 19 位数字")]})
    return value


def _line(value: Any) -> Sequence[Sequence[float]]:
    fault = Invalid({"line": [_("分割线应为至少两个点的坐标")]})
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_POINTS:
        raise fault
    for point in value:
        numbers = isinstance(point, list) and len(point) == 2
        if not numbers or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in point):
            raise fault
        if not (1e5 <= point[0] < 46e6 and 1_800_000 <= point[1] <= 6_200_000):
            raise fault
    return value


def outlines_of(session: Session, upload: Any, text: str) -> list[Any]:
    """In the county's coordinates. Raises Wrong or Refused."""
    if upload is not None and upload.filename:
        body = upload.stream.read(LARGEST + 1)
        if upload.filename.lower().endswith((".txt", ".csv", ".wkt")):
            text = _decoded(body)
        else:
            polygons = read_outlines(upload.filename, body, county_of(session, g.actor.county).srid)
            return [
                shape({"type": "Polygon", "coordinates": _rings(one)}, RING)["coordinates"]
                for one in polygons
            ]
    return [shape(text, RING)["coordinates"]]


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("outlines_broken", "坐标文件读不出来，请检查文件是否完整")


def _rings(polygon: Any) -> list[list[list[float]]]:
    return [[list(point) for point in ring.coords] for ring in (polygon.exterior, *polygon.interiors)]


def told(found: Checked) -> dict[str, Any]:
    """As JSON, findings in the reader's language."""
    return {
        "changes": as_json(found.changes),
        "findings": [finding(one) for one in found.findings],
        "areas": [
            {name: None if value is None else str(value) for name, value in asdict(area).items()}
            for area in found.areas
        ],
        "features": found.features,
    }


def finding(one: Finding) -> dict[str, Any]:
    facts = {name: str(value) for name, value in one.facts.items()}
    return one.as_json() | {"message": _(one.text, **facts) if facts else _(one.text)}
