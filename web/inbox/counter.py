"""The counter: who is there by the number of the identity card, applications kept half done, and the receipt."""

from flask import Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from engine.domain import masking
from engine.domain.clock import SHANGHAI
from engine.domain.errors import DomainError
from engine.exchange.standard import label
from engine.queries import register
from engine.queries.counter import Person, drafts_of, persons
from engine.queries.scoped import visible_case
from engine.store.versions import case_types_in_force
from engine.usecases.counter import keep_draft
from engine.usecases.counter_receipt import counter_receipt
from engine.usecases.note_read import note_read, note_search
from engine.usecases.procedures import procedure
from engine.usecases.start_case import check_may_start
from forms.clean import Wrong
from forms.kinds.identity import id_number
from forms.spec import Field
from forms.text import Text
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import lang
from web.inbox.blueprint import blueprint
from web.inbox.download import disposition
from web.inbox.shell import printable
from web.inbox.starting import VILLAGE, known_type, origin
from web.inbox.words import case_title

NUMBER = Field("id_number", "id_number", Text("身份证号码", "Identity number"))


@blueprint.get("/counter")
@needs("start")
def counter():
    return _page()


@blueprint.post("/counter")
@needs("start")
def counter_check():
    """Check digit, day of birth, and whether the register knows the number, under the name on the card."""
    session, app = office_session(), running()
    typed, name = request.form.get("id_number", "")[:60], printable(request.form.get("name", ""))[:60]
    try:
        number = id_number(typed, NUMBER)
    except Wrong as wrong:
        return _page(typed, name, wrong.message.for_lang(lang())), 422
    note_search(session, app.clock, g.actor, "counter", number)
    found = persons(session, g.actor, number)
    page = _page(typed, name, None, found, checked=masking.number(number))
    session.commit()
    return page


def _page(
    typed: str = "",
    name: str = "",
    fault: str | None = None,
    found: list[Person] | None = None,
    checked: str = "",
) -> str:
    session = office_session()
    types = {}
    for case_type, version in case_types_in_force(session, g.actor.county):
        if procedure(session, version).case_type.starter(VILLAGE) == g.actor.role:
            types[case_type] = case_title(version)
    return render_template(
        "case/counter.html",
        typed=typed,
        name=name,
        fault=fault,
        found=found,
        checked=checked,
        types=types,
        drafts=[draft for draft in drafts_of(session, g.actor) if draft.case_type in types],
        relation=lambda code: label("GB/T 4761", code, lang()),
    )


@blueprint.post("/cases/new/<case_type>/draft")
@needs("start")
def counter_draft(case_type: str):
    """What the page sends whenever typing pauses; files come with the form itself."""
    session = office_session()
    known = known_type(session, case_type)
    household = register.visible_household(session, g.actor, request.args.get("contractor", ""))
    try:
        check_may_start(known, g.actor, household.division, origin())
        data = known.start_form(origin()).draft(request.form)
        saved = keep_draft(session, running().clock, g.actor, case_type, household, data)
        session.commit()
    except DomainError as error:
        session.rollback()
        return jsonify(message=message_of(error)), status_of(error)
    return jsonify(saved=saved.astimezone(SHANGHAI).strftime("%H:%M"))


@blueprint.get("/cases/<number>/receipt.pdf")
@needs("cases")
def receipt(number: str) -> Response:
    """收件回执 to print."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "download", f"case:{case.number}", case.division)
    body = counter_receipt(session, app.clock, g.actor, case, app.settings.public_url)
    session.commit()
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = disposition(f"{_('收件回执')}{case.number}.pdf", inline=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
