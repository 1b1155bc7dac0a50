"""The view that is on the screen as a sheet to print: a page of its own, which the browser prints or saves as PDF."""

from typing import Any

import shapely
from flask import g, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from engine.documents.map_sheet import SheetParcel, frame_of, scale_for, sheet_svg
from engine.exchange.standard import codes
from engine.queries import map as parcels
from engine.usecases.note_read import note_read
from web.auth import needs
from web.db import office_session, running
from web.i18n import lang
from web.map.asked import asked_box, asked_division, asked_when, then
from web.map.blueprint import blueprint

MOST = 6000  # parcels on a sheet: finer ones cannot be told apart on paper


@blueprint.get("/map/print")
@needs("map")
def printed():
    """?bbox= is what is to be on the sheet; without it all of ?division=."""
    session, actor, when, division = office_session(), g.actor, asked_when(), asked_division()
    view = asked_box() or parcels.extent(session, actor, division, when)
    note_read(session, running().clock, actor, "open", f"map:print:{division}", division)
    svg, found = None, dict[str, Any](features=[], truncated=False)
    if view:
        frame = frame_of(*view)
        found = parcels.parcels_in(session, actor, division, frame, when, MOST)
        drawn = [
            SheetParcel(
                one["properties"]["code"],
                one["properties"]["name"],
                one["properties"]["area"],
                one["properties"]["category"],
                shapely.geometry.shape(one["geometry"]),
            )
            for one in found["features"]
        ]
        used = {parcel.category for parcel in drawn}
        names = {code: name for code, name in codes("C.7", lang()).items() if code in used}
        svg = Markup(sheet_svg(drawn, frame, names, request.args.get("parcel", ""), _("承包地块图")))
    html = render_template(
        "map/print.html",
        svg=svg,
        scale=scale_for(*view) if view else None,
        truncated=found["truncated"],
        count=len(found["features"]),
        here=next((d for d in parcels.divisions(session, actor) if d.code == division), None),
        day=then(when).day,
        known=when.known if when else None,
        printed_at=running().clock.now(),
    )
    session.commit()
    return html
