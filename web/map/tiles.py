"""Vector tiles: kept in the server's cache and the browser's, both asked again each time, so a change shows at once."""

import gzip

from flask import Response, g, request

from engine.domain.tiles import tile as square
from engine.queries.tiles import revision, tile_of
from engine.store.register import county_of
from web import tile_cache
from web.auth import needs
from web.db import office_session
from web.map.asked import asked_division, asked_when
from web.map.blueprint import blueprint

MEDIA = "application/vnd.mapbox-vector-tile"
MADE_BY = "2"  # counts up when the same rows give other tiles


@blueprint.get("/map/tiles/<int:level>/<int:column>/<int:row>")
@needs("map")
def tile(level: int, column: int, row: int):
    return answer_tile(level, column, row)


def answer_tile(level: int, column: int, row: int) -> Response:
    """A tile of ?division=, ?day=, ?known= for g.actor; 304 where the browser has this very one."""
    asked, when, division = square(level, column, row), asked_when(), asked_division()
    session, actor = office_session(), g.actor
    county = county_of(session, actor.county)
    decimals = county.settings.get("mu_decimals", 2)
    facts = (MADE_BY, actor.county, actor.scope, division, revision(session, actor, division), decimals)
    # As known now is the same until the revision changes; only what was known on a day is a time of its own.
    past = (when.day, request.args.get("known", "")) if when else ()
    key = tile_cache.digest(repr((facts, past, asked)))
    answer = Response(mimetype=MEDIA)
    tag = key.hex()[:32]
    answer.set_etag(tag)
    answer.headers["Cache-Control"] = "private, no-cache"  # kept, but asked about each time
    answer.vary.update(("Accept-Encoding", "Authorization", "Cookie"))
    if tag in request.if_none_match:
        answer.status_code = 304
        return answer
    body = tile_cache.kept(key)
    if body is None:
        body = tile_cache.packed(tile_of(session, actor, county, asked, division, when))
        session.commit()  # outlines that were drawn anew
        tile_cache.keep(key, body)
    if "gzip" in request.accept_encodings:
        answer.headers["Content-Encoding"] = "gzip"
        answer.set_data(body)
    else:
        answer.set_data(gzip.decompress(body))
    return answer
