"""Accounts of people whom the identity provider (OpenID Connect) knows: linked by the security administrator.

The provider says who somebody is; which account that is, and what it may do, is said here and nowhere else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, Invalid, NotAllowed
from engine.domain.said import say
from engine.settings import Oidc
from engine.store.people import identity_of
from engine.store.tables.reference import County, OutsideIdentity, Person
from engine.usecases.accounts.noted import SECURITY, account, note, only

LONGEST = 255  # OpenID Connect Core, 2: of "sub"


def person_behind(
    session: Session, clock: Clock, now: datetime, oidc: Oidc, claims: Mapping[str, Any]
) -> Person:
    """Whose claims these are; they have been verified. NotAllowed where nobody is linked, or the account is locked.
    ``now`` is real time. Commits.
    """
    check_factors(oidc, claims)
    subject = claims.get(oidc.claim)
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST or "\0" in subject:
        raise NotAllowed("no_claim", "统一身份认证没有给出“%(claim)s”，请联系管理员", claim=oidc.claim)
    linked = session.get(OutsideIdentity, (oidc.issuer, subject))
    person = (
        session.get(Person, linked.person_id) if linked else _made(session, clock, now, oidc, subject, claims)
    )
    if person is None or not person.active:
        raise NotAllowed("not_linked", "没有与您的统一身份关联的账号，或账号已锁定；请找本县安全管理员")
    session.commit()
    return person


def check_factors(oidc: Oidc, claims: Mapping[str, Any]) -> None:
    """Where the county says how people must have signed in there, it must be told so."""
    told = claims.get("amr")
    amr = set(told) if isinstance(told, list) and all(isinstance(one, str) for one in told) else set()
    if (oidc.acr and claims.get("acr") not in oidc.acr) or not set(oidc.amr) <= amr:
        raise NotAllowed("weak", "统一身份认证没有使用本县要求的认证方式（例如动态码），请重新登录")


def _made(
    session: Session, clock: Clock, now: datetime, oidc: Oidc, subject: str, claims: Mapping[str, Any]
) -> Person | None:
    """An account without positions, where the installation wants one made."""
    if not oidc.create_in or session.get(County, oidc.create_in) is None:
        return None
    name = claims.get("name")
    person = Person(
        id=uuid4(),
        username=f"oidc-{uuid4().hex[:12]}",
        name=name[:50] if isinstance(name, str) and name.isprintable() and name else subject[:50],
        home=oidc.create_in,
        password_hash="",
        sessions_from=now,
    )
    session.add(person)
    session.flush()
    session.add(OutsideIdentity(issuer=oidc.issuer, subject=subject, person_id=person.id, set_at=clock.now()))
    note(session, person.home, person.id, person.id, clock.now(), "created", username=person.username)
    session.flush()
    return person


def link_identity(
    session: Session, clock: Clock, actor: Actor, person_id: UUID, oidc: Oidc, subject: str
) -> None:
    """From now on who is called that there is this account; an empty ``subject`` ends it. The caller commits."""
    only(actor, SECURITY)
    person = account(session, actor, person_id, lock=True)
    if person.id == actor.person_id:
        raise NotAllowed("own_account", "不能关联自己的账号，请由另一位安全管理员关联")
    told = subject.strip()
    if len(told) > LONGEST or not told.isprintable():
        raise Invalid({"subject": [say("统一身份标识不超过%(count)s个可见字符", count=LONGEST)]})
    earlier = identity_of(session, oidc.issuer, person.id)
    taken = session.get(OutsideIdentity, (oidc.issuer, told)) if told else None
    if taken is not None and taken.person_id != person.id:
        raise Conflict("taken_identity", "该统一身份已关联另一个账号")
    if earlier is not None:
        session.delete(earlier)
        session.flush()
    if told:
        row = OutsideIdentity(issuer=oidc.issuer, subject=told, person_id=person.id)
        row.set_by, row.set_at = actor.person_id, clock.now()
        session.add(row)
    kind = "identity_set" if told else "identity_removed"
    note(session, actor.county, person.id, actor.person_id, clock.now(), kind)
    session.flush()
