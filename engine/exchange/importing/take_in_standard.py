"""The swap's part for what ``store/tables/standard.py`` keeps: from the staged batch into the register, set by set.

Rows that say the same as before stay; the others are closed as of today and what the package says stands from today
(in a county that had none, from the day of the survey, signing or act itself). Runs in the swap's transaction, after
the issuing parties and register entries are written.
"""
# ruff: noqa: S608  names of our own tables and of the standard's

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import LargeBinary, Table, func, insert, literal, null, select, text, update
from sqlalchemy.orm import Session

from engine.exchange import standard
from engine.store.base import OPERATIONAL
from engine.store.sealed import SealedText
from engine.store.tables import standard as s
from engine.store.tables.register import Validity

PARCEL_LAYERS = ("DK", "JZD", "JZX")
_TIMES = tuple(Validity.__annotations__)
_AREAS = {"XJXZQ": "xzqdm", "XJQY": "xjqydm", "CJQY": "cjqydm", "ZJQY": "zjqydm"}


@dataclass(frozen=True)
class _Batch:
    session: Session
    county: str
    number: int
    srid: int
    cause_ref: str
    now: datetime
    today: date

    def run(self, statement: str, **more: Any) -> Any:
        said = {"county": self.county, "batch": self.number, "today": self.today}
        return self.session.execute(text(statement), said | more)


def take_in_standard(
    session: Session, county: str, batch: int, srid: int, import_batch: str, now: datetime, today: date
) -> None:
    """``batch``: the staged one; ``import_batch``: the import's id, which the versions name as their cause."""
    run = _Batch(session, county, batch, srid, import_batch, now, today)
    _replace(run, s.BoundaryPoint, _POINTS)
    _replace(run, s.BoundaryLine, _LINES)
    _replace(run, s.MapFeature, _features(), **_homes(run))
    _replace(run, s.TransferContract, _TRANSFERS)
    _replace(run, s.CertificateAct, _ACTS)
    run.run(_CANCELLED, cause_ref=import_batch)
    if run.run("select 1 from staging.files where county = :county and batch = :batch limit 1").first():
        _replace(run, s.RegisterFile, _FILES)  # where there is no store for them, what is kept stays
    run.run(
        """
        update operational.import_batches set described = d.facts
        from (select facts from staging.described where county = :county and batch = :batch limit 1) d
        where county = :county and id = :import_batch""",
        import_batch=int(import_batch),
    )


def _replace(run: _Batch, kept: Any, rows: str, **more: Any) -> None:
    """Make the current rows of the table those that ``rows`` selects: its columns, and ``since`` and ``turn``.

    Rows are compared by a hash of what they say; of several that say the same, the first stands for the first.
    """
    table: Table = kept.__table__
    own = [c.name for c in table.columns if c.name not in ("county", "id", *_TIMES)]
    compared = ", ".join(f'"{n}"' for n in own if not isinstance(table.c[n].type, SealedText))
    listed = ", ".join(f'"{name}"' for name in own)
    standing = f"{OPERATIONAL}.{table.name}"
    current = "county = :county and valid_to is null and superseded_at is null"
    incoming = f"""
        select *, row_number() over (partition by mark order by turn) as nth
        from (select *, md5(({compared})::text) as mark from ({rows}) found) marked"""
    known = f"""
        select id, mark, row_number() over (partition by mark order by id) as nth
        from (select id, md5(({compared})::text) as mark from {standing} where {current}) marked"""
    first = run.run(f"select 1 from {standing} where {current} limit 1").first() is None
    if not first:
        gone = run.run(
            f"select o.id from ({known}) o left join ({incoming}) i using (mark, nth) where i.mark is null",
            **more,
        )
        _close(run, table, list(gone.scalars()))
    others = "" if first else f"left join ({known}) o using (mark, nth) where o.id is null"
    run.run(
        f"""insert into {standing} (county, {listed}, valid_from, recorded_at, cause, cause_ref)
        select :county, {listed}, case when :first then least(coalesce(since, :today), :today) else :today end,
               :now, 'import', :cause_ref
        from ({incoming}) i {others} order by turn""",
        first=first,
        now=run.now,
        cause_ref=run.cause_ref,
        **more,
    )


