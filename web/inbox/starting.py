"""Start a case for a household at the counter: pick the household, fill the application, hand over the code."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import abort, flash, g, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from engine.documents import qr_svg
from engine.domain.asked_land import beside_asked
from engine.domain.clock import local_date
from engine.domain.errors import DomainError, Invalid
from engine.domain.register import Household
from engine.domain.roles import does
from engine.queries import register
from engine.queries.adjoining import adjoining
from engine.queries.counter import earlier_cases, find_draft, same_papers, sha256s_of
from engine.queries.fellows import called, fellows, named_in, parcels_of, with_members
from engine.queries.form_options import start_options
from engine.queries.map import zone
from engine.queries.scoped import places, visible_case
from engine.store.cases import open_tasks
from engine.store.sealed import SealedText
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.counter import drop_draft, keep_draft
from engine.usecases.note_read import note_read, note_search
from engine.usecases.procedures import Procedure, Startable, current_procedure, startable
from engine.usecases.start_case import check_may_start, start_case
from forms import Form
from forms.spec import Field
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import lang
from web.inbox.blueprint import blueprint
from web.inbox.materials import Keeper, posted_body, posted_key, usable_files
from web.inbox.shell import asked_page, same_list, searched
from web.quality.words import asked_finding

VILLAGE = "village"  # the origin of what the village applies for on a household's behalf
ISSUER = "issuer"  # of what the issuing party proposes in its own name
_SEALED = SealedText()


def origin() -> str:
    """In whose name: on the household's behalf, or as the address says (the issuing party's own)."""
    return request.args.get("origin", VILLAGE)[:40]


@blueprint.get("/cases/new")
@needs("start")
def choose():
    """Everything that this position may start, in whose name."""
    session = office_session()
    offers = startable(session, g.actor)
    code = request.args.get("contractor", "").strip()[:40] or None
    ways: dict[str, list[Startable]] = {}
    for offer in offers:
        ways.setdefault(offer.case_type.name, []).append(offer)
    page = render_template("case/choose.html", businesses=list(ways.values()), contractor=code)
    session.commit()
    return page


@blueprint.get("/cases/new/<case_type>")
@needs("start")
def start(case_type: str):
    session, app = office_session(), running()
    known = known_type(session, case_type)
    code = request.args.get("contractor", "").strip()
    if not code:
        return _pick(session, known)
    household = register.visible_household(session, g.actor, code)
    check_may_start(known, g.actor, household.division, origin())
    note_read(session, app.clock, g.actor, "open", f"contractor:{household.code}", household.division)
    draft = find_draft(session, g.actor, case_type, household.code)
    page = _form(
        session,
        known,
        household,
        draft.data if draft else None,
        {},
        saved_at=draft.saved_at if draft else None,
    )
    session.commit()
    return page


@blueprint.post("/cases/new/<case_type>")
@needs("start")
def start_now(case_type: str):
    """Started once for a key: sending the same form again shows the same result."""
    session, app = office_session(), running()
    known = known_type(session, case_type)
    household = register.visible_household(session, g.actor, request.args.get("contractor", ""))
    facts = _facts(session, known, household, request.form)
    form, keeper = known.start_form(origin()), Keeper(known.case_type, facts["files"])
    if request.form.get("_rows"):
        data = form.edit_rows(request.form, files=request.files, store=keeper) or {}
        errors = keeper.refused | _listed(session, form, household, data, request.form["_rows"])
        page = _form(session, known, household, data, errors)
        session.commit()
        return page
    if request.form.get("action") == "draft":
        check_may_start(known, g.actor, household.division, origin())
        data = form.draft(request.form, files=request.files, store=keeper)
        saved = keep_draft(session, app.clock, g.actor, case_type, household, data)
        session.commit()
        if not keeper.refused:
            flash(_("草稿已保存，可以以后接着填"), "success")
        return _form(
            session, known, household, data, keeper.refused, saved_at=saved
        ), 422 if keeper.refused else 200
    key, body = f"start:{origin()}:{household.code}:{posted_key()}", posted_body()
    data = {}
    try:
        answer = earlier_answer(session, g.actor, key, body)
        if answer is None:
            data, errors = form.read(
                request.form, lang=lang(), context=facts, files=request.files, store=keeper
            )
            if not errors and data.get("contractor_code", household.code) != household.code:
                errors = {"contractor_code": [_("承包方编码与所选的承包方不一致")]}
            if errors:
                raise Invalid(errors)
            begun = start_case(session, app.clock, g.actor, case_type, household.code, origin(), data)
            answer = {"number": begun.number, "code": _sealed(begun.lookup_code)}
            remember_answer(session, app.clock, g.actor, key, body, answer)
            drop_draft(session, g.actor, case_type, household.code)
            session.commit()
    except DomainError as error:
        session.rollback()
        fields = error.fields if isinstance(error, Invalid) else {}
        fields = {name: [_(text) for text in texts] for name, texts in fields.items()}
        trouble = None if fields else message_of(error)
        page = _form(session, known, household, data or None, fields, trouble)
        session.commit()  # whose parcels were listed again is on record
        return page, status_of(error)
    case = visible_case(session, g.actor, answer["number"])
    lookup = f"{app.settings.public_url}/portal/lookup?number={answer['number']}"
    page = render_template(
        "case/started.html",
        number=case.number,
        on_behalf=origin() != ISSUER,
        version_id=case.version_id,
        tasks=open_tasks(session, case),
        code=_opened(answer["code"]),
        household=household,
        lookup=lookup,
        picture=Markup(qr_svg(lookup, 32)),
    )
    return page, 201


def known_type(session: Session, case_type: str) -> Procedure:
    """The version in force, of a case type that the village may start."""
    if not case_type.isidentifier() or len(case_type) > 100:
        abort(404)
    known = current_procedure(session, g.actor.county, case_type)
    if not does(g.actor.role, known.case_type.starter(origin())):
        abort(403)
    return known


def _pick(session: Session, known: Procedure) -> str:
    words = searched()
    if words:
        note_search(session, running().clock, g.actor, "register", words)
    found = register.households(session, g.actor, register.Asked(words), asked_page())
    page = render_template(
        "case/pick.html", case_type=known.case_type, found=found, words=words, same_list=same_list
    )
    session.commit()
    return page


def _facts(session: Session, known: Procedure, household: Household, *answers: Any) -> dict[str, Any]:
    today = local_date(running().clock.now())
    form = known.start_form(origin())
    options = start_options(session, g.actor.county, form, household, today)
    files = usable_files(session, None, *answers)
    facts = known.start_facts(session, household, form)
    facts |= {"files": files, "options": options, "today": today.isoformat()}
    facts |= fellows(session, g.actor, household, form.fields)
    return facts | _of_others(session, form, household, *answers)


def _of_others(session: Session, form: Form, household: Household, *answers: Any) -> dict[str, Any]:
    """Parcels of the households that an answer names, to pick from; where it names them in words, also what adjoins;
    where it has rows of them, other land may be typed beside.
    """
    asked = next((field.of for field in form.fields if field.kind == "parcel_codes" and field.of), None)
    named = [one.get(asked) for one in answers if asked and one and one.get(asked)]
    found: dict[str, Any] = {}
    rows = next((field for field in form.fields if field.name == asked and field.kind == "group"), None)
    if rows and not _by_name(rows):
        found = {"adjoining": []}
    elif rows:
        codes = [parcel.code for parcel in household.parcels]
        near = beside_asked(adjoining(session, household.county, codes), *answers)
        found = {"households": [], "adjoining": near}
    if named:
        others = [one for answer in named for one in _whose(session, household, answer)]
        for one in others:
            note_read(session, running().clock, g.actor, "open", f"contractor:{one.code}", one.division)
        found["other_parcels"] = parcels_of(others)
    return found


def _whose(session: Session, household: Household, rows: Any) -> list[Household]:
    """The households that a question's answer names, by code or, in a dispute's parties, by name."""
    if isinstance(rows, list) and any(isinstance(row, dict) and row.get("name") for row in rows):
        return called(session, g.actor, household, [row.get("name") for row in rows])
    return named_in(session, g.actor, rows)


def _listed(
    session: Session, form: Form, household: Household, data: dict[str, Any], pressed: str
) -> dict[str, list[str]]:
    """A button asked for what another household has: its members become rows; what was read is recorded."""
    verb, _sep, name = pressed.partition(":")
    asked = next((field for field in form.fields if field.of == name), None)
    if verb != "show" or asked is None:
        return {}
    others = _whose(session, household, data.get(name))
    if not others and any(field.name == name and _by_name(field) for field in form.fields):
        return {name: [_("没有找到对方的户：请先填对方的姓名；不是本集体农户的，填地块编码")]}
    if not others:
        return {name: [_("请先选好另外的户")]}
    for one in others:
        note_read(session, running().clock, g.actor, "open", f"contractor:{one.code}", one.division)
    if asked.repeated:
        data[asked.name] = with_members(data.get(asked.name), household, others)
    return {}


def _by_name(asked: Field) -> bool:
    """Whether the households are told by their names, as a dispute's parties are."""
    return any(inner.name == "name" for inner in asked.fields)


