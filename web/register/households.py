"""One household with everything that belongs to it: 户地簿证 as one page."""

from flask import g, request
from flask.globals import request_ctx
from flask_babel import gettext as _

from engine.domain import masking
from engine.domain.errors import NotAllowed
from engine.domain.roles import may
from engine.queries.map import land_features
from engine.queries.parcel_units import units_on
from engine.queries.things.kinds import Named
from engine.queries.things.lineage import lineage
from engine.queries.things.past import household_past
from engine.queries.things.sheets import HouseholdSheet, household_sheet
from engine.usecases.note_read import SHORTEST_PURPOSE
from web.auth import needs
from web.db import office_session, running
from web.inbox.shell import printable
from web.register.around import Land, chain, decimals, noted, page
from web.register.asked import asking
from web.register.blueprint import blueprint
from web.register.drawn import drawn
from web.register.words import Words


@blueprint.get("/register/<code>")
@needs("register")
def household(code: str):
    return _page(code, "open", None)


@blueprint.post("/register/<code>/numbers")
@needs("unmask")
def numbers(code: str):
    """Identity numbers in full, on this one page, for a purpose that is recorded."""
    purpose = printable(request.form.get("purpose", ""))[:200]
    if len(purpose) < SHORTEST_PURPOSE:
        fault = _("请写明查看身份证号的用途，至少%(n)s个字", n=SHORTEST_PURPOSE)
        html, _status = _page(code, "open", None, fault)
        return html, 422
    return _page(code, "unmask", purpose)


def _page(code: str, action: str, purpose: str | None, fault: str | None = None):
    session, actor = office_session(), g.actor
    asked = asking(running().clock.now())
    sheet = household_sheet(session, actor, code, asked.when)
    noted(sheet.found, action, purpose)
    if action == "unmask" and not may(actor.role, "unmask"):
        raise NotAllowed("unmask", "您的岗位不能查看完整的身份证号")
    said = Words(
        decimals(session, actor.county),
        (lambda number: number or "") if action == "unmask" else masking.number,
    )
    kin = lineage(session, actor, "contractor", sheet.found.code, asked.when)
    about = [sheet.found.code, *(held.code for held in sheet.parcels)]
    name = sheet.found.version.name if sheet.found.version is not None else sheet.found.code
    return page(
        "register/household.html",
        sheet.found,
        asked,
        said,
        about,
        Land(sheet.found.code, about[1:], [held.row for held in sheet.parcels]),
        sheet=sheet,
        name=name,
        chain=lambda cases, held: chain(
            asked, "contractor", sheet.party, Named(sheet.found.code, name), [h.code for h in sheet.parcels],
            [one.contract for one in sheet.contracts], sheet.entries, cases, held,
        ),
        unmasked=action == "unmask",
        fault=fault,
        features=_features(sheet, not asked.past),
        past=household_past(session, actor, sheet.found),
        kin=kin,
        drawing=drawn(kin),
        sketch=sketch_of(sheet.found.code),
        units=units_on(session, actor, [held.code for held in sheet.parcels], sheet.found.when),
    )  # fmt: skip


def _features(sheet: HouseholdSheet, around: bool) -> dict:
    land = [
        (held.code, held.version.name, held.version.measured_area, held.outline)
        for held in sheet.parcels
        if held.version is not None and held.outline is not None
    ]
    return land_features(office_session(), g.actor, land, around)


def sketch_of(code: str) -> str | None:
    """Address of the printed parcel sketch, where this installation has one."""
    path = f"/register/{code}/sketch.pdf"
    adapter = request_ctx.url_adapter
    return path if adapter is not None and adapter.test(path, "GET") else None
