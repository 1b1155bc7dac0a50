"""The parcel sketch 地块示意图 as PDF: of a household, of one parcel, of what a case proposes."""

from flask import Response, g, make_response, request

from engine.domain.clock import local_date
from engine.queries import register
from engine.queries.scoped import visible_case
from engine.usecases.note_read import note_read
from engine.usecases.sketch_parcels import case_sketch, household_sketch, parcel_sketch
from web.auth import needs
from web.db import office_session, running
from web.inbox.download import disposition
from web.map.blueprint import blueprint


@blueprint.get("/register/<code>/sketch.pdf")
@needs("register")
def household_sketch_pdf(code: str):
    """Every parcel of the household a sheet; with ?parcel= only that one."""
    session, app = office_session(), running()
    household = register.visible_household(session, g.actor, code)
    note_read(session, app.clock, g.actor, "download", f"contractor:{household.code}", household.division)
    today = local_date(app.clock.now())
    body = household_sketch(session, g.actor, household, today, request.args.get("parcel", ""))
    session.commit()
    return _pdf(body, f"地块示意图{household.code}.pdf")


@blueprint.get("/map/parcels/<parcel>/sketch.pdf")
@needs("map")
def parcel_sketch_pdf(parcel: str):
    session, app = office_session(), running()
    note_read(session, app.clock, g.actor, "download", f"parcel:{parcel[:40]}")
    body = parcel_sketch(session, g.actor, parcel, local_date(app.clock.now()))
    session.commit()
    return _pdf(body, f"地块示意图{parcel}.pdf")


@blueprint.get("/cases/<number>/sketch.pdf")
@needs("cases")
def case_sketch_pdf(number: str):
    """The household's parcels as the case leaves them."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "download", f"case:{case.number}", case.division)
    body = case_sketch(session, g.actor, case, local_date(app.clock.now()))
    session.commit()
    return _pdf(body, f"地块示意图{case.number}.pdf")


def _pdf(body: bytes, name: str) -> Response:
    """To look at in the browser, and to print from there."""
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = disposition(name, inline=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
