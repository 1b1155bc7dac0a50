"""What became of a thing: every change of it in both times, field by field, with its cause and who recorded it.

A moment is one act that was recorded (a case filed, a package taken in); what it changed of a household's members,
contracts and certificates stands together. Rows that only say an earlier version again with its end are no changes.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.as_of import contracts_with
from engine.queries.scoped import within
from engine.queries.things.kinds import KINDS, Found
from engine.store.tables import register as t
from engine.store.tables.cases import Case
from engine.store.tables.history import Event
from engine.store.tables.reference import Person

_UNCODED = ("state", "serial", "reason")  # facts that the standard has no field for
_TAKEN_OVER = ("previous_area",)  # what the version before says itself
_DRAWN = ("geom", "corners")  # told as one: whether the outline is another


@dataclass(frozen=True)
class Difference:
    """``field`` is the column; ``outline`` for a parcel's drawing, without values."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class RowChange:
    """A member, or a parcel under a contract, that came, went or changed. ``code``: the parcel's."""

    what: str  # member, parcel
    name: str
    act: str  # came, went, changed
    fields: tuple[Difference, ...]
    code: str = ""


@dataclass(frozen=True)
class Change:
    """What one act changed of one thing, from ``day`` on. ``same``: recorded again, and nothing is different."""

    kind: str
    id: int
    code: str
    name: str
    act: str  # began, changed, ended, same
    day: date
    fields: tuple[Difference, ...] = ()
    rows: tuple[RowChange, ...] = ()


@dataclass(frozen=True)
class Kin:
    """One line of descent: what came of what."""

    kind: str
    parent: str
    child: str
    day: date


@dataclass(frozen=True)
class Moment:
    """``by``: who recorded it, where that is known. ``visible``: the case named by ``ref`` may be opened."""

    recorded_at: datetime
    cause: str
    ref: str
    changes: tuple[Change, ...]
    kin: tuple[Kin, ...] = ()
    by: str | None = None
    visible: bool = False

    @property
    def day(self) -> date:
        return min([change.day for change in self.changes] + [kin.day for kin in self.kin])


@dataclass
class _Acts:
    """Changes and descents by the act that recorded them."""

    changes: dict[tuple[datetime, str, str], list[Change]] = field(default_factory=lambda: defaultdict(list))
    kin: dict[tuple[datetime, str, str], list[Kin]] = field(default_factory=lambda: defaultdict(list))

    def moments(self) -> list[Moment]:
        """Newest first; an act that tells of several days, as an import does, has one for each."""
        found = []
        for act in sorted(self.changes.keys() | self.kin.keys(), reverse=True):
            changes, kin = self.changes.get(act, []), self.kin.get(act, [])
            for day in sorted({one.day for one in changes} | {one.day for one in kin}, reverse=True):
                of_day = tuple(one for one in changes if one.day == day)
                found.append(Moment(*act, of_day, tuple(one for one in kin if one.day == day)))
        return found


def household_past(session: Session, actor: Actor, found: Found) -> list[Moment]:
    """Of the household with its members, its contracts, its certificates, and its descent."""
    county = actor.county
    contracts = session.scalars(
        select(t.Contract.id).where(t.Contract.county == county, t.Contract.contractor_id == found.id)
    ).all()
    entries = session.scalars(
        select(t.RegisterEntry.id).where(
            t.RegisterEntry.county == county, t.RegisterEntry.contractor_id == found.id
        )
    ).all()
    certificates = _certificates_of(session, county, entries)
    acts = _Acts()
    _take(
        acts, session, county, {"contractor": [found.id], "contract": contracts, "certificate": certificates}
    )
    _descents(acts, session, county, "contractor", found.code)
    return told(session, actor, acts.moments())


def parcel_past(session: Session, actor: Actor, found: Found) -> list[Moment]:
    """Of the parcel, of who held it by which contract, and its descent."""
    acts = _Acts()
    _take(acts, session, actor.county, {"parcel": [found.id]})
    held = _Acts()
    _take(held, session, actor.county, {"contract": contracts_with(session, actor.county, found.id)})
    for act, changes in held.changes.items():
        for change in changes:
            rows = tuple(row for row in change.rows if row.code == found.code)
            if rows or change.act == "ended":
                acts.changes[act].append(replace(change, rows=rows, fields=()))
    _descents(acts, session, actor.county, "parcel", found.code)
    return told(session, actor, acts.moments())


