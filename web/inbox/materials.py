"""Files handed in with a form: kept at once, so that no other fault of the form loses them."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from flask import g, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from engine.domain.case_type import CaseType
from engine.domain.errors import DomainError
from engine.queries.case_file import own_papers
from engine.store.tables.cases import Case, Paper
from engine.usecases.add_material import add_material
from forms import UploadRefused
from web.db import running
from web.errors import message_of
from web.i18n import lang

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ANY_PAPER = {"media_types": ["image/jpeg", "image/png", "application/pdf"], "max_mb": 10}


class Keeper:
    """The form's ``store``: takes a file in, in a transaction of its own, within its paper kind's limits.

    ``files`` are the files that the form may name; what is taken in joins them. ``refused`` says by input what
    was not taken, for pages that do not check the form.
    """

    def __init__(self, case_type: CaseType, files: dict[str, dict[str, Any]]):
        self.case_type, self.files = case_type, files
        self.refused: dict[str, list[str]] = {}

    def __call__(self, upload: FileStorage, name: str, kind: str | None) -> str:
        limits = self.case_type.papers.get(kind or "", ANY_PAPER)
        app, max_mb = running(), int(limits["max_mb"])
        body = upload.stream.read(max_mb * 1024 * 1024 + 1)
        try:
            with app.sessions(g.actor.scope) as session:
                allowed = list(limits["media_types"])
                file_name = upload.filename or "file"
                paper_id = add_material(
                    session, app.clock, app.files, g.actor, body, file_name, kind or "other", allowed, max_mb
                )
                session.commit()
                self.files[str(paper_id)] = shown_paper(session.get_one(Paper, (g.actor.county, paper_id)))
        except DomainError as error:
            message = message_of(error)
            self.refused.setdefault(name, []).append(message)
            raise UploadRefused(message, message) from None
        return str(paper_id)


def shown_paper(paper: Paper) -> dict[str, Any]:
    """A file as forms and lists show it."""
    address = url_for("inbox.paper", paper_id=paper.id, inline=1)
    return {"id": str(paper.id), "name": paper.file_name or paper.title, "size": paper.size, "url": address}


def usable_files(session: Session, case: Case | None, *sources: Any) -> dict[str, dict[str, Any]]:
    """The files that the answers name and this person may use."""
    ids = sorted({found for source in sources for found in ids_within(source)})
    return {str(paper.id): shown_paper(paper) for paper in own_papers(session, g.actor, case, ids)}


def ids_within(value: Any) -> Iterable[str]:
    """Everything among the answers that looks like a file's id."""
    if isinstance(value, str):
        if _ID.fullmatch(value):
            yield value
    elif isinstance(value, MultiDict):
        for _name, listed in value.lists():
            yield from ids_within(listed)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from ids_within(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from ids_within(inner)


def posted_key() -> str:
    """The form's own number, under which it is sent once; whatever else was put there is left out."""
    return re.sub(r"[^0-9A-Za-z-]", "", request.form.get("key", ""))[:64]


def posted_body() -> dict[str, Any]:
    """What was posted, for telling a repeated request from a changed one: fields, and files by their content."""
    fields = sorted((k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "key"))
    files = []
    for name, upload in request.files.items(multi=True):
        if upload.filename:
            files.append(
                [name, upload.filename, hashlib.file_digest(cast(Any, upload.stream), "sha256").hexdigest()]
            )
            upload.stream.seek(0)
    return {"fields": [list(pair) for pair in fields], "files": sorted(files), "lang": lang()}