def _close(run: _Batch, table: Table, gone: list[int]) -> None:
    """Superseded and said again with their end, as importing/swap.py does; those of today never stood for a day."""
    if not gone:
        return
    chosen = (table.c.county == run.county, table.c.id == func.any(gone))
    special: dict[str, Any] = {
        "valid_to": literal(run.today, table.c.valid_to.type),
        "recorded_at": literal(run.now, table.c.recorded_at.type),
        "superseded_at": null(),
        "superseded_cause": null(),
        "superseded_ref": null(),
        "restates": func.coalesce(table.c.restates, table.c.id),
    }
    columns = [column.name for column in table.columns if column.name != "id"]
    values = (
        special.get(name, table.c[name]) if name in special
        else table.c[name].cast(LargeBinary) if isinstance(table.c[name].type, SealedText)
        else table.c[name]
        for name in columns
    )  # fmt: skip
    again = select(*values).where(*chosen, table.c.valid_from < run.today)
    run.session.execute(insert(table).from_select(columns, again))
    ended = {"superseded_at": run.now, "superseded_cause": "import", "superseded_ref": run.cause_ref}
    run.session.execute(update(table).where(*chosen).values(**ended))


def _homes(run: _Batch) -> dict[str, list[Any]]:
    """The smallest area around each feature, by layer and row: those that reach beyond all have none."""
    parts = " union all ".join(
        f"select {code} as code, st_asbinary(geom) as geom from staging.{layer.lower()}"
        " where county = :county and batch = :batch"
        for layer, code in _AREAS.items()
        if layer != "XJXZQ"
    )
    areas = run.run(f"select * from ({parts}) a order by length(code) desc, code").all()
    codes = [area.code for area in areas]
    tree = shapely.STRtree(_shapes(area.geom for area in areas))
    found: dict[str, list[Any]] = {"layers": [], "places": [], "homes": []}
    for layer in standard.layers().keys() - PARCEL_LAYERS - _AREAS.keys():
        features = run.run(
            f"""select row, st_asbinary(geom) as geom from staging.{layer.lower()}
            where county = :county and batch = :batch"""
        ).all()
        inside, around = tree.query(_shapes(f.geom for f in features), predicate="covered_by")
        smallest: dict[int, int] = {}
        for feature, area in zip(inside.tolist(), around.tolist(), strict=True):
            smallest[feature] = min(area, smallest.get(feature, area))
        found["layers"] += [layer] * len(smallest)
        found["places"] += [features[feature].row for feature in smallest]
        found["homes"] += [codes[area] for area in smallest.values()]
    return found


def _shapes(geometries: Iterable[bytes]) -> np.ndarray:
    return shapely.from_wkb(np.array([bytes(g) for g in geometries], object))


def _of_party(code: str) -> str:
    """Division of a code that begins with an issuing party's, as domain.division.of_issuing_party tells it."""
    return (
        f"case when substr({code}, 10, 5) = '00000' then left({code}, 9)"
        f" when substr({code}, 13, 2) = '00' then left({code}, 12) else left({code}, 14) end"
    )


# The smallest division that holds all parcels of a point or line: the codes' common beginning, at a level.
_COMMON = f"""
    case when left(low, 14) = left(high, 14) then {_of_party("low")}
         when left(low, 12) = left(high, 12) then left(low, 12)
         when left(low, 9) = left(high, 9) then left(low, 9)
         else left(low, 6) end"""
_CODES = """
    cross join lateral (select string_to_array(b.dkbm, '/') as parcels) split
    cross join lateral (
        select min(code collate "C") as low, max(code collate "C") as high from unnest(split.parcels) code
    ) ends
    left join staging.fbf party on party.county = b.county and party.batch = b.batch
      and party.fbfbm = left(split.parcels[1], 14)
    where b.county = :county and b.batch = :batch"""

_POINTS = f"""
    select b.jzdh as number, b.jzdlx as kind, b.jblx as marker, split.parcels as parcels,
           {_COMMON} as division, b.geom, party.fbfdcrq as since, b.row as turn
    from staging.jzd b {_CODES}"""

_LINES = f"""
    select b.jxxz as nature, b.jzxlb as kind, b.jzxwz as position, b.jzxsm as description,
           b.pldwqlr as neighbours, b.pldwzjr as witnesses, b.jzxh as number, b.qjzdh as start, b.zjzdh as "end",
           split.parcels as parcels, {_COMMON} as division, b.geom, party.fbfdcrq as since, b.row as turn
    from staging.jzx b {_CODES}"""


