"""Who is signed in to the portal: an applicant, under a key of the session that staff pages never read."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import g, redirect, request, session, url_for

from engine.queries import portal_messages, portal_pages, portal_parties
from engine.store.tables.portal import Applicant
from web import retyped
from web.db import portal_session
from web.sessions import begin

KEY = "applicant"
FOR_ONE_CASE = {
    f"portal.{name}"
    for name in (
        "my_dispute", "dispute_paper", "begin_act", "parts", "question", "answer", "check", "send", "drop",
        "submitted", "messages", "read",
    )
}  # fmt: skip
"""Pages of those who signed in for one dispute: the rest is about a household and its land."""


def load_applicant() -> None:
    """Before every request of the portal."""
    known = session.get(KEY)
    g.applicant = portal_pages.applicant(portal_session(), UUID(known)) if known else None
    if g.applicant is not None and of_one_case(g.applicant):
        g.applicant = g.applicant if portal_parties.disputes_of(portal_session(), g.applicant) else None


def of_one_case(person: Applicant) -> bool:
    """An agent or a third party of no household here, who sees one case and is nobody once it is theirs no more."""
    return not person.contractor_code


def let_in(person: Applicant) -> None:
    """A new session; only where they wanted to go is kept, and what they had typed there."""
    onward = session.get(retyped.NEXT)
    begin(**{KEY: str(person.id)})
    if onward:
        session[retyped.NEXT] = onward


def let_out() -> None:
    session.clear()


def own(view: Callable[..., Any]) -> Callable[..., Any]:
    """A page for signed-in applicants; others sign in first and come back to it (its own path, so a local one)."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if g.applicant is None:
            if request.method == "GET":
                session[retyped.NEXT] = request.path
            else:
                retyped.again()
            return redirect(url_for("portal.sign_in_page"))
        if of_one_case(g.applicant) and request.endpoint not in FOR_ONE_CASE:
            return redirect(url_for("portal.home"))
        return view(*args, **kwargs)

    guarded.area = "applicant"  # type: ignore[attr-defined]
    return guarded


def told() -> dict[str, Any]:
    """For the portal's shell: whose pages these are and whom to ring up."""
    person = g.get("applicant")
    office = (person.facts.get("office") or {}) if person else {}
    news = portal_messages.unread(portal_session(), person) if person else 0
    return {"applicant": person.name if person else None, "office_phone": office.get("phone"), "news": news}
