"""The browser's session begins anew when somebody signs in: an id planted before is worth nothing afterwards."""

from typing import Any

from flask import current_app, session


def begin(**facts: Any) -> None:
    """An emptied session with these facts, under a new id; what lay under the old one is gone."""
    session.clear()
    session.update(facts)  # first: an empty session would be passed over and keep its id
    session.permanent = True
    current_app.session_interface.regenerate(session)  # type: ignore[attr-defined]
