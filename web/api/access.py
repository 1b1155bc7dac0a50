"""Who may call what: decorators that stand first in front of a view, before anything of the request is read."""

from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any

from authlib.oauth2 import OAuth2Error
from flask import g, request
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, NotFound, Unauthorized

from engine.domain.actor import Actor
from engine.domain.errors import NotAllowed
from engine.domain.roles import may, may_act
from engine.store.tables.portal import Applicant
from web.api.tokens import protector
from web.db import db, running

View = Callable[..., Any]


class OneCommit(Session):
    """The portal's use cases commit by themselves; here the request does, together with its idempotent answer."""

    def commit(self) -> None:
        self.flush()

    def settle(self) -> None:
        super().commit()


def one_commit() -> OneCommit:
    """The request's session of the portal, which commits when the request settles and not before."""
    if not isinstance(g.get("portal_session"), OneCommit):
        g.portal_session = OneCommit(db.engines["portal"], expire_on_commit=False)
    return g.portal_session


def staff(area: str | None = None, desk: bool = False) -> Callable[[View], View]:
    """For positions that may open the area; any position without one. ``desk``: as ``web.auth.needs``."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.actor = None
            found = behind_token()
            if not isinstance(found, Actor) or (area is not None and not may(found.role, area)):
                raise Forbidden
            if (
                request.method not in ("GET", "HEAD")
                and not desk
                and not may_act(found.role, area or "staff")
            ):
                raise Forbidden
            if area is not None and g.token_areas is not None and area not in g.token_areas:
                raise NotAllowed("insufficient_scope", "这个令牌的范围不包括这一项（%(area)s）", area=area)
            g.actor = found
            return view(*args, **kwargs)

        guarded.area = area or "staff"  # type: ignore[attr-defined]
        return documented(guarded, security=[{"bearer": [area] if area else []}])

    return wrap


def applicant(view: View) -> View:
    """For a household's person, signed in by one-time code."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        one_commit()
        found = behind_token()
        if not isinstance(found, Applicant):
            raise Forbidden
        g.applicant = found
        return view(*args, **kwargs)

    guarded.area = "applicant"  # type: ignore[attr-defined]
    return documented(guarded, security=[{"bearer": []}])


def demonstration(view: View) -> View:
    """There is no such address outside a demonstration."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not running().settings.demo:
            raise NotFound
        return view(*args, **kwargs)

    return guarded


def behind_token() -> Actor | Applicant:
    try:
        return protector.acquire_token()
    except OAuth2Error as error:
        parts = {"realm": "tianqi"} | ({"error": error.error} if error.error == "invalid_token" else {})
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", parts)) from None


def documented(view: View, **facts: Any) -> View:
    """Something more for OpenAPI; what was there stays. Parameters join those of ``blp.arguments``: a list of one's own
    would take their place."""
    view._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # type: ignore[attr-defined]
    if more := facts.pop("parameters", []):
        asked = view._apidoc.setdefault("arguments", {})  # type: ignore[attr-defined]
        asked.setdefault("parameters", []).extend(more)
    view._apidoc.setdefault("manual_doc", {}).update(facts)  # type: ignore[attr-defined]
    return view


def documents(**facts: Any) -> Callable[[View], View]:
    return lambda view: documented(view, **facts)