def contract_past(session: Session, actor: Actor, found: Found) -> list[Moment]:
    """Of the contract, its parcels, and its register entry."""
    entries = session.scalars(
        select(t.RegisterEntry.id).where(
            t.RegisterEntry.county == actor.county, t.RegisterEntry.contract_id == found.id
        )
    ).all()
    acts = _Acts()
    _take(acts, session, actor.county, {"contract": [found.id], "entry": entries})
    return told(session, actor, acts.moments())


def entry_past(session: Session, actor: Actor, found: Found) -> list[Moment]:
    """Of the register entry and its certificates."""
    acts = _Acts()
    certificates = _certificates_of(session, actor.county, [found.id])
    _take(acts, session, actor.county, {"entry": [found.id], "certificate": certificates})
    return told(session, actor, acts.moments())


def party_past(session: Session, actor: Actor, found: Found) -> list[Moment]:
    acts = _Acts()
    _take(acts, session, actor.county, {"party": [found.id]})
    return told(session, actor, acts.moments())


def _certificates_of(session: Session, county: str, entries: Sequence[int]) -> Sequence[int]:
    query = select(t.Certificate.id).where(
        t.Certificate.county == county, t.Certificate.register_entry_id.in_(entries)
    )
    return session.scalars(query).all()


def _take(acts: _Acts, session: Session, county: str, things: dict[str, Sequence[int]]) -> None:
    for kind, ids in things.items():
        one = KINDS[kind]
        owner = getattr(one.version, one.owner)
        rows = session.execute(
            select(one.identity.id, one.identity.code, one.version)
            .join(one.version, one.of())
            .where(one.identity.county == county, owner.in_(ids))
            .order_by(one.identity.id, one.version.id)
        ).all()
        children = _children(session, county, kind, [version for *_, version in rows])
        versions: dict[tuple[int, str], list[Any]] = defaultdict(list)
        for thing_id, code, version in rows:
            versions[thing_id, code].append(version)
        for (thing_id, code), all_of_it in versions.items():
            for act, change in _changes(kind, thing_id, code, all_of_it, children):
                acts.changes[act].append(change)


