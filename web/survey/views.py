"""Surveys that are given out: the county's surveying firms, and the package for the field."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.errors import Invalid, NotFound
from engine.queries.form_options import GRADES
from engine.store import firms
from engine.store.tables.firms import SurveyFirm
from engine.usecases.field_package import field_package
from engine.usecases.survey_firms import FACTS, save_firm
from web.auth import needs
from web.db import office_session, running
from web.i18n import in_words, lang
from web.inbox.download import disposition
from web.inbox.shell import staff_shell
from web.survey.firm_form import FIRM

blueprint = Blueprint("survey", __name__)
blueprint.context_processor(staff_shell)


@blueprint.get("/survey/firms")
@needs("firms")
def firm_list():
    today = local_date(running().clock.now())
    under_way = firms.surveys_under_way(office_session(), g.actor.county)
    rows = [
        {
            "firm": firm,
            "grade": GRADES[firm.grade][lang()],
            "why": firms.shortfall(firm, today, 2),
            "cases": under_way.get(firm.code, []),
        }
        for firm in firms.firms_of(office_session(), g.actor.county)
    ]
    return render_template("survey/firms.html", rows=rows)


@blueprint.get("/survey/firms/new")
@needs("firms")
def new_firm():
    return _form(None, None)


@blueprint.get("/survey/firms/<firm_code>")
@needs("firms")
def firm(firm_code: str):
    found = _known(firm_code)
    return _form(found, known_facts(found))


@blueprint.post("/survey/firms/new")
@needs("firms")
def add_firm():
    return _save(None)


@blueprint.post("/survey/firms/<firm_code>")
@needs("firms")
def change_firm(firm_code: str):
    return _save(_known(firm_code))


def _known(code: str) -> SurveyFirm:
    found = firms.firm_of(office_session(), g.actor.county, code)
    if found is None:
        raise NotFound("firm", "没有找到测绘单位%(code)s", code=code[:20])
    return found


def known_facts(found: SurveyFirm) -> dict[str, Any]:
    """As the form has them: days as ISO text, the grade as an option."""
    told = {name: getattr(found, name) for name in FACTS}
    dates = {name: told[name].isoformat() for name in ("valid_from", "valid_to")}
    return told | dates | {"grade": str(found.grade)}


def told_facts(data: dict[str, Any]) -> dict[str, Any]:
    """As the use case wants them, of answers that the form has checked."""
    dates = {name: date.fromisoformat(data[name]) for name in ("valid_from", "valid_to")}
    return data | dates | {"grade": int(data["grade"])}


def _save(found: SurveyFirm | None):
    session = office_session()
    code = found.code if found else None
    data, errors = FIRM.read(request.form, lang=lang())
    if not errors:
        try:
            saved = save_firm(session, running().clock, g.actor, told_facts(data), code)
            session.commit()
        except Invalid as fault:
            session.rollback()
            errors = {name: [in_words(text) for text in texts] for name, texts in fault.fields.items()}
        else:
            flash(_("%(name)s已登记", name=saved.name), "success")
            return redirect(url_for("survey.firm_list"), 303)
    return _form(_known(code) if code else None, data, errors), 422


def _form(
    found: SurveyFirm | None, data: dict[str, Any] | None, errors: dict[str, list[str]] | None = None
) -> str:
    return render_template(
        "survey/firm.html", firm=found, views=FIRM.view(data, errors or {}, lang()), errors=errors or {}
    )


@blueprint.get("/cases/<number>/field-package.zip")
@needs("field")
def package(number: str) -> Response:
    session = office_session()
    body = field_package(session, running().clock, g.actor, number)
    session.commit()
    return zipped(body, f"外业资料包{number}.zip")


def zipped(body: bytes, name: str) -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/zip"
    answer.headers["Content-Disposition"] = disposition(name, False)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
