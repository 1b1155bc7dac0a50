"""Everything of a case that is printed, at one place, as the county wants it printed."""

from flask import Response, g, make_response, render_template

from engine.domain.clock import local_date
from engine.domain.errors import NotFound
from engine.queries import case_file
from engine.queries.scoped import visible_case
from engine.store.print_settings import settings_on
from engine.usecases.note_read import note_read
from engine.usecases.print_case import KINDS, print_case
from engine.usecases.procedures import procedure_of
from web.auth import needs
from web.db import office_session, running
from web.i18n import N_
from web.inbox.blueprint import blueprint
from web.inbox.cases import shown
from web.inbox.download import disposition

NAMES = {"application": N_("申请表"), "certificate": N_("权证登记内容")}


@blueprint.get("/cases/<number>/printing")
@needs("cases")
def printing(number: str):
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "open", f"case:{case.number}", case.division)
    known = procedure_of(session, case)
    issued = [
        shown(p, by, known, case.status) for p, by in case_file.papers(session, case) if p.source == "issued"
    ]
    page = render_template(
        "case/printing.html",
        case=case,
        issued=issued,
        names=NAMES,
        settings=settings_on(session, case.county, local_date(app.clock.now())),
        change=case_file.proposed_change(session, case),
    )
    session.commit()
    return page


@blueprint.get("/cases/<number>/printing/<sheet>.pdf")
@needs("cases")
def printed_sheet(number: str, sheet: str) -> Response:
    """To look at in the browser, and to print from there. Who had it drawn is recorded: it shows whole numbers."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    if sheet not in KINDS:
        raise NotFound("sheet", "没有这种可打印的内容")
    note_read(session, app.clock, g.actor, "download", f"case:{case.number}", case.division, sheet)
    body = print_case(session, app.files, case, sheet, local_date(app.clock.now()))
    session.commit()
    answer = make_response(body)
    answer.headers["Content-Type"] = "application/pdf"
    answer.headers["Content-Disposition"] = disposition(f"{NAMES[sheet]}{case.number}.pdf", inline=True)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
