"""Many small changes at once: one list on a page or in a workbook, each household's with a case of its own."""

import io
import re
from dataclasses import replace
from typing import Any

from flask import abort, flash, g, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import DomainError, Invalid, Refused
from engine.domain.roles import does
from engine.domain.small_changes import grouped
from engine.exchange import list_sheets
from engine.exchange.list_sheets import Column
from engine.usecases.procedures import Procedure, current_procedure
from engine.usecases.start_many import Started, start_many
from forms import Form
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of
from web.i18n import lang
from web.inbox.blueprint import blueprint
from web.inbox.download import disposition
from web.inbox.materials import Keeper, usable_files
from web.inbox.several import XLSX

ROWS = "rows"
Errors = dict[str, list[str]]


@blueprint.get("/cases/many/<case_type>")
@needs("start")
def many(case_type: str):
    session = office_session()
    return _page(session, known_list(session, case_type), None, {})


@blueprint.get("/cases/many/<case_type>/template.xlsx")
@needs("start")
def many_template(case_type: str):
    known = known_list(office_session(), case_type)
    answer = make_response(list_sheets.empty(*columns_of(list_form(known))))
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = disposition(f"{list_form(known).title}.xlsx")
    return answer


@blueprint.post("/cases/many/<case_type>")
@needs("start")
def many_now(case_type: str):
    """Rows added, a workbook read into them, or all of them started. What is refused stays on the page."""
    session, app = office_session(), running()
    known = known_list(session, case_type)
    form, context = list_form(known), _context(session, request.form)
    keeper = Keeper(known.case_type, context["files"])
    if request.form.get("_rows"):
        data = form.edit_rows(request.form, files=request.files, store=keeper)
        return _page(session, known, data, keeper.refused)
    if request.form.get("action") == "workbook":
        return _from_workbook(session, known, form.draft(request.form, files=request.files, store=keeper))
    data, errors = form.read(request.form, lang=lang(), context=context, files=request.files, store=keeper)
    outcomes = start_sound(session, app.clock, case_type, form, data, errors, context)
    if outcomes is None:
        return _page(session, known, data, errors), 422
    session.commit()
    refused = sorted(place for one in outcomes if one.error for place in one.places)
    left = data | {ROWS: [data[ROWS][place] for place in refused]} if refused else None
    return _page(session, known, left, moved(errors, refused), outcomes), 422 if refused else 201


def start_sound(
    session: Session,
    clock: Clock,
    case_type: str,
    form: Form,
    data: dict[str, Any],
    errors: Errors,
    context: dict[str, Any] | None = None,
) -> list[Started] | None:
    """Start every household none of whose rows is wrong; the others are told with what is wrong, and wait.

    None, and nothing started, where what is wrong is no row's (a paper that is missing), or no row is right.
    """
    places = {name: place_in(name) for name in errors}
    if None in places.values():
        return None
    rows, wrong = data[ROWS], set(places.values())
    held = [(name, there) for name, _, there in grouped(rows) if wrong & set(there)]
    kept = {place for _, there in held for place in there}
    good = [place for place in range(len(rows)) if place not in kept]
    if not good:
        return None
    if held:
        clean, still = form.read(data | {ROWS: [rows[place] for place in good]}, lang=lang(), context=context)
        if still:
            return None
    else:
        clean = data
    found = start_many(session, clock, g.actor, case_type, clean)
    found = [replace(one, places=tuple(good[place] for place in one.places)) for one in found]
    for name, there in held:
        own = {field: texts for field, texts in errors.items() if places[field] in there}
        found.append(Started(tuple(there), name[:60], error=Invalid(own)))
    return sorted(found, key=lambda one: one.places)


def place_in(name: str) -> int | None:
    """The row that a field belongs to."""
    found = re.match(rf"{ROWS}-(\d+)(-|$)", name)
    return int(found[1]) if found else None


def moved(errors: Errors, left: list[int]) -> Errors:
    """The same faults at the places that their rows have among those that are left."""
    found: Errors = {}
    for name, texts in errors.items():
        place = place_in(name)
        if place in left:
            found[name.replace(f"{ROWS}-{place}", f"{ROWS}-{left.index(place)}", 1)] = texts
    return found


def _from_workbook(session: Session, known: Procedure, data: dict[str, Any]):
    """The workbook's rows take the place of what was typed; nothing is started before somebody has looked."""
    file = request.files.get("workbook")
    try:
        if file is None or not file.filename:
            raise Refused("no_file", "请选择填好的表格")
        rows = list_sheets.read(io.BytesIO(file.read()), *columns_of(list_form(known)))
    except Refused as error:
        return _page(session, known, data, {"workbook": [message_of(error)]}), 422
    flash(_("从表格读入%(n)s行，请核对后提交", n=len(rows)))
    return _page(session, known, data | {ROWS: rows}, {})


def known_list(session: Session, case_type: str) -> Procedure:
    """The version in force, of a case type that has such a list and that this position may start."""
    if not case_type.isidentifier() or len(case_type) > 100:
        abort(404)
    known = current_procedure(session, g.actor.county, case_type)
    if known.case_type.many is None:
        abort(404)
    if not does(g.actor.role, known.case_type.starter(known.case_type.many["origin"])):
        abort(403)
    return known


def list_form(known: Procedure) -> Form:
    assert known.case_type.many is not None
    return known.form(known.case_type.many["form"])


def columns_of(form: Form) -> tuple[list[Column], int]:
    """What the workbook has: the fields of the form's rows, and how many rows fit."""
    rows = next(field for field in form.fields if field.name == ROWS)
    columns = [
        Column(
            one.name,
            str(one.label),
            str(one.hint or ""),
            {option.value: str(option.label) for option in one.options} or None,
        )
        for one in rows.fields
    ]
    return columns, int(rows.high or 0)


def words_of(error: DomainError) -> str:
    """Of what stands at the form's fields, the words alone."""
    if not isinstance(error, Invalid):
        return message_of(error)
    return _("；").join(dict.fromkeys(_(text) for texts in error.fields.values() for text in texts))


def _context(session: Session, *answers: Any) -> dict[str, Any]:
    return {"known": {}, "parcels": [], "members": [], "files": usable_files(session, None, *answers)}


def _page(
    session: Session,
    known: Procedure,
    data: dict[str, Any] | None,
    errors: dict[str, list[str]],
    outcomes: list[Started] | None = None,
) -> str:
    form = list_form(known)
    return render_template(
        "case/many.html",
        case_type=known.case_type,
        form=form,
        views=form.view(data, errors, lang(), _context(session, data)),
        errors=errors,
        outcomes=outcomes or [],
        words_of=words_of,
        left=bool(data),
    )
