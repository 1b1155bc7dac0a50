"""What changed on the map between two days: parcels that came, ended or became otherwise, each with what caused it.

Only versions that begin or end between the days are looked at, by the indexes of their ends. A package that says the
same of a parcel as before changes nothing.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.map import feature
from engine.queries.scoped import AFTER

MOST = 1000
LOOKED_AT = 20_000  # versions compared at most: an import writes a whole county anew
ADDED, ENDED, CHANGED = "added", "ended", "changed"


@dataclass(frozen=True)
class ParcelChange:
    """``kind``: added, ended, changed. Areas in m2; ``cause``: import, case, correction, or "" where none is known."""

    code: str
    kind: str
    name: str
    before: Decimal | None
    after: Decimal | None
    day: date
    cause: str
    ref: str
    outline: bytes  # of the later day; of one that ended, the earlier
    old_outline: bytes | None  # of one that changed its outline


@dataclass(frozen=True)
class Changes:
    rows: tuple[ParcelChange, ...]
    truncated: bool


_STOOD = """v.valid_from <= :{day} and (v.valid_to is null or v.valid_to > :{day})
        and v.recorded_at <= :known and (v.superseded_at is null or v.superseded_at > :known)"""
_SCOPE = "v.county = :county and v.division >= :division and v.division < :beyond"
# Who ended a parcel is told by what came of it, else by the case or the import that was recorded at that moment.
_CHANGED = text(f"""
    with began_or_ended as (
        select v.parcel_id from operational.parcel_versions v
        where {_SCOPE} and v.valid_from > :since and v.valid_from <= :day and v.recorded_at <= :known
        union
        select v.parcel_id from operational.parcel_versions v
        where {_SCOPE} and v.valid_to > :since and v.valid_to <= :day and v.recorded_at <= :known
    ), touched as materialized (select parcel_id from began_or_ended order by parcel_id limit :looked
    ), early as (
        select v.* from touched join operational.parcel_versions v
          on v.county = :county and v.parcel_id = touched.parcel_id and {_STOOD.format(day="since")}
    ), late as (
        select v.* from touched join operational.parcel_versions v
          on v.county = :county and v.parcel_id = touched.parcel_id and {_STOOD.format(day="day")}
    ), differing as (
        select coalesce(b.code, a.code) code, coalesce(b.name, a.name) as name, coalesce(b.parcel_id, a.parcel_id) parcel,
               case when a.id is null then 'added' when b.id is null then 'ended' else 'changed' end kind,
               a.measured_area before, b.measured_area after, b.valid_from, b.cause, b.cause_ref,
               st_asbinary(coalesce(b.geom, a.geom)) outline,
               case when st_asbinary(a.geom) <> st_asbinary(b.geom) then st_asbinary(a.geom) end old_outline
        from early a full join late b on b.parcel_id = a.parcel_id
        where a.id is null or b.id is null
           or (a.name, a.measured_area, a.category, a.basic_farmland, a.land_use, a.grade, a.use)
              is distinct from (b.name, b.measured_area, b.category, b.basic_farmland, b.land_use, b.grade, b.use)
           or st_asbinary(a.geom) <> st_asbinary(b.geom)
        order by 1 limit :most
    ), ends as (
        select distinct on (v.parcel_id) v.parcel_id, v.valid_to, v.recorded_at
        from differing join operational.parcel_versions v on v.county = :county and v.parcel_id = differing.parcel
        where differing.kind = 'ended' and v.valid_to > :since and v.valid_to <= :day and v.recorded_at <= :known
        order by v.parcel_id, v.recorded_at desc
    )
    select d.code, d.kind, d.name, d.before, d.after, coalesce(d.valid_from, ends.valid_to) as day,
           coalesce(d.cause, descent.cause, case when filed.number is not null then 'case' end,
                    case when batch.id is not null then 'import' end, '') as cause,
           coalesce(d.cause_ref, descent.cause_ref, filed.number, cast(batch.id as text), '') as ref,
           d.outline, d.old_outline, counted.looked
    from (select count(*) looked from touched) counted
    left join differing d on true
    left join ends on ends.parcel_id = d.parcel
    left join lateral (select x.cause, x.cause_ref from operational.descents x
                       where x.county = :county and x.parent = d.code and x.day = ends.valid_to limit 1) descent on true
    left join lateral (select c.number from operational.changesets s
                       join operational.cases c on c.county = s.county and c.id = s.case_id
                       where s.county = :county and s.applied_at = ends.recorded_at limit 1) filed on true
    left join lateral (select i.id from operational.import_batches i
                       where i.county = :county and i.imported_at = ends.recorded_at limit 1) batch on true
    order by d.code""")  # noqa: S608


def changes(session: Session, actor: Actor, division: str, since: date, when: When) -> Changes:
    """From the state of ``since`` to that of ``when.day``, both as known at ``when.known``; at most MOST.

    ``truncated`` where more changed, or where more versions began or ended than were compared.
    """
    prefix = division if division.startswith(actor.division) else actor.division
    facts = {
        "county": actor.county, "division": prefix, "beyond": prefix + AFTER, "since": since, "day": when.day,
        "known": when.known, "most": MOST + 1, "looked": LOOKED_AT + 1,
    }  # fmt: skip
    rows = session.execute(_CHANGED, facts).all()
    found = tuple(
        ParcelChange(
            row.code,
            row.kind,
            row.name,
            row.before,
            row.after,
            row.day,
            row.cause,
            row.ref,
            bytes(row.outline),
            bytes(row.old_outline) if row.old_outline else None,
        )
        for row in rows[:MOST]
        if row.code is not None
    )
    return Changes(found, len(rows) > MOST or rows[0].looked > LOOKED_AT)


def as_features(found: Changes) -> dict[str, Any]:
    """What changed with its outlines; a changed one's old outline comes as ``was``."""
    drawn = []
    for row in found.rows:
        area = row.after if row.after is not None else row.before
        if row.old_outline is not None:
            drawn.append(feature(row.code, row.name, row.before, row.old_outline, "was"))
        drawn.append(feature(row.code, row.name, area, row.outline, row.kind))
        drawn[-1]["properties"] |= {"day": row.day.isoformat(), "cause": row.cause, "ref": row.ref}
    return {"type": "FeatureCollection", "features": drawn, "truncated": found.truncated}
