"""An error found in what a case has filed: kept with it, and on to the correction."""

from pathlib import Path
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

import forms
from engine.domain.errors import DomainError, Invalid
from engine.queries.scoped import visible_case
from engine.store.tables.cases import Case
from engine.usecases.correct_filed import decline_correction, findings_of, report_error
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import in_words, lang
from web.inbox.blueprint import blueprint

ERROR = forms.load(Path(__file__).parent / "forms" / "error.yaml")


@blueprint.get("/cases/<number>/error")
@needs("cases")
def error(number: str):
    """What was said to be wrong so far, and what became of it; more may be said."""
    return _page(visible_case(office_session(), g.actor, number), None, {})


@blueprint.post("/cases/<number>/error")
@needs("cases")
def error_now(number: str):
    """The village's clerk goes on to the correction; others back to the case."""
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    data, errors = ERROR.read(request.form, lang=lang())
    try:
        if errors:
            raise Invalid(errors)
        report_error(session, app.clock, g.actor, found.number, data["finding"])
        session.commit()
    except DomainError as fault:
        session.rollback()
        texts = {name: [in_words(t) for t in said] for name, said in getattr(fault, "fields", {}).items()}
        trouble = None if isinstance(fault, Invalid) else message_of(fault)
        return _page(visible_case(session, g.actor, number), data, texts, trouble), status_of(fault)
    flash(_("已记入本件，村级经办人会收到消息"), "success")
    if g.actor.role == "village_clerk":
        start = url_for("inbox.start", case_type="contract_change", contractor=found.contractor_code)
        return redirect(start, 303)
    return redirect(url_for("inbox.case", number=number), 303)


@blueprint.post("/cases/<number>/error/declined")
@needs("cases")
def correction_declined(number: str):
    """What was said to be wrong is right; who said it is told why."""
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    typed = request.form.get("answer", "")
    try:
        decline_correction(session, app.clock, g.actor, found.number, typed)
        session.commit()
    except DomainError as fault:
        session.rollback()
        texts = {name: [in_words(t) for t in said] for name, said in getattr(fault, "fields", {}).items()}
        trouble = None if isinstance(fault, Invalid) else message_of(fault)
        again = visible_case(session, g.actor, number)
        return _page(again, None, texts, trouble, answer=typed), status_of(fault)
    flash(_("已答复，不作更正"), "success")
    return redirect(url_for("inbox.case", number=number), 303)


def _page(
    found: Case, data: Any, errors: dict[str, list[str]], trouble: str | None = None, answer: str = ""
) -> str:
    views = ERROR.view(data, errors, lang(), {})
    return render_template(
        "case/error.html",
        case=found,
        form=ERROR,
        views=views,
        errors=errors,
        trouble=trouble,
        said=findings_of(office_session(), found),
        answer=answer,
    )
