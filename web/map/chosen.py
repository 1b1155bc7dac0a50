"""The parcel that was chosen on the map: what it is, whose it is, and the ways from it. Who looked is recorded."""

import re

from flask import g, render_template
from flask_babel import gettext as _

from engine.domain.errors import NotFound
from engine.exchange.standard import label
from engine.queries.as_of import When
from engine.queries.household import location
from engine.queries.map import feature, mu_text
from engine.queries.parcel_facts import ParcelFacts, parcel_facts
from engine.usecases.note_read import note_read
from web.auth import needs
from web.db import office_session, running
from web.i18n import N_, lang
from web.map.asked import asked_when, then
from web.map.blueprint import blueprint

_CODE = re.compile(r"[0-9A-Za-z]{1,30}")
HOLDS = {
    "dispute": N_("争议"),
    "mortgage": N_("抵押"),
    "seizure": N_("查封"),
    "transfer": N_("流转"),
}
STATES = {"valid": N_("有效"), "void": N_("已作废"), "destroyed": N_("已收回"), "cancelled": N_("已注销")}


@blueprint.get("/map/parcels/<parcel>")
@needs("map")
def parcel(parcel: str):
    """The panel alone, for scripts: the page /map?parcel= shows the same."""
    found = chosen(parcel, then(asked_when()))
    html = render_template("map/_parcel.html", chosen=found)
    office_session().commit()
    return html


def chosen(code: str, when: When) -> dict:
    """What the panel's template is given. NotFound where there was no such parcel in the scope."""
    session, actor = office_session(), g.actor
    if not _CODE.fullmatch(code):
        raise NotFound("parcel", _("没有找到这块地，请核对编码"))
    facts = parcel_facts(session, actor, code, when)
    note_read(session, running().clock, actor, "open", f"parcel:{code}", facts.division)
    land = facts.past.parcel
    return {
        "facts": facts,
        "land": land,
        "when": when,
        "mu": lambda area: mu_text(session, actor, area),
        "sides": location(land.east, land.south, land.west, land.north),
        "code_label": lambda list_id, value: label(list_id, value, lang()),
        "holds": [(_(HOLDS.get(hold.kind, hold.kind)), hold) for hold in facts.holds],
        "state": lambda value: _(STATES.get(value, value)) if value else "",
        "feature": drawn(facts),
    }


def drawn(facts: ParcelFacts) -> dict:
    land = facts.past.parcel
    return feature(land.code, land.name, land.measured_area, facts.outline, "parcel")
