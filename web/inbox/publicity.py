"""公示和异议: where a case's content hangs, photographs of each place, objections; and withdrawing for the applicant."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

import forms
from engine.domain.errors import DomainError, Invalid
from engine.queries.publicity import shown_of
from engine.queries.scoped import visible_case
from engine.store.tables.cases import Case
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.note_read import note_read
from engine.usecases.procedures import procedure_of
from engine.usecases.prove_publicity import PHOTO, prove_publicity
from engine.usecases.raise_objection import RECORDERS, raise_objection
from engine.usecases.report_death import may_report_death, report_death
from engine.usecases.withdraw_case import ON_BEHALF, may_withdraw, withdraw_case
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import N_, lang
from web.inbox.blueprint import blueprint
from web.inbox.history_words import objection_outcome
from web.inbox.materials import Keeper, posted_body, posted_key, usable_files

HERE = Path(__file__).parent / "forms"
OBJECTION, WITHDRAWAL = (forms.load(HERE / f"{name}.yaml") for name in ("objection", "withdrawal"))
CATEGORIES = {
    "head": N_("户主"),
    "member": N_("家庭成员"),
    "parcel": N_("承包地块"),
    "priority": N_("主张优先权"),
    "other": N_("其他"),
}
SUBJECTS = {"contract": N_("合同公示"), "survey": N_("测绘公示"), "transfer": N_("流转公示")}
CHANNELS = {"counter": N_("当面提出"), "portal": N_("网上提出"), "api": N_("其他系统转来")}


@blueprint.get("/cases/<number>/publicities")
@needs("cases")
def publicities(number: str):
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "open", f"case:{found.number}", found.division)
    page = _page(session, found, None, {})
    session.commit()
    return page


@blueprint.post("/cases/<number>/objections")
@needs("cases")
def objection_now(number: str):
    """Recorded once for a key; what was typed is kept where something is missing."""
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    keeper = Keeper(procedure_of(session, found).case_type, usable_files(session, None, request.form))
    key, body = f"objection:{found.number}:{posted_key()}", posted_body()
    data: dict[str, Any] = {}
    try:
        if earlier_answer(session, g.actor, key, body) is None:
            context = {"files": keeper.files}
            data, errors = OBJECTION.read(
                request.form, lang=lang(), context=context, files=request.files, store=keeper
            )
            if errors:
                raise Invalid(errors)
            row = raise_objection(session, app.clock, g.actor, **_said(data))
            remember_answer(session, app.clock, g.actor, key, body, {"number": row.number})
            session.commit()
    except DomainError as error:
        session.rollback()
        found = visible_case(session, g.actor, number)
        return _page(session, found, data, _texts(error), _trouble(error)), status_of(error)
    return redirect(url_for("inbox.publicities", number=number), 303)


def _said(data: dict[str, Any]) -> dict[str, Any]:
    """The form's answers as the use case takes them."""
    papers = (data.get("papers") or {}).get("objection_evidence") or []
    return {
        "publicity_id": _uuid(request.form.get("publicity", "")),
        "objector": data["objector"],
        "phone": data.get("phone"),
        "category": data["category"],
        "text": data["text"],
        "raised_on": _date(data.get("raised_on")),
        "evidence": [UUID(paper) for paper in papers],
    }


@blueprint.post("/cases/<number>/publicities/<publicity_id>/photos")
@needs("cases")
def photo_now(number: str, publicity_id: str):
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    keeper = Keeper(procedure_of(session, found).case_type, {})
    upload = request.files.get("photo")
    try:
        if upload is None or not upload.filename:
            raise Invalid({"photo": [_("请选择照片")]})
        paper = keeper(upload, "photo", PHOTO)
        place = request.form.get("place", "")
        at = int(place) if place.isascii() and place.isdigit() and len(place) < 5 else -1
        prove_publicity(session, app.clock, g.actor, _uuid(publicity_id), at, UUID(paper))
        session.commit()
    except forms.UploadRefused as error:
        session.rollback()
        return _page(session, visible_case(session, g.actor, number), None, {}, str(error)), 422
    except DomainError as error:
        session.rollback()
        found = visible_case(session, g.actor, number)
        return _page(session, found, None, _texts(error), _trouble(error)), status_of(error)
    return redirect(url_for("inbox.publicities", number=number), 303)


@blueprint.get("/cases/<number>/withdrawal")
@needs("cases")
def withdrawal(number: str):
    session = office_session()
    found = visible_case(session, g.actor, number)
    return _withdrawal(session, found, None, {})


@blueprint.post("/cases/<number>/withdrawal")
@needs("cases")
def withdrawal_now(number: str):
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    data, errors = WITHDRAWAL.read(request.form, lang=lang())
    try:
        if errors:
            raise Invalid(errors)
        withdraw_case(session, app.clock, g.actor, found.number, data["reason"])
        session.commit()
    except DomainError as error:
        session.rollback()
        found = visible_case(session, g.actor, number)
        return _withdrawal(session, found, data, _texts(error), _trouble(error)), status_of(error)
    return redirect(url_for("inbox.case", number=number), 303)


@blueprint.post("/cases/<number>/representative-died")
@needs("cases")
def death_now(number: str):
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    try:
        report_death(session, app.clock, g.actor, found.number)
        session.commit()
    except DomainError as error:
        session.rollback()
        found = visible_case(session, g.actor, number)
        return _withdrawal(session, found, None, {}, _trouble(error)), status_of(error)
    return redirect(url_for("inbox.case", number=number), 303)


def _withdrawal(
    session: Session, found: Case, data: Any, errors: dict[str, list[str]], trouble: str | None = None
) -> str:
    return render_template(
        "case/withdrawal.html",
        case=found,
        form=WITHDRAWAL,
        views=WITHDRAWAL.view(data, errors, lang(), {}),
        errors=errors,
        trouble=trouble,
        can=may_withdraw(session, found) and g.actor.role in ON_BEHALF,
        may_report_death=may_report_death(session, found),
    )


def _page(
    session: Session, found: Case, data: Any, errors: dict[str, list[str]], trouble: str | None = None
) -> str:
    shown = shown_of(session, found)
    open_one = next((one.publicity for one in shown if one.is_open and found.status == "open"), None)
    facts = {"files": usable_files(session, None, data)}
    return render_template(
        "case/publicities.html",
        case=found,
        shown=shown,
        open_one=open_one,
        may_record=open_one is not None and g.actor.role in RECORDERS,
        may_prove=g.actor.role == "village_clerk",
        form=OBJECTION,
        views=OBJECTION.view(data or None, errors, lang(), facts),
        errors=errors,
        trouble=trouble,
        key=uuid4().hex,
        categories=CATEGORIES,
        subjects=SUBJECTS,
        channels=CHANNELS,
        outcome_words=objection_outcome,
    )


def _texts(error: DomainError) -> dict[str, list[str]]:
    fields = error.fields if isinstance(error, Invalid) else {}
    return {name: [_(text) for text in texts] for name, texts in fields.items()}


def _trouble(error: DomainError) -> str | None:
    return None if isinstance(error, Invalid) else message_of(error)


def _uuid(text: str) -> UUID:
    """What is no id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
