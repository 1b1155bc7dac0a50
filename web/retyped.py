"""What was typed into a form of the portal whose session had ended: kept until its person has signed in again.

Only of forms that belong to somebody by their address, and never codes, identity numbers or files.
"""

from flask import request, session
from werkzeug.datastructures import MultiDict

KEY, NEXT = "portal_typed", "portal_next"
FORMS = ("portal.answer", "portal.withdraw_now", "portal.error_now")
MOST = 8_000  # characters


def keep_typed() -> bool:
    """Whether it was kept; its page is then where signing in leads back to."""
    if request.endpoint not in FORMS:
        return False
    typed = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    if sum(len(text) for texts in typed.values() for text in texts) > MOST:
        return False
    session[KEY], session[NEXT] = {"path": request.path, "fields": typed}, request.path
    return True


def retyped() -> MultiDict[str, str] | None:
    """What was typed into the page that is asked for, once; None otherwise."""
    kept = session.get(KEY)
    if not kept or kept["path"] != request.path:
        return None
    session.pop(KEY)
    return MultiDict((name, text) for name, texts in kept["fields"].items() for text in texts)
