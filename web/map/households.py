"""Households of the register: the list, and one household with everything it holds."""

from flask import g, render_template, request
from flask_babel import gettext as _

from engine.domain import masking
from engine.domain.errors import NotAllowed
from engine.domain.roles import may
from engine.exchange.standard import label
from engine.queries import register
from engine.queries.map import household_features, zone
from engine.queries.scoped import places
from engine.usecases.note_read import note_read, note_search
from web.auth import needs
from web.db import office_session, running
from web.i18n import lang
from web.inbox.shell import asked_page, printable, same_list, searched
from web.map.blueprint import blueprint

SHORTEST_PURPOSE = 4  # characters: "查" alone says nothing to an auditor


@blueprint.get("/register")
@needs("register")
def households():
    session, words = office_session(), searched()
    if words:
        note_search(session, running().clock, g.actor, "register", words)
    found = register.households(session, g.actor, words, asked_page())
    page = render_template("register/list.html", found=found, words=words, same_list=same_list)
    session.commit()
    return page


@blueprint.get("/register/<code>")
@needs("register")
def household(code: str):
    return _page(code, "open", None)


@blueprint.post("/register/<code>/numbers")
@needs("unmask")
def numbers(code: str):
    """Identity numbers in full, on this one page, for a purpose that is recorded."""
    purpose = printable(request.form.get("purpose", ""))[:200]
    if len(purpose) < SHORTEST_PURPOSE:
        return _page(
            code, "open", None, _("请写明查看身份证号的用途，至少%(n)s个字", n=SHORTEST_PURPOSE)
        ), 422
    return _page(code, "unmask", purpose)


def _page(code: str, action: str, purpose: str | None, fault: str | None = None) -> str:
    session, app, actor = office_session(), running(), g.actor
    found = register.visible_household(session, actor, code)
    note_read(session, app.clock, actor, action, f"contractor:{found.code}", found.division, purpose)
    shown = (lambda number: number or "") if action == "unmask" else masking.number
    if action == "unmask" and not may(actor.role, "unmask"):
        raise NotAllowed("unmask", "您的岗位不能查看完整的身份证号")
    page = render_template(
        "register/household.html",
        household=found,
        number=shown,
        unmasked=action == "unmask",
        fault=fault,
        place=places(session, {found.division})[found.division],
        entry=register.entry_of(session, found),
        cases=register.cases_of(session, actor, found.code),
        open_case=register.open_cases(session, found.county, [found.code]).get(found.code),
        features=household_features(session, actor, found),
        zone=zone(session, found.county),
        code_label=lambda list_id, value: label(list_id, value, lang()),
    )
    session.commit()
    return page
