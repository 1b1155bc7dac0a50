"""Select cases by drawing on the map. The page hands the area on to the list; a village is chosen without drawing."""

from flask import g, jsonify, render_template, request

from engine.queries import map as parcels
from engine.queries.divisions import to_choose_from
from engine.queries.inbox_held import MOST, held_land
from engine.usecases.note_read import note_read
from web.auth import needs
from web.db import office_session, running
from web.inbox.asked import asked_tab
from web.inbox.blueprint import blueprint


@blueprint.get("/inbox/map")
@needs("inbox")
def on_map():
    session, division = office_session(), _division()
    rows = held_land(session, g.actor, division)
    note_read(session, running().clock, g.actor, "open", f"map:inbox:{division}", division)
    page = render_template(
        "inbox/on_map.html",
        tab=asked_tab(),
        division=division,
        divisions=to_choose_from(session, g.actor, division),
        rows=rows,
        most=MOST,
        extent=parcels.extent(session, g.actor, division),
        zone=parcels.zone(session, g.actor.county),
    )
    session.commit()
    return page


@blueprint.get("/inbox/map.geojson")
@needs("inbox")
def on_map_land():
    """The land of open cases, drawn dark, among the division's parcels."""
    session, division = office_session(), _division()
    found = parcels.parcels_in(session, g.actor, division)
    held = {row.parcel for row in held_land(session, g.actor, division)}
    for one in found["features"]:
        one["properties"]["layer"] = "after" if one["properties"]["code"] in held else "parcel"
        one["properties"].pop("holder", None)
        one["properties"].pop("holder_code", None)
    answer = jsonify(found)
    answer.headers["Content-Type"] = "application/geo+json"
    return answer


def _division() -> str:
    asked, own = request.args.get("division", ""), g.actor.division
    inside = asked.isascii() and asked.isdigit() and len(asked) <= 14 and asked.startswith(own)
    return asked if inside else own
