"""Files in parts, as tus 1.0.0 has them (creation and termination): begin, ask how far, send on, give up.

The pages use it where JavaScript runs (frontend/src/site/uploads.js); without it files come with the form.
"""

import base64
import binascii
from uuid import UUID

from flask import Blueprint, Response, abort, g, jsonify, request, url_for

from engine.domain.errors import DomainError
from engine.usecases.portal_parts import MOST_IN_PART, add_part, begin_parts, give_up, part_upload
from web.db import portal_session, running
from web.errors import message_of, status_of
from web.limits import limiter
from web.portal.access import own
from web.portal.filling import filling
from web.portal.pages import find

VERSION = "1.0.0"
PART = "application/offset+octet-stream"


def add_routes(blueprint: Blueprint) -> None:
    one = "/portal/parts/<uuid:part_id>"
    blueprint.post("/portal/applications/<uuid:draft_id>/parts/<slug>")(
        limiter.limit("60/minute")(own(begin_upload))
    )
    blueprint.get(one)(own(how_far))  # and HEAD
    blueprint.route(one, methods=["PATCH"])(limiter.limit("600/minute")(own(send_on)))
    blueprint.delete(one)(own(drop_upload))


def begin_upload(draft_id: UUID, slug: str):
    """201 with Location. Upload-Length: bytes; Upload-Metadata: filename in base64."""
    here = filling(draft_id)
    page = find(here.pages, slug)
    if page is None or page.paper is None or here.draft.submitted:
        abort(404)
    length = request.headers.get("Upload-Length", "")
    if not (length.isascii() and length.isdigit() and len(length) < 12):
        abort(400)
    try:
        row = begin_parts(
            portal_session(),
            running().clock,
            g.applicant,
            page.paper,
            _named(request.headers.get("Upload-Metadata", "")),
            int(length),
            here.limits(page.paper),
        )
    except DomainError as refused:
        return _told(refused)
    answer = Response(status=201)
    answer.headers["Location"] = url_for("portal.how_far", part_id=row.id)
    return _tus(answer)


def _named(metadata: str) -> str:
    """The value of ``filename`` among tus's comma-separated pairs."""
    for pair in metadata.split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode("utf-8")[:300]
            except (binascii.Error, UnicodeDecodeError):
                return "file"
    return "file"


def how_far(part_id: UUID):
    """Upload-Offset: the byte to go on with. The body says which upload it became, once it is whole."""
    row = part_upload(portal_session(), g.applicant, part_id)
    portal_session().rollback()
    return _state(jsonify(upload=str(row.upload_id) if row.upload_id else None), row.received, row.size)


def send_on(part_id: UUID):
    """One part at Upload-Offset. A part that did not come whole is not kept: it is sent again."""
    offset = request.headers.get("Upload-Offset", "")
    if request.mimetype != PART or not (offset.isascii() and offset.isdigit() and len(offset) < 12):
        abort(415 if request.mimetype != PART else 400)
    body = request.stream.read(MOST_IN_PART + 1)
    if request.content_length is not None and len(body) != min(request.content_length, MOST_IN_PART + 1):
        abort(400)
    try:
        row = add_part(portal_session(), running().clock, g.applicant, part_id, int(offset), body)
    except DomainError as refused:
        return _told(refused)
    done = str(row.upload_id) if row.upload_id else None
    return _state(jsonify(upload=done), row.received, row.size)


def drop_upload(part_id: UUID):
    give_up(portal_session(), g.applicant, part_id)
    return _tus(Response(status=204))


def _state(answer: Response, received: int, size: int) -> Response:
    answer.headers["Upload-Offset"], answer.headers["Upload-Length"] = str(received), str(size)
    return _tus(answer)


def _told(refused: DomainError) -> tuple[Response, int]:
    return _tus(jsonify(message=message_of(refused))), status_of(refused)


def _tus(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = VERSION
    answer.headers["Cache-Control"] = "no-store"
    return answer
