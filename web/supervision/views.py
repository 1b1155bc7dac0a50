"""Rented land: who owes rent, what inspections found and what came of it; the deposits of business capital."""

import tempfile
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.roles import may_act
from engine.queries import supervision as queries
from engine.queries.scoped import places
from engine.usecases import supervision as does
from engine.usecases.note_read import note_read
from web.asked_page import asked_page
from web.auth import needs
from web.db import office_session, running
from web.i18n import lang
from web.inbox.download import disposition
from web.inbox.shell import same_list, searched, staff_shell
from web.packages.workbooks import write_workbook
from web.supervision import board, words
from web.supervision.acting import attempt
from web.supervision.asked import INSPECTION, TERMS

blueprint = Blueprint("supervision", __name__)
blueprint.context_processor(staff_shell)
board.add_routes(blueprint)
SHOWN = 50  # rows of a page
AHEAD, BEHIND = timedelta(days=60), timedelta(days=60)  # of the calendar
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.context_processor
def helpers():
    return {
        "same_list": same_list,
        "w": words,
        "acts": may_act(g.actor.role, "supervision") if g.actor else False,
    }


def today():
    return local_date(running().clock.now())


def turned(more: bool) -> dict[str, str | None]:
    """Addresses of the pages before and after the one that is shown."""
    page = asked_page()
    return {
        "before": same_list(page=page - 1 if page > 2 else None) if page > 1 else None,
        "after": same_list(page=page + 1) if more else None,
    }


def asked_state() -> str:
    state = request.args.get("state", "all")
    return state if state in queries.STATES else "all"


@blueprint.get("/supervision")
@needs("supervision")
def overview():
    session, state, sought = office_session(), asked_state(), searched()
    start = (asked_page() - 1) * SHOWN
    found = list(islice(queries.lines(session, g.actor, today(), state, sought), start, start + SHOWN + 1))
    named = places(session, {line.transfer.division for line in found})
    page = render_template(
        "supervision/list.html",
        lines=found[:SHOWN],
        state=state,
        sought=sought,
        named=named,
        **turned(len(found) > SHOWN),
    )
    session.rollback()
    return page


@blueprint.get("/supervision/calendar")
@needs("supervision")
def calendar():
    start = (asked_page() - 1) * SHOWN
    rows = queries.calendar(office_session(), g.actor, today() - BEHIND, today() + AHEAD, start, SHOWN + 1)
    shown = [
        (payment, terms, queries.state_of(payment.due_on, payment.paid_on, today()))
        for payment, terms in rows[:SHOWN]
    ]
    return render_template("supervision/calendar.html", rows=shown, **turned(len(rows) > SHOWN))


@blueprint.get("/supervision/export")
@needs("supervision")
def export():
    """The filtered list as a workbook."""
    session, actor = office_session(), g.actor
    note_read(session, running().clock, actor, "download", "supervision", actor.division)
    session.commit()
    heads = [_("流转合同编号"), _("受让方"), _("付款人"), _("电话"), _("期限起"), _("期限止"), _("状态"), _("逾期租金（元）"), _("下次付款日"), _("未处理问题")]  # fmt: skip
    rows = (_cells(line) for line in queries.lines(session, actor, today(), asked_state(), searched()))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it is sent
    write_workbook(file, _("流转土地监管台账"), heads, rows)
    session.rollback()
    file.seek(0)
    answer = Response(file.read(), mimetype=XLSX)
    answer.headers["Content-Disposition"] = disposition(_("流转土地监管台账") + ".xlsx")
    return answer


def _cells(line: queries.Line) -> list[Any]:
    row, terms = line.transfer, line.terms
    return [
        row.number,
        row.recipient,
        terms.payer if terms else None,
        terms.phone if terms else None,
        row.term_start.isoformat(),
        row.term_end.isoformat(),
        words.said(words.PAYING, line.state),
        float(line.owed),
        line.next_due.isoformat() if line.next_due else None,
        line.open_findings,
    ]


@blueprint.get("/supervision/transfers/<transfer>")
@needs("supervision")
def one(transfer: str):
    return _one(transfer)


