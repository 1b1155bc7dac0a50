"""Other systems as clients of /api/v1: made by the system administrator, granted by the security administrator.

A client is an account without a password, in the one position `outside_system`; so it is locked, ended and recorded as
every account is. Its scopes say which areas its tokens open at most: a system gets no more than what was agreed with it.
"""

import hmac
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid, NotFound
from engine.domain.roles import AREAS, OUTSIDE
from engine.domain.said import say
from engine.queries.accounts import usernames_taken
from engine.queries.counties import division_names
from engine.store import tokens
from engine.store.people import by_username, positions_on
from engine.store.tables.reference import ApiClient, Person, Position
from engine.usecases.accounts.noted import SYSTEM, account, note, only
from engine.usecases.api_tokens import SignedIn

_ID = re.compile(r"[a-z][a-z0-9._-]{2,39}")
SECRET = "tqc_"


def create_client(
    session: Session,
    clock: Clock,
    actor: Actor,
    client_id: str,
    name: str,
    division: str,
    scopes: Iterable[str],
) -> tuple[Person, str]:
    """(the account, its secret, told once). The position waits for the security administrator. The caller commits."""
    only(actor, SYSTEM)
    wanted = sorted(set(scopes))
    _check(session, actor, client_id, name, division, wanted)
    at, secret = clock.now(), tokens.new_token(SECRET)
    person = Person(
        id=uuid4(),
        username=client_id,
        name=name,
        home=actor.county,
        password_hash="",
        sessions_from=datetime.now(UTC),
    )
    session.add(person)
    session.flush()
    session.add(ApiClient(person_id=person.id, secret_sha256=tokens.digest(secret), scope=" ".join(wanted)))
    session.add(
        Position(
            id=uuid4(),
            person_id=person.id,
            role=OUTSIDE,
            division=division,
            valid_from=local_date(at),
            state="asked",
            asked_by=actor.person_id,
        )
    )
    session.flush()
    facts = {"role": OUTSIDE, "division": division, "scopes": wanted}
    note(session, actor.county, person.id, actor.person_id, at, "created", username=client_id)
    note(session, actor.county, person.id, actor.person_id, at, "position_asked", **facts)
    return person, secret


def _check(
    session: Session, actor: Actor, client_id: str, name: str, division: str, scopes: list[str]
) -> None:
    found: dict[str, list[str]] = {}
    if not _ID.fullmatch(client_id):
        found["client_id"] = [say("用3到40个小写字母、数字、点、横线，以字母开头")]
    elif usernames_taken(session, [client_id]):
        found["client_id"] = [say("用户名%(name)s已有人使用", name=client_id)]
    if not 1 <= len(name.strip()) <= 50:
        found["name"] = [say("请填写名称，不超过50个字")]
    if not division.startswith(actor.county) or division not in division_names(session, actor.county):
        found["division"] = [say("本县没有区划%(code)s", code=division[:20] or "（空）")]
    if not scopes or not set(scopes) <= AREAS[OUTSIDE]:
        found["scopes"] = [say("范围只能从这些里选：%(areas)s", areas="、".join(sorted(AREAS[OUTSIDE])))]
    if found:
        raise Invalid(found)


def new_secret(session: Session, clock: Clock, actor: Actor, person_id: UUID) -> str:
    """Told once. The old secret and every token got with it are void at once. The caller commits."""
    only(actor, SYSTEM)
    person = account(session, actor, person_id, lock=True)
    client = session.get(ApiClient, person.id)
    if client is None:
        raise NotFound("client", "没有找到这个外部系统")
    secret = tokens.new_token(SECRET)
    client.secret_sha256, person.sessions_from = tokens.digest(secret), datetime.now(UTC)
    note(session, actor.county, person.id, actor.person_id, clock.now(), "new_code")
    return secret


def client_of(session: Session, client_id: str) -> tuple[Person, ApiClient] | None:
    """The client of that id, unless it is locked."""
    person = by_username(session, client_id) if "\0" not in client_id else None
    client = session.get(ApiClient, person.id) if person is not None and person.active else None
    return (person, client) if person is not None and client is not None else None


def is_secret(client: ApiClient, secret: str) -> bool:
    return hmac.compare_digest(client.secret_sha256, tokens.digest(secret))


def position_of(session: Session, person: Person, today: date) -> SignedIn | None:
    """The position that a new token is for; None while it is not granted, or ended."""
    held = [one for one in positions_on(session, person.id, today) if one.role == OUTSIDE]
    return SignedIn(person, held[0]) if held else None