def _form(
    session: Session,
    known: Procedure,
    household: Household,
    data: dict[str, Any] | None,
    errors: dict[str, list[str]],
    trouble: str | None = None,
    saved_at: datetime | None = None,
) -> str:
    form = known.start_form(origin())
    held = sha256s_of(session, g.actor, list(usable_files(session, None, data)))
    return render_template(
        "case/start.html",
        case_type=known.case_type,
        form=form,
        views=form.view(data, errors, lang(), _facts(session, known, household, data)),
        errors=errors,
        trouble=trouble,
        household=household,
        place=places(session, {household.division})[household.division],
        open_case=register.open_cases(session, household.county, [household.code]).get(household.code),
        earlier=earlier_cases(session, g.actor, household.code),
        repeated=sorted(
            {n for numbers in same_papers(session, g.actor, held, None).values() for n in numbers}
        ),
        saved_at=saved_at,
        key=uuid4().hex,
        quality=asked_finding(session, g.actor),
        **({"part_zone": zone(session, household.county)} if asks_for_parts(form.fields) else {}),
    )


def asks_for_parts(fields: Sequence[Field]) -> bool:
    """Whether a part of a parcel may be drawn: then the page loads the map."""
    return any(field.kind == "shape" or asks_for_parts(field.fields) for field in fields)


def _sealed(code: str) -> str:
    """The lookup code as it rests beside the answer: only its keyed hash is kept in the open."""
    return _SEALED.process_bind_param(code, None).hex()


def _opened(sealed: str) -> str:
    return _SEALED.process_result_value(bytes.fromhex(sealed), None)
