"""Select cases by drawing on the map. The page hands the area on to the list; a village is chosen without drawing."""

from flask import g, render_template

from engine.queries import map as parcels
from engine.queries.divisions import to_choose_from
from engine.queries.inbox_held import MOST, held_land, land_to_choose_on
from engine.usecases.note_read import note_read
from web.auth import needs
from web.db import office_session, running
from web.inbox.asked import asked_tab
from web.inbox.blueprint import blueprint
from web.map.asked import asked_box, asked_division
from web.map.parcels import geojson


@blueprint.get("/inbox/map")
@needs("inbox")
def on_map():
    session, division = office_session(), asked_division()
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
    return geojson(land_to_choose_on(office_session(), g.actor, asked_division(), asked_box()))