def _one(
    transfer: str,
    terms: tuple[dict[str, Any] | None, dict[str, list[str]]] = (None, {}),
    inspection: tuple[dict[str, Any] | None, dict[str, list[str]]] = (None, {}),
    trouble: str | None = None,
):
    session = office_session()
    found = queries.watched(session, g.actor, transfer, today())
    known = found.line.terms
    agreed = {
        "payer": known.payer,
        "phone": known.phone,
        "yearly_yuan": str(known.yearly_yuan),
        "every_months": str(known.every_months),
        "first_due": known.first_due.isoformat(),
        "raise_years": str(known.raise_years or ""),
        "raise_percent": f"{known.raise_percent.normalize():f}" if known.raise_years else "",
    } if known else {"payer": found.line.transfer.recipient, "phone": found.line.transfer.phone}  # fmt: skip
    looked = {"inspected_on": today().isoformat(), "inspector": g.actor.name}
    return render_template(
        "supervision/one.html",
        found=found,
        transfer=found.line.transfer,
        place=places(session, {found.line.transfer.division})[found.line.transfer.division],
        terms=TERMS.view(terms[0] or agreed, terms[1], lang()),
        inspection=INSPECTION.view(inspection[0] or looked, inspection[1], lang()),
        errors={} if trouble else terms[1] | inspection[1],
        trouble=trouble,
        today=today(),
    )


@blueprint.post("/supervision/transfers/<transfer>/terms")
@needs("supervision")
def terms(transfer: str):
    data, errors = TERMS.read(request.form, lang=lang())
    errors = errors or attempt(lambda s, c: does.set_terms(s, c, g.actor, transfer, data))
    return _done(transfer, _("租金约定已登记"), errors, {"terms": (TERMS.draft(request.form), errors)})


@blueprint.post("/supervision/transfers/<transfer>/inspections")
@needs("supervision")
def inspections(transfer: str):
    data, errors = INSPECTION.read(request.form, lang=lang())
    photo = request.files.get("photo")
    posted = (
        (photo.filename or "", photo.stream.read(does.PHOTO_MB * 2**20 + 1))
        if photo and photo.filename
        else None
    )
    errors = errors or attempt(
        lambda s, c: does.record_inspection(s, c, g.actor, transfer, data, posted, running().files)
    )
    return _done(
        transfer, _("检查情况已登记"), errors, {"inspection": (INSPECTION.draft(request.form), errors)}
    )


@blueprint.post("/supervision/transfers/<transfer>/payments/<uuid:payment>/paid")
@needs("supervision")
def paid(transfer: str, payment: UUID):
    errors = attempt(lambda s, c: does.record_paid(s, c, g.actor, transfer, payment, dict(request.form)))
    return _done(transfer, _("付款已登记"), errors)


@blueprint.post("/supervision/transfers/<transfer>/payments/<uuid:payment>/remind")
@needs("supervision")
def remind(transfer: str, payment: UUID):
    errors = attempt(lambda s, c: does.remind(s, c, g.actor, transfer, payment))
    return _done(transfer, _("已发短信提醒付款人"), errors)


@blueprint.post("/supervision/transfers/<transfer>/inspections/<int:number>/follow-up")
@needs("supervision")
def follow_up(transfer: str, number: int):
    errors = attempt(lambda s, c: does.follow_up(s, c, g.actor, transfer, number, dict(request.form)))
    return _done(transfer, _("处理情况已登记"), errors)


Errors = dict[str, list[str]]


def _done(transfer: str, told: str, errors: Errors, kept: dict[str, Any] | None = None):
    if not errors:
        flash(told, "success")
        return redirect(url_for("supervision.one", transfer=transfer), 303)
    trouble = (
        None if kept and "" not in errors else "；".join(text for texts in errors.values() for text in texts)
    )
    return _one(transfer, **(kept or {}) if trouble is None else {}, trouble=trouble), g.get("refused", 422)


@blueprint.get("/supervision/deposits")
@needs("supervision")
def deposits():
    return _deposits()


def _deposits(errors: Errors | None = None, number: str = ""):
    """``number``: of the review whose form was refused; it stays open, with what was typed."""
    session = office_session()
    rows = queries.reviews(session, g.actor, (asked_page() - 1) * SHOWN, SHOWN + 1)
    return render_template(
        "supervision/deposits.html",
        rows=rows[:SHOWN],
        moves=queries.deposit_moves(session, g.actor, [case for _row, case, _left in rows]),
        typed={number: request.form},
        errors=errors or {},
        today=today(),
        **turned(len(rows) > SHOWN),
    )


@blueprint.post("/supervision/deposits/<number>")
@needs("supervision")
def move(number: str):
    errors = attempt(lambda s, c: does.move_deposit(s, c, g.actor, number, dict(request.form)))
    if errors:
        return _deposits(errors, number), g.get("refused", 422)
    flash(_("已登记"), "success")
    return redirect(url_for("supervision.deposits"), 303)
