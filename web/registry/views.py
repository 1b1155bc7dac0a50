"""Hand-overs: the list, one with its receipt form, the registry's file of receipts, a workbook to take away."""

import tempfile
from pathlib import Path
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.documents.workbook import Heading, Sheet, write_workbook
from engine.domain.clock import SHANGHAI
from engine.domain.errors import Conflict, DomainError, Invalid
from engine.domain.roles import may
from engine.domain.unit_codes import PREFIX
from engine.exchange.hand_over_file import read_receipts
from engine.queries import registry
from engine.queries.scoped import full_place
from engine.usecases.note_read import note_read, note_search
from engine.usecases.registry import give_receipt, import_receipts
from web.auth import needs
from web.db import office_session, running
from web.errors import faults_of, message_of
from web.i18n import N_, in_words
from web.inbox.shell import asked_page, searched
from web.registry import archives, certificates, feed, words
from web.registry.attached import attached
from web.registry.blueprint import blueprint

__all__ = ["archives", "blueprint", "certificates", "feed"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_BYTES = 5 << 20
FIELDS = ("outcome", "on", "number", "certificate_number", "print_serial", "printed_on", "reason")


def asked_tab() -> str:
    tab = request.args.get("tab", "waiting")
    return tab if tab in registry.TABS else "waiting"


@blueprint.get("/registry")
@needs("registry")
def overview():
    return _overview()


def _overview(imported: list[Any] | None = None, trouble: str | None = None):
    session, tab, asked = office_session(), asked_tab(), searched()
    if asked:
        note_search(session, running().clock, g.actor, "registry", asked)
    page = asked_page()
    lines, more = registry.listing(session, g.actor, tab, asked, page)
    html = render_template(
        "registry/overview.html",
        tab=tab,
        words=asked,
        lines=lines,
        more=more,
        page=page,
        counts=registry.counts(session, g.actor),
        tabs=words.TABS,
        now=running().clock.now(),
        registrar=may(g.actor.role, "registrar"),
        imported=imported,
        trouble=trouble,
    )
    session.commit()
    return html


@blueprint.get("/registry/hand-overs/<key>")
@needs("registry")
def hand_over(key: str):
    return _one(key)


def _one(key: str, typed: Any = None, errors: dict[str, list[str]] | None = None, trouble: str | None = None):
    session, app = office_session(), running()
    line = registry.find(session, g.actor, key)
    note_read(session, app.clock, g.actor, "open", f"hand_over:{line.row.key}", line.row.division)
    html = render_template(
        "registry/one.html",
        line=line,
        attempts=registry.of_case(session, g.actor, line.case.id),
        typed=typed or {},
        errors=errors or {},
        trouble=trouble,
        now=app.clock.now(),
        registrar=may(g.actor.role, "registrar"),
    )
    session.commit()
    return html


@blueprint.post("/registry/hand-overs/<key>/receipt")
@needs("registrar")
def receipt(key: str):
    """The registry's answer as an officer types it; the case goes on by it at once."""
    session = office_session()
    key = registry.find(session, g.actor, key).row.key
    typed: dict[str, Any] = {name: request.form.get(name, "").strip() for name in FIELDS}
    typed["units"] = {
        name.removeprefix(PREFIX): value for name, value in request.form.items() if name.startswith(PREFIX)
    }
    try:
        give_receipt(session, running().clock, g.actor, key, typed)
        session.commit()
    except Invalid as error:
        session.rollback()
        return _one(key, typed, faults_of(error)), 422
    except DomainError as error:
        session.rollback()
        return _one(key, typed, trouble=message_of(error)), 409 if isinstance(error, Conflict) else 422
    flash(_("回执已登记。移交了几份的，回执都到了才转入下一环节。"), "success")
    return redirect(url_for("registry.hand_over", key=key), 303)


@blueprint.post("/registry/receipts")
@needs("registrar")
def receipts():
    """The registry's file of receipts, line by line: what can be taken is taken, the rest says why not."""
    session, given = office_session(), request.files.get("file")
    try:
        if given is None or not given.filename:
            raise Invalid({"file": [N_("请选择登记机构的回执文件")]})
        body = given.stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise Invalid({"file": [N_("回执文件太大，请分开导入")]})
        found = import_receipts(session, running().clock, g.actor, read_receipts(body))
        session.commit()
    except DomainError as error:
        session.rollback()
        told = next(iter(error.fields.values()))[0] if isinstance(error, Invalid) else None
        return _overview(trouble=in_words(told) if told else message_of(error)), 422
    return _overview(imported=found)


@blueprint.get("/registry/hand-overs/<key>/file")
@needs("registrar")
def file(key: str):
    """The signed file, to be carried over by hand."""
    session, app = office_session(), running()
    line = registry.find(session, g.actor, key)
    if not line.row.file:
        raise Conflict("waiting", "签名文件正在生成，请过一会儿再取")
    note_read(session, app.clock, g.actor, "download", f"hand_over:{line.row.key}", line.row.division)
    body = app.files.get(line.row.file)
    session.commit()
    return attached(body, f"{line.row.key}.zip", "application/zip")


@blueprint.get("/registry/workbook")
@needs("registry")
def workbook():
    """The tab that is on the screen, whole."""
    session, app, tab = office_session(), running(), asked_tab()
    now, asked = app.clock.now(), searched()
    note_read(session, app.clock, g.actor, "download", f"hand_overs:{tab}", g.actor.division)
    made = now.astimezone(SHANGHAI)
    facts = [
        full_place(session, g.actor.division),
        _(words.TABS[tab]),
        g.actor.name,
        f"{made:%Y-%m-%d %H:%M}",
    ]
    with tempfile.TemporaryDirectory(prefix="hand-overs-") as folder:
        path = Path(folder) / "book.xlsx"
        sheet = Sheet(_("登记移交"), _("不动产登记移交台账"), facts, headings(), _rows(session, tab, asked))
        write_workbook(path, [sheet], decimals=2, made=now, by=g.actor.name)
        body = path.read_bytes()
    session.commit()
    return attached(body, f"{_('不动产登记移交台账')}_{made:%Y-%m-%d}.xlsx", XLSX)


def headings() -> list[Heading]:
    return [
        Heading(_("业务号"), width=26), Heading(_("办件编号"), width=22), Heading(_("承包方（代表）"), width=14),
        Heading(_("承包方编码"), width=21), Heading(_("登记类型"), width=12), Heading(_("第几次"), "count", 8),
        Heading(_("移交日期"), "day", 12), Heading(_("状态"), width=16), Heading(_("办理期限至"), "day", 12),
        Heading(_("登记编号"), width=24), Heading(_("不动产权证号"), width=30), Heading(_("印刷序列号"), width=16),
        Heading(_("登记机构的理由"), width=30),
    ]  # fmt: skip


def _rows(session: Any, tab: str, asked: str):
    for line in registry.every(session, g.actor, tab, asked):
        row, told = line.row, line.row.receipt or {}
        due = line.due_at.astimezone(SHANGHAI).date() if line.due_at else None
        yield (
            row.key, line.case.number, line.contractor_name, line.contractor_code, words.kind(row.kind),
            line.nth, row.made_at.astimezone(SHANGHAI).date(), words.state_of(line)[0], due, told.get("number"),
            told.get("certificate_number"), told.get("print_serial"), told.get("reason"),
        )  # fmt: skip
