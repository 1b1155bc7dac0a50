"""The map of the scope's parcels and its table twin."""

from math import isfinite

from flask import g, jsonify, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import Refused
from engine.domain.roles import may
from engine.queries import map as parcels
from engine.queries.map import Box
from engine.usecases.note_read import note_read
from web.auth import needs
from web.db import office_session, running
from web.inbox.shell import asked_page, same_list
from web.map.blueprint import blueprint


@blueprint.get("/map")
@needs("map")
def overview():
    """A division's parcels; of a wide scope one is asked to choose a village first."""
    session, actor = office_session(), g.actor
    divisions = parcels.divisions(session, actor)
    division = _division()
    lines, total, page = parcels.parcel_lines(session, actor, division, asked_page())
    note_read(session, running().clock, actor, "open", f"map:{division}", division)
    html = render_template(
        "map/overview.html",
        divisions=divisions,
        division=division,
        here=next((d for d in divisions if d.code == division), None),
        lines=lines,
        total=total,
        pages=max(1, -(-total // parcels.PAGE)),
        page=page,
        most=parcels.MOST,
        zone=parcels.zone(session, actor.county),
        same_list=same_list,
    )
    session.commit()
    return html


@blueprint.get("/map/parcels.geojson")
@needs("map")
def features():
    """Parcels of ?division= within ?bbox=west,south,east,north in metres, at most 3,000."""
    found = parcels.parcels_in(office_session(), g.actor, _division(), _box())
    for drawn in found["features"]:
        code = drawn["properties"].pop("holder_code")
        if code and may(g.actor.role, "register"):
            drawn["properties"]["href"] = url_for("register.household", code=code)
    answer = jsonify(found)
    answer.headers["Content-Type"] = "application/geo+json"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _division() -> str:
    """The division asked for, if it lies in the scope; else the whole scope."""
    asked, own = request.args.get("division", ""), g.actor.division
    return asked if asked.isdigit() and len(asked) <= 14 and asked.startswith(own) else own


def _box() -> Box | None:
    asked = request.args.get("bbox")
    if not asked:
        return None
    try:
        west, south, east, north = (float(part) for part in asked.split(","))
    except ValueError:
        raise Refused("bbox", _("范围应为四个数：西,南,东,北")) from None
    if not all(map(isfinite, (west, south, east, north))) or west >= east or south >= north:
        raise Refused("bbox", _("范围应为四个数：西,南,东,北"))
    return west, south, east, north
