"""One act of a page: done and committed, or what stands against it by field."""

from typing import Any

from flask import g

from engine.domain.errors import DomainError, Invalid
from web.db import office_session, running
from web.errors import faults_of, message_of, status_of


def attempt(act: Any) -> dict[str, list[str]]:
    """``act(session, clock)``. A refusal stands under the empty name, its status in ``g.refused``; NotFound goes on."""
    session = office_session()
    try:
        act(session, running().clock)
        session.commit()
        return {}
    except Invalid as error:
        session.rollback()
        g.refused = 422
        return faults_of(error)
    except DomainError as error:
        session.rollback()
        if status_of(error) == 404:
            raise
        g.refused = status_of(error)
        return {"": [message_of(error)]}
