"""The sums of each division are kept, and added up again where its register changed since.

What is kept is right from one day until another: nothing of the division begins or ends between them. So an earlier day
is answered from it too, as far back as nothing changed; beyond, that day's sums are added up for the divisions that did.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, union_all
from sqlalchemy.orm import Session

from engine.domain.actor import system
from engine.queries.as_of import When
from engine.queries.scoped import within
from engine.queries.statistics.parts import PARTS, Of, Part, View, added_up
from engine.store.tables import register as t
from engine.store.tables.maps import MapChange
from engine.store.tables.summaries import DivisionFigures, DivisionSum, RegisterChange

FEW = 200  # divisions; more are added up by looking at all of the view's
VERSIONS = (
    (t.IssuingParty, t.IssuingPartyVersion, "issuing_party_id"),
    (t.Contractor, t.ContractorVersion, "contractor_id"),
    (t.Parcel, t.ParcelVersion, "parcel_id"),
    (t.Contract, t.ContractVersion, "contract_id"),
    (t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id"),
    (t.Certificate, t.CertificateVersion, "certificate_id"),
)


def part(view: View, name: str) -> list[Any]:
    """Rows of one of the PARTS for the view's divisions. May keep what it adds up: the caller commits."""
    if not view.found:
        view.found.update(_figures(view))
    return view.found[name]


def sum_up(session: Session, county: str, now: datetime) -> None:
    """Of a whole county, by who has just changed it whole: the first reader shall not wait for it."""
    part(View(session, system(county), When.now(now), county), "parties")


def _figures(view: View) -> dict[str, list[Any]]:
    changes = _changes(view)
    kept, newer = _kept(view, changes)
    missing = changes.keys() - kept
    if not missing:
        return _read(view, None)
    fresh = _added_up(view, missing, len(missing) == len(changes))
    if view.keep:
        _keep(view, {division: changes[division] for division in missing - newer}, fresh)
    found = _read(view, kept) if kept else {name: [] for name in PARTS}
    return {name: found[name] + fresh[name] for name in PARTS}


def _changes(view: View) -> dict[str, int]:
    """Division -> how often its register changed, as this transaction sees it."""
    each = union_all(
        *(
            select(table.division).where(within(table, view.actor, view.division))
            for table in (RegisterChange, MapChange)
        )
    ).subquery()
    rows = view.session.execute(select(each.c.division, func.count()).group_by(each.c.division))
    return {division: number for division, number in rows}


def _kept(view: View, changes: dict[str, int]) -> tuple[set[str], set[str]]:
    """Divisions whose kept sums are right for the view's day, and those whose are right for a later one."""
    row = DivisionFigures
    rows = view.session.execute(
        select(row.division, row.changes, row.day, row.until).where(
            within(row, view.actor, view.division), row.known <= view.when.known
        )
    )
    found, newer = set(), set()
    for division, number, day, until in rows:
        if number == changes.get(division):
            if day <= view.when.day and (until is None or view.when.day < until):
                found.add(division)
            elif view.when.day < day:
                newer.add(division)
    return found, newer


def _read(view: View, divisions: set[str] | None) -> dict[str, list[Any]]:
    """What is kept of these divisions (None: of all of the view's), added up to the view's digits."""
    row = DivisionSum
    place = func.left(row.division, view.digits)
    key = (row.part, place, row.keys)
    query = select(*key, func.sum(row.counts[1]), func.sum(row.counts[2]), func.sum(row.area))
    query = query.where(within(row, view.actor, view.division)).group_by(*key)
    if divisions is not None:
        query = query.where(row.division.in_(divisions))
    found: dict[str, list[Any]] = {name: [] for name in PARTS}
    for name, division, keys, first, second, area in sorted(
        view.session.execute(query), key=lambda one: one[:3]
    ):
        part = PARTS[name]
        values = [read(key) for read, key in zip(part.keys, keys, strict=True)]
        counts = [int(first), int(second or 0)][: part.counts]
        found[name].append(part.row(division, *values, *counts, *([area] if part.area else [])))
    return found


def _added_up(view: View, divisions: Collection[str], all_of_them: bool) -> dict[str, list[Any]]:
    only = None if all_of_them or len(divisions) > FEW else frozenset(divisions)
    wanted = set(divisions)
    return {name: [row for row in added_up(Of(view, only), name) if row.division in wanted] for name in PARTS}


def _keep(view: View, changes: dict[str, int], fresh: dict[str, list[Any]]) -> None:
    if not changes:
        return
    session, county = view.session, view.actor.county
    # once for all who look at the same time: who waited writes the same again
    session.execute(
        text("select pg_advisory_xact_lock(hashtext('figures'), :county)"), {"county": int(county)}
    )
    since, until = _around(view, changes.keys())
    for table in (DivisionFigures, DivisionSum):
        session.execute(delete(table).where(table.county == county, table.division.in_(changes)))
    session.execute(
        insert(DivisionFigures),
        [
            {
                "county": county, "division": division, "changes": number,
                "day": since.get(division, date(1, 1, 1)), "until": until.get(division), "known": view.when.known,
            }
            for division, number in sorted(changes.items())
        ],
    )  # fmt: skip
    rows = [
        {"county": county, "division": row.division, "part": name} | _written(PARTS[name], row[1:])
        for name, rows in fresh.items()
        for row in rows
        if row.division in changes
    ]
    if rows:
        session.execute(insert(DivisionSum), rows)


def _written(part: Part, values: Sequence[Any]) -> dict[str, Any]:
    keys = [
        str(value or "") if not isinstance(value, bool) else str(value) for value in values[: len(part.keys)]
    ]
    counts = list(values[len(part.keys) : len(part.keys) + part.counts])
    return {"keys": keys, "counts": counts, "area": values[-1] if part.area else None}


def _around(view: View, divisions: Collection[str]) -> tuple[dict[str, date], dict[str, date]]:
    """Division -> the last day up to the view's, and the first after it, on which anything of it began or ended."""
    day, of = view.when.day, Of(view, None if len(divisions) > FEW else frozenset(divisions))
    parts = []
    for thing, version, owner in VERSIONS:
        own = thing.id == getattr(version, owner)
        for when in (version.valid_from, version.valid_to):
            parts.append(
                select(
                    thing.division,
                    func.max(when).filter(when <= day).label("since"),
                    func.min(when).filter(when > day).label("until"),
                )
                .join(version, own & (version.county == thing.county))
                .where(of.lies(thing, version), when.is_not(None), version.superseded_at.is_(None))
                .group_by(thing.division)
            )
    each = union_all(*parts).subquery()
    rows = view.session.execute(
        select(each.c.division, func.max(each.c.since), func.min(each.c.until)).group_by(each.c.division)
    )
    since: dict[str, date] = {}
    until: dict[str, date] = {}
    for division, before, after in rows:
        if before:
            since[division] = before
        if after:
            until[division] = after
    return since, until
