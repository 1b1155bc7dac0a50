"""The map of the scope's parcels, its table twin, and the features that scripts and programs ask for."""

from datetime import date, timedelta
from typing import Any

from flask import Response, current_app, g, json, render_template, request, url_for

from engine.domain.clock import local_date
from engine.domain.errors import NotFound
from engine.domain.roles import may
from engine.domain.tiles import DEEPEST, NORTH, POINTS, WIDEST
from engine.exchange.standard import codes
from engine.queries import map as parcels
from engine.queries import map_changes, map_marks, tiles
from engine.queries.as_of import When
from engine.queries.map_changes import Changes
from engine.usecases.note_read import note_read, note_search
from web.auth import needs
from web.db import office_session, running
from web.i18n import in_words, lang
from web.inbox.shell import asked_page, same_list, searched
from web.map.asked import asked_box, asked_day, asked_days, asked_division, asked_when, then
from web.map.blueprint import blueprint
from web.map.chosen import chosen

ASKED = ("division", "day", "known")  # what narrows tiles and features


@blueprint.get("/map")
@needs("map")
def overview():
    """The whole scope, or a division of it, now or on a day; what was sought and which parcel was chosen."""
    session, actor, clock = office_session(), g.actor, running().clock
    days = asked_days()
    when, since = days.when, days.since
    words, division = searched(), asked_division()
    divisions = parcels.divisions(session, actor)
    found = parcels.parcel_lines(session, actor, division, asked_page(), words, when)
    if words:
        note_search(session, clock, actor, "map", words)
    note_read(session, clock, actor, "open", f"map:{division}", division)
    changed = map_changes.changes(session, actor, division, since, then(when)) if since else None
    facts, missing = _chosen(when, since)
    today = local_date(clock.now())
    html = render_template(
        "map/overview.html",
        divisions=divisions,
        division=division,
        here=next((d for d in divisions if d.code == division), None),
        words=words,
        when=when,
        since=since,
        today=today,
        first_day=tiles.first_day(session, actor) or today,
        days=days,
        faults=days.faults or ({"q": [missing]} if missing else {}),
        changes=changed,
        lines=found.lines,
        total=found.total,
        pages=found.pages,
        page=found.page,
        chosen=facts,
        zone=parcels.zone(session, actor.county),
        extent=found.extent or parcels.extent(session, actor, division or actor.division),
        grid=grid(),
        narrowed=narrowed,
        categories=codes("C.7", lang()),
        mu_of=lambda area: parcels.mu_text(session, actor, area),
        same_list=same_list,
    )
    session.commit()
    return html, days.status


def _chosen(when: When | None, since: date | None) -> tuple[dict[str, Any] | None, str | None]:
    """The parcel of ?parcel= and, where there is none, why; one that ended meanwhile as it was on the earlier day."""
    asked, day = request.args.get("parcel"), then(when)
    missing = None
    for moment in (day, When(since, day.known)) if since else (day,):
        if asked:
            try:
                return chosen(asked, moment), None
            except NotFound as error:
                missing = missing or in_words(error.said)
    return None, missing


def grid() -> dict[str, Any]:
    """What a script must know to ask for tiles: see engine.domain.tiles."""
    return {"widest": WIDEST, "north": NORTH, "points": POINTS, "deepest": DEEPEST}


def narrowed(endpoint: str, **values: Any) -> str:
    """An address of tiles or features for what this page shows: today where its own address names no day."""
    names = ASKED[:1] if asked_days().faults else ASKED
    asked = {name: request.args[name] for name in names if request.args.get(name)}
    return url_for(endpoint, **{name: value for name, value in (asked | values).items() if value})


@blueprint.get("/map/parcels.geojson")
@needs("map")
def features():
    """Parcels of ?division= within ?bbox=west,south,east,north in metres, on ?day=, at most 3,000."""
    found = parcels.parcels_in(office_session(), g.actor, asked_division(), asked_box(), asked_when())
    for drawn in found["features"]:
        code = drawn["properties"].pop("holder_code")
        if code and may(g.actor.role, "register"):
            drawn["properties"]["href"] = url_for("register.household", code=code)
    return geojson(found)


@blueprint.get("/map/marks.geojson")
@needs("map")
def marks():
    """Points of what is under way in ?division=: open cases, disputes, mortgages, seizures, transfers."""
    today = local_date(running().clock.now())
    return geojson(map_marks.marks(office_session(), g.actor, asked_division(), today))


@blueprint.get("/map/changes.geojson")
@needs("map")
def changes():
    """What changed in ?division= from ?since= (a year before) to ?day=, with outlines before and after."""
    return geojson(map_changes.as_features(asked_changes()))


def asked_changes() -> Changes:
    when = then(asked_when())
    since = asked_day("since") or when.day - timedelta(days=365)
    return map_changes.changes(office_session(), g.actor, asked_division(), since, when)


def geojson(found: dict[str, Any]) -> Response:
    """About land and who holds it: no cache keeps it."""
    answer = current_app.response_class(json.dumps(found), mimetype="application/geo+json")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