def _children(session: Session, county: str, kind: str, versions: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """Members or contracted parcels by the version that they lie with, and by what tells them apart."""
    ids = {version.restates or version.id for version in versions}
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    if kind == "contractor":
        members = select(t.Member).where(t.Member.county == county, t.Member.contractor_version_id.in_(ids))
        for member in session.scalars(members.order_by(t.Member.position)):
            found[member.contractor_version_id][member.id_number] = member
    if kind == "contract":
        row, p = t.ContractedParcel, t.Parcel
        parcels = (
            select(p.code, row)
            .join(row, and_(row.county == p.county, row.parcel_id == p.id))
            .where(row.county == county, row.contract_version_id.in_(ids))
            .order_by(p.code)
        )
        for code, contracted in session.execute(parcels):
            found[contracted.contract_version_id][code] = contracted
    return found


def _changes(
    kind: str, thing_id: int, code: str, versions: list[Any], children: dict[int, dict[str, Any]]
) -> Iterable[tuple[tuple[datetime, str, str], Change]]:
    """What each recorded instant changed: against what had been known just before to hold on the new version's day."""
    instants = {v.recorded_at for v in versions if not _restates(v)} | {
        v.superseded_at for v in versions if v.superseded_at is not None
    }
    for at in sorted(instants):
        new = [v for v in versions if v.recorded_at == at and not _restates(v)]
        for now in new:
            was = _known_before(versions, at, now.valid_from)
            fields, rows = _differences(was, now), _row_changes(kind, was, now, children)
            act = "began" if was is None else "changed" if fields or rows else "same"
            if getattr(now, "state", None) == "ended" and (was is None or was.state != "ended"):
                act = "ended"
            yield (
                (at, now.cause, now.cause_ref),
                Change(kind, thing_id, code, _name(now) or code, act, now.valid_from, fields, rows),
            )
        gone = next((v for v in versions if v.superseded_at == at and v.valid_to is None), None)
        if not new and gone is not None:
            day = next((v.valid_to for v in versions if v.recorded_at == at), gone.valid_from)
            cause = (at, gone.superseded_cause or "", gone.superseded_ref or "")
            yield cause, Change(kind, thing_id, code, _name(gone) or code, "ended", day)


def _restates(version: Any) -> bool:
    return version.valid_to is not None and version.restates is not None


def _known_before(versions: list[Any], at: datetime, day: date) -> Any | None:
    return next(
        (
            v
            for v in reversed(versions)
            if v.recorded_at < at
            and (v.superseded_at is None or v.superseded_at >= at)
            and v.valid_from <= day
            and (v.valid_to is None or v.valid_to > day)
        ),
        None,
    )


def _name(version: Any) -> str | None:
    return getattr(version, "name", None) or getattr(version, "serial", None)


def facts(row: Any) -> dict[str, Any]:
    """What a version or a child row says of the thing itself, by column, in the standard's order."""
    return {
        column.key: getattr(row, column.key)
        for column in type(row).__mapper__.columns
        if ("code" in column.info or column.key in _UNCODED) and column.key not in _DRAWN
    }


def _differences(was: Any, now: Any) -> tuple[Difference, ...]:
    before, after = facts(was) if was is not None else {}, facts(now)
    found = [
        Difference(name, before.get(name), value)
        for name, value in after.items()
        if before.get(name) != value and (was is None or name not in _TAKEN_OVER)
    ]
    if was is not None and hasattr(now, "geom") and was.geom != now.geom:
        found.append(Difference("outline", None, None))
    return tuple(found)


def _row_changes(kind: str, was: Any, now: Any, children: dict[int, dict[str, Any]]) -> tuple[RowChange, ...]:
    before = children.get(was.restates or was.id, {}) if was is not None else {}
    after = children.get(now.restates or now.id, {})
    what = "member" if kind == "contractor" else "parcel"
    found = []
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key), after.get(key)
        act = "came" if old is None else "went" if new is None else "changed"
        fields = _differences(old, new) if new is not None else ()
        if old is not None and new is not None and not fields:
            continue
        name = str(getattr(old if new is None else new, "name", ""))
        found.append(RowChange(what, name, act, fields, key if what == "parcel" else ""))
    return tuple(found)


def _descents(acts: _Acts, session: Session, county: str, kind: str, code: str) -> None:
    d = t.Descent
    for row in session.scalars(
        select(d)
        .where(d.county == county, d.kind == kind, or_(d.parent == code, d.child == code))
        .order_by(d.id)
    ):
        acts.kin[row.recorded_at, row.cause, row.cause_ref].append(Kin(kind, row.parent, row.child, row.day))


def told(session: Session, actor: Actor, moments: list[Moment]) -> list[Moment]:
    """With who recorded each, as far as the reader may know it."""
    refs = {moment.ref for moment in moments if moment.cause == "case"}
    at = {moment.recorded_at for moment in moments}
    case = within(Case, actor)
    visible = set(session.scalars(select(Case.number).where(case, Case.number.in_(refs))))
    people = {
        (number, when): name
        for number, when, name in session.execute(
            select(Case.number, Event.at, Event.actor_name)
            .join(Event, and_(Event.county == Case.county, Event.case_id == Case.id))
            .where(case, Case.number.in_(refs), Event.at.in_(at), Event.actor != "system")
            .order_by(Event.seq)
        )
    }
    packages = _packages(session, actor.county, {m.ref for m in moments if m.cause == "import"})
    return [
        replace(
            moment,
            by=people.get((moment.ref, moment.recorded_at)) or packages.get(moment.ref),
            visible=moment.cause == "case" and moment.ref in visible,
        )
        for moment in moments
    ]


def _packages(session: Session, county: str, refs: set[str]) -> dict[str, str]:
    """Import batch -> who took it in."""
    batch = t.ImportBatch
    ids = [int(ref) for ref in refs if ref.isascii() and ref.isdigit()]
    rows = session.execute(
        select(batch.id, batch.imported_by).where(batch.county == county, batch.id.in_(ids))
    ).all()
    people = {by: UUID(by) for _, by in rows if _is_id(by)}
    names = dict(
        session.execute(select(Person.id, Person.name).where(Person.id.in_(people.values()))).tuples().all()
    )
    return {str(number): names.get(people[by], by) if by in people else by for number, by in rows}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
