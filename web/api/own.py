"""One's own account, as the page "my account" does it: password, second factor, recovery codes, where one is signed in."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import Forbidden

from engine.domain.errors import Invalid
from engine.domain.said import say
from engine.store.recovery import codes_left
from engine.store.staff_sessions import sessions_of
from engine.store.tables.reference import Person
from engine.usecases.accounts import own
from engine.usecases.sign_in import matches
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.schemas import instant, text
from web.auth import timeouts
from web.db import office_session, running
from web.limits import limiter

blp = blueprint("own", "自己的账户 / One's own account")
AT = "/me/account"
seldom = limiter.limit("10/minute;60/hour")


class BrowserOut(Schema):
    id = fields.String(required=True)
    opened_at = instant()
    seen_at = instant()
    address = text("network")
    agent = text()
    way = text("password, outside")


class OwnAccountOut(Schema):
    username = fields.String(required=True)
    second_factor = fields.Boolean(required=True)
    second_factor_missing = fields.Boolean(metadata={"description": "the county wants one and there is none"})
    recovery_codes_left = fields.Integer()
    sessions = fields.List(fields.Nested(BrowserOut), metadata={"description": "browsers signed in"})


class PasswordIn(Schema):
    old = fields.String(required=True, validate=validate.Length(max=300))
    password = fields.String(required=True, validate=validate.Length(max=300))


class SecretOut(Schema):
    secret = fields.String(required=True, metadata={"description": "base 32; nothing is set yet"})
    address = fields.String(metadata={"description": "otpauth:// for an authenticator"})


class SecondFactorIn(Schema):
    secret = fields.String(required=True, validate=validate.Regexp(r"^[A-Z2-7]{32,64}$"))
    code = fields.String(required=True, validate=validate.Length(max=20))


class OldIn(Schema):
    old = fields.String(required=True, validate=validate.Length(max=300))


class CodesOut(Schema):
    codes = fields.List(fields.String(), metadata={"description": "each good once; told now and never again"})


@blp.route(AT)
@staff()
@blp.response(200, OwnAccountOut)
def account():
    """What one's account has, and the browsers in which it is signed in."""
    session, person = office_session(), _person()
    rows = sessions_of(session, person.id, datetime.now(UTC), *timeouts(), person.sessions_from)
    return {
        "username": person.username,
        "second_factor": person.totp_secret is not None,
        "second_factor_missing": own.second_factor_missing(session, person),
        "recovery_codes_left": codes_left(session, person.id),
        "sessions": [
            {
                "id": str(row.id),
                "opened_at": row.opened_at.isoformat(),
                "seen_at": row.seen_at.isoformat(),
                "address": row.address,
                "agent": row.agent,
                "way": row.way,
            }
            for row in rows
        ],
    }


@blp.route(f"{AT}/password", methods=["PUT"])
@staff()
@seldom
@blp.arguments(PasswordIn)
@blp.response(204)
def password(args: dict[str, Any]):
    """Choose another password. Every browser and every token is out, this one too."""
    session, person = office_session(), _person()
    own.change_password(session, running().clock, person, args["old"], args["password"], args["password"])
    own.end_other_sessions(session, running().clock, person, None)
    session.commit()
    return ""


@blp.route(f"{AT}/second-factor")
@staff()
@blp.response(200, SecretOut)
def new_second_factor():
    """A secret for an authenticator. It counts only once a code of it comes back (PUT)."""
    person = _person()
    _none_yet(person)
    secret = own.new_secret()
    return {"secret": secret, "address": own.address(person, secret)}


@blp.route(f"{AT}/second-factor", methods=["PUT"])
@staff()
@seldom
@blp.arguments(SecondFactorIn)
@blp.response(200, CodesOut)
def second_factor(args: dict[str, Any]):
    """Set it, by a code that the authenticator shows now. Recovery codes come with it."""
    session, person, clock = office_session(), _person(), running().clock
    _none_yet(person)
    own.set_second_factor(session, clock, person, args["secret"], args["code"])
    codes = own.new_recovery_codes(session, clock, person)
    session.commit()
    return {"codes": codes}


@blp.route(f"{AT}/recovery-codes", methods=["PUT"])
@staff()
@seldom
@blp.arguments(OldIn)
@blp.response(200, CodesOut)
def recovery_codes(args: dict[str, Any]):
    """New recovery codes, for whoever still knows the password; the earlier ones count no more."""
    session, person = office_session(), _person()
    if not matches(person.password_hash, args["old"]):
        raise Invalid({"old": [say("现在的密码不对")]})
    codes = own.new_recovery_codes(session, running().clock, person)
    session.commit()
    return {"codes": codes}


@blp.route(f"{AT}/sessions/<uuid:session_id>", methods=["DELETE"])
@staff()
@blp.response(204)
def end_session(session_id: UUID):
    """One browser is out at once."""
    session = office_session()
    own.end_own_session(session, running().clock, _person(), session_id)
    session.commit()
    return ""


@blp.route(f"{AT}/sessions", methods=["DELETE"])
@staff()
@blp.response(204)
def end_sessions():
    """Every browser is out at once. Tokens stay: each is ended for itself (DELETE /tokens/...)."""
    session = office_session()
    own.end_other_sessions(session, running().clock, _person(), None, tokens=False)
    session.commit()
    return ""


def _person() -> Person:
    """Whose account it is: the one who acts, a deputy's own."""
    found = office_session().get(Person, g.actor.person_id)
    if found is None:
        raise Forbidden
    return found


def _none_yet(person: Person) -> None:
    if person.totp_secret is not None:
        raise Invalid({"secret": [say("已经设置了动态码；要更换，请找安全管理员")]})