def _features() -> str:
    """All layers but parcels and their boundaries; an area is of its own division, the rest of the one around it.

    They have no dates of their own: they are known since the county's survey began.
    """
    parts = []
    for turn, (name, spec) in enumerate(standard.layers().items()):
        if name in PARCEL_LAYERS:
            continue
        fields = [f.name for f in spec.fields if f.name not in ("BSM", "YSDM")]
        facts = ", ".join(f"'{field}', {field.lower()}" for field in fields)
        own = f"f.{_AREAS[name]}" if name in _AREAS else "null::text"
        parts.append(f"""
            select '{name}' as layer, f.ysdm as code, jsonb_strip_nulls(jsonb_build_object({facts})) as facts,
                   {own} as own, f.geom, surveyed.since, f.row, f.row + {turn} * 100000000000 as turn
            from staging.{name.lower()} f, (
                select min(fbfdcrq) as since from staging.fbf where county = :county and batch = :batch
            ) surveyed
            where f.county = :county and f.batch = :batch""")
    return f"""
        select f.layer, f.code, f.facts, f.geom, f.since, f.turn, coalesce(f.own, h.home, :county) as division
        from ({" union all ".join(parts)}) f
        left join unnest(cast(:layers as text[]), cast(:places as bigint[]), cast(:homes as text[]))
          as h(layer, row, home) on h.layer = f.layer and h.row = f.row"""


_TRANSFERS = f"""
    select lzhtbm as code, cbhtbm as contract_code, cbfbm as contractor_code, srfbm as receiver_code, lzfs as way,
           lzqx as term, lzqxksrq as term_start, lzqxjsrq as term_end, lzmj::numeric(15, 2) as area,
           lzdks as parcel_count, lzqtdyt as use_before, lzhtdyt as use_after, lzjgsm as price, htqdrq as signed_on,
           {_of_party("lzhtbm")} as division, htqdrq as since, row as turn
    from staging.lzht where county = :county and batch = :batch"""

_ACTS = """
    select e.id as register_entry_id, a.* from (
        select 'QZBF' as kind, qzbfyy as reason, bfrq as done_on, qzbflqrq as collected_on, qzbflqrxm as collected_by,
               bflqrzjlx as collector_id_kind, bflqrzjhm as collector_id_number, bflqrzjhm_found as id_number_found,
               bfrq as since, row as turn, cbjyqzbm
        from staging.cbjyqz_qzbf where county = :county and batch = :batch
        union all
        select 'QZHF', qzhfyy, hfrq, qzhflqrq, qzhflqrxm, hflqrzjlx, hflqrzjhm, hflqrzjhm_found,
               hfrq, row + 100000000000, cbjyqzbm
        from staging.cbjyqz_qzhf where county = :county and batch = :batch
        union all
        select 'QZZX', zxyy, zxrq, null, null, null, null, null, zxrq, row + 200000000000, cbjyqzbm
        from staging.cbjyqz_qzzx where county = :county and batch = :batch
    ) a
    join operational.register_entries e on e.county = :county and e.code = a.cbjyqzbm
    join operational.register_entry_versions v on v.county = e.county and v.register_entry_id = e.id
      and v.valid_to is null and v.superseded_at is null"""

# What the package says was cancelled is not valid when it comes in.
_CANCELLED = """
    update operational.certificate_versions v set state = 'cancelled', reason = a.reason
    from operational.certificates c, operational.certificate_acts a
    where v.county = :county and v.cause = 'import' and v.cause_ref = :cause_ref and v.state = 'valid'
      and v.valid_to is null and v.superseded_at is null
      and c.county = v.county and c.id = v.certificate_id
      and a.county = c.county and a.register_entry_id = c.register_entry_id and a.kind = 'QZZX'
      and a.valid_to is null and a.superseded_at is null"""

# Sketches lie in their issuing party's folder; source papers belong to the entry that names them.
_FILES = f"""
    select f.path, f.sha256, f.size, coalesce(
        case when split_part(f.path, '/', 2) ~ '^[0-9]{{14}}$' then {_of_party("split_part(f.path, '/', 2)")} end,
        {_of_party("paper.entry")}, :county) as division, null::date as since,
        row_number() over (order by f.path collate "C") as turn
    from staging.files f
    left join (
        select distinct on (path) lower(replace(part, '\\', '/')) as path, q.cbjyqzbm as entry
        from staging.qslyzlfj q, unnest(string_to_array(q.fj, '/')) part
        where q.county = :county and q.batch = :batch
        order by path, entry
    ) paper on paper.path = lower(f.path)
    where f.county = :county and f.batch = :batch"""
