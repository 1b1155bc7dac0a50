"""Wrong passwords and codes, counted for each user name and network address, whether or not anybody has the name.

So an answer tells nothing, and takes no longer, for a name that exists; and a stranger's guesses shut out the stranger,
not the officer at the desk. Times are real, never the demonstration's: they guard a door.
"""

import hashlib
import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from engine.domain.accounts import limit
from engine.store.tables.reference import SignInTries

EVERYWHERE = ""  # the row that counts what came from addresses where the name never signed in
_COUNT = text("""
    insert into reference.sign_in_tries as t (name_sha256, address, failures, locks, failed_at)
    values (:name, :address, 1, 0, :now)
    on conflict (name_sha256, address) do update set
        failures = case when t.failed_at < :forgotten then 1 else t.failures + 1 end,
        locks = case when t.failed_at < :forgotten then 0 else t.locks end,
        failed_at = :now
    returning failures, locks""")
_LOCK = text("""
    update reference.sign_in_tries set failures = 0, locks = locks + 1, locked_until = :until
    where name_sha256 = :name and address = :address""")
_RIGHT = text("""
    insert into reference.sign_in_tries as t (name_sha256, address, failures, locks, failed_at, succeeded_at)
    values (:name, :address, 0, 0, :now, :now)
    on conflict (name_sha256, address) do update set
        failures = 0, locks = 0, locked_until = null, succeeded_at = :now""")
_SWEEP = text("""
    delete from reference.sign_in_tries where (name_sha256, address) in (
        select name_sha256, address from reference.sign_in_tries
        where failed_at < :old and (succeeded_at is null or succeeded_at < :unknown)
          and (locked_until is null or locked_until < :old)
        order by failed_at limit 100 for update skip locked)""")


def network(address: str | None) -> str:
    """An IPv4 address as it is; of IPv6 the /64 that one household or office has."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return "-"
    return str(known if known.version == 4 else ipaddress.ip_network(f"{known}/64", strict=False))


def digest(username: str) -> bytes:
    return hashlib.sha256(username.strip().encode("utf-8", "replace")).digest()


def is_shut_out(session: Session, now: datetime, username: str, address: str) -> bool:
    """Whether nobody may sign in with that name from there now."""
    rows = session.execute(
        select(SignInTries.address, SignInTries.locked_until, SignInTries.succeeded_at).where(
            SignInTries.name_sha256 == digest(username), SignInTries.address.in_((address, EVERYWHERE))
        )
    ).all()
    locked = {row.address for row in rows if row.locked_until is not None and row.locked_until > now}
    return address in locked or (EVERYWHERE in locked and not _is_known(rows, address, now))


def _is_known(rows: Iterable[object], address: str, now: datetime) -> bool:
    """Whether the name signed in from there lately."""
    since = now - timedelta(days=limit("known_address_days"))
    return any(
        row.address == address and row.succeeded_at is not None and row.succeeded_at > since  # type: ignore[attr-defined]
        for row in rows
    )


def count_failure(session: Session, now: datetime, username: str, address: str) -> None:
    """Each lock in a row lasts twice as long as the one before, a day at most. Commits."""
    name = digest(username)
    rows = session.execute(
        select(SignInTries.address, SignInTries.succeeded_at).where(
            SignInTries.name_sha256 == name, SignInTries.address == address
        )
    ).all()
    _count(session, now, name, address, limit("failures"))
    if not _is_known(rows, address, now):
        _count(session, now, name, EVERYWHERE, limit("failures_everywhere"))
    unknown = now - timedelta(days=limit("known_address_days"))
    session.execute(_SWEEP, {"old": now - timedelta(days=2), "unknown": unknown})
    session.commit()


def _count(session: Session, now: datetime, name: bytes, address: str, most: int) -> None:
    values = {"name": name, "address": address, "now": now, "forgotten": now - timedelta(days=1)}
    row = session.execute(_COUNT, values).one()
    if row.failures >= most:
        minutes = min(limit("lock_minutes") * 2**row.locks, 24 * 60)
        session.execute(_LOCK, {"name": name, "address": address, "until": now + timedelta(minutes=minutes)})


def count_success(session: Session, now: datetime, username: str, address: str) -> None:
    """The address is known from now on. The caller commits."""
    session.execute(_RIGHT, {"name": digest(username), "address": address, "now": now})


def forget(session: Session, username: str) -> None:
    """Nobody is shut out of the name any more; known addresses are known no more. The caller commits."""
    session.execute(delete(SignInTries).where(SignInTries.name_sha256 == digest(username)))


def shut_out(session: Session, usernames: Iterable[str], now: datetime) -> set[str]:
    """Those of the names that are shut out from somewhere."""
    named = {digest(name): name for name in usernames}
    rows = session.scalars(
        select(SignInTries.name_sha256)
        .where(SignInTries.name_sha256.in_(named), SignInTries.locked_until > now)
        .group_by(SignInTries.name_sha256)
        .having(func.count() > 0)
    )
    return {named[bytes(row)] for row in rows}
