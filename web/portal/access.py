"""Who is signed in to the portal: an applicant, under a key of the session that staff pages never read."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from flask import g, redirect, request, session, url_for

from engine.queries import portal_messages, portal_pages
from engine.store.tables.portal import Applicant
from web import retyped
from web.db import portal_session
from web.sessions import begin

KEY = "applicant"


def load_applicant() -> None:
    """Before every request of the portal."""
    known = session.get(KEY)
    g.applicant = portal_pages.applicant(portal_session(), UUID(known)) if known else None


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
        return view(*args, **kwargs)

    guarded.area = "applicant"  # type: ignore[attr-defined]
    return guarded


def told() -> dict[str, Any]:
    """For the portal's shell: whose pages these are and whom to ring up."""
    person = g.get("applicant")
    office = (person.facts.get("office") or {}) if person else {}
    news = portal_messages.unread(portal_session(), person) if person else 0
    return {"applicant": person.name if person else None, "office_phone": office.get("phone"), "news": news}
