"""Open or download a paper of a case."""

from uuid import UUID

from flask import g, make_response, request
from flask.typing import ResponseReturnValue

from engine.domain.errors import Conflict
from engine.queries.case_file import find_paper
from engine.usecases.note_read import note_read
from web.auth import needs
from web.db import office_session, running
from web.inbox.blueprint import blueprint
from web.inbox.download import disposition

SHOWN = ("application/pdf", "image/jpeg", "image/png")  # may open in the browser; anything else is only saved


@blueprint.get("/papers/<uuid:paper_id>")
@needs("cases")
def paper(paper_id: UUID) -> ResponseReturnValue:
    """The file; with ?inline=1 to be looked at in the browser. Who opened it is recorded."""
    session, app = office_session(), running()
    found = find_paper(session, g.actor, paper_id)
    if found.status != "ready" or not found.sha256:
        raise Conflict("waiting", "这份文书正在生成，请过一会儿刷新页面再打开")
    note_read(session, app.clock, g.actor, "download", f"paper:{paper_id}", found.division)
    body, media_type = app.files.get(found.sha256), found.media_type
    name = found.file_name or found.title
    session.commit()
    inline = request.args.get("inline") == "1" and media_type in SHOWN
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type if media_type in SHOWN else "application/octet-stream"
    answer.headers["Content-Disposition"] = disposition(name, inline)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
