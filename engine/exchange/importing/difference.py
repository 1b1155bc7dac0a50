"""What a staged batch would change: each thing of it against the register, by set-based SQL, before anything is written.

One row of ``staging.differences`` for each thing that the batch or the register has: added, changed (with the
standard's fields that differ, and ``outline``, ``members``, ``parcels``), same, or ended. The rows carry the
identities and the ids of the versions to come, so the swap writes what is said here and nothing else.
"""
# ruff: noqa: S608  names of our own tables and columns

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain.errors import Refused
from engine.exchange.importing.staging import gather_statistics
from engine.exchange.importing.things import THINGS, Children, Thing, coded, sealed
from engine.store.base import OPERATIONAL
from engine.store.sealed import fingerprint, unseal

_CURRENT = "v.valid_to is null and v.superseded_at is null"
_CHUNK = 5000
CHANGES = ("added", "changed", "ended", "same")


def find_difference(session: Session, county: str, batch: int) -> dict[str, dict[str, int]]:
    """Write the batch's differences anew; gives how many of each thing are added, changed, ended and the same."""
    said = {"county": county, "batch": batch}
    for table in ("differences", "fingerprints"):
        session.execute(text(f"delete from staging.{table} where county = :county and batch = :batch"), said)
    occupied = is_occupied(session, county)
    for thing in THINGS:
        if occupied:
            _fingerprints(session, county, batch, thing)
        sequences = {
            "ids": _sequence(session, thing.identities), "version_ids": _sequence(session, thing.versions),
        }  # fmt: skip
        rows = session.execute(text(_matched(thing, occupied)), said | sequences).rowcount  # type: ignore[attr-defined]
        staged = session.scalar(
            text(f"select count(*) from staging.{thing.staged} where county = :county and batch = :batch"),
            said,
        )
        if rows != staged:
            raise Refused("not_matched", "暂存的成果包数据不完整，请重新检查成果包")
        gather_statistics(session, batch, "differences")
        if occupied:
            session.execute(text(_ended(thing)), said | {"thing": thing.name})
    found: dict[str, dict[str, int]] = {thing.name: dict.fromkeys(CHANGES, 0) for thing in THINGS}
    counted = text("""
        select thing, change, count(*) as number from staging.differences
        where county = :county and batch = :batch group by thing, change""")
    for row in session.execute(counted, said):
        found[row.thing][row.change] = row.number
    return found


def is_occupied(session: Session, county: str) -> bool:
    """Whether the county has a register already."""
    found = text(f"select 1 from {OPERATIONAL}.issuing_parties where county = :county limit 1")
    return session.scalar(found, {"county": county}) is not None


def _sequence(session: Session, table: str) -> str:
    return str(session.scalar(text("select pg_get_serial_sequence(:table, 'id')"), {"table": table}))


def _fingerprints(session: Session, county: str, batch: int, thing: Thing) -> None:
    """Of sealed numbers without a finding column beside them: unsealed here, since SQL cannot compare them."""
    for column, found in sealed(thing.version).items():
        if found:
            continue
        rows = session.execute(
            text(f"""select v.id, v.{column} as sealed from {thing.versions} v
            where v.county = :county and {_CURRENT} and v.{column} is not null"""),
            {"county": county},
            execution_options={"yield_per": _CHUNK},
        )
        for part in rows.partitions(_CHUNK):
            session.execute(
                text("""insert into staging.fingerprints (county, batch, row, thing, version, found)
                select :county, :batch, 0, :thing, f.version, f.found
                from unnest(cast(:versions as bigint[]), cast(:found as bytea[])) as f(version, found)"""),
                {
                    "county": county, "batch": batch, "thing": thing.name, "versions": [row.id for row in part],
                    "found": [fingerprint(unseal(bytes(row.sealed))) for row in part],
                },
            )  # fmt: skip


def _matched(thing: Thing, occupied: bool) -> str:
    """Every staged row with the identity and the current version that it is, and the fields that differ."""
    parents = ""
    same_parents = []
    for number, (column, (parent, code)) in enumerate(thing.parents.items()):
        parents += f"""
            join staging.differences p{number} on p{number}.county = :county and p{number}.batch = :batch
              and p{number}.thing = '{parent}' and p{number}.change <> 'ended' and p{number}.code = {code}"""
        same_parents.append(f" and e.{column} = p{number}.id")
    if not occupied:
        standing, fields, before, fingerprints = "", "'{}'::text[]", "null::numeric", ""
        identity, version = "null::bigint", "null::bigint"
    else:
        columns = f"v.*, e.id as thing_id, e.code as thing_code{''.join(f', e.{c} as of_{c}' for c in thing.parents)}"
        if thing.lasting:
            standing = f"""
            left join {thing.identities} e on e.county = :county and e.code = s.{thing.key}
            left join {thing.versions} v on v.county = :county and v.{thing.owner} = e.id and {_CURRENT}"""
            identity, version = "e.id", "v.id"
        else:
            of_parents = "".join(f" and v.of_{c} = p{n}.id" for n, c in enumerate(thing.parents))
            only = "and v.state = 'in_force'" if thing.name == "contract" else ""
            best = "(v.state = 'valid') desc, " if thing.name == "certificate" else ""
            standing = f"""
            left join (
                select distinct on (e.code{"".join(f", e.{c}" for c in thing.parents)}) {columns}
                from {thing.identities} e
                join {thing.versions} v on v.county = e.county and v.{thing.owner} = e.id and {_CURRENT} {only}
                where e.county = :county
                order by e.code{"".join(f", e.{c}" for c in thing.parents)}, {best}v.id desc
            ) v on v.thing_code = s.{thing.key}{of_parents}"""
            identity, version = "v.thing_id", "v.id"
        comparisons, fingerprints = _comparisons(thing)
        fields = f"array_remove(array[{', '.join(comparisons)}]::text[], null)"
        before = f"v.{thing.area[0]}" if thing.area else "null::numeric"
        if thing.children:
            standing += _children_marks(thing.children, thing.key)
    after = f"s.{thing.area[1]}" if thing.area else "null::numeric"
    return f"""
        insert into staging.differences (county, batch, row, thing, code, name, id, version, new_version, fresh,
            fields, change, area_before, area_after)
        select :county, :batch, m.row, '{thing.name}', m.code, m.name,
            coalesce(m.id, nextval(cast(:ids as regclass))), m.version,
            case when m.version is null or m.fields <> '{{}}' then nextval(cast(:version_ids as regclass)) end,
            m.id is null, m.fields,
            case when m.version is null then 'added' when m.fields <> '{{}}' then 'changed' else 'same' end,
            m.before, m.after
        from (
            select s.row, s.{thing.key} as code, {thing.title} as name, {identity} as id, {version} as version,
                {fields} as fields, {before} as before, {after} as after
            from staging.{thing.staged} s{parents} {thing.joined} {standing} {fingerprints}
            where s.county = :county and s.batch = :batch
        ) m"""


def _comparisons(thing: Thing) -> tuple[list[str], str]:
    """CASE for each field that may differ, and the join of fingerprints that some need."""
    hidden = sealed(thing.version)
    comparisons, joined = [], ""
    for column, (field, cast) in coded(thing.version).items():
        if column not in hidden:
            differs = f"v.{column} is distinct from s.{field}{cast}"
        elif hidden[column]:
            differs = f"v.{hidden[column]} is distinct from s.{field}_found"
        else:
            differs = f"f.found is distinct from s.{field}_found"
            joined = f"""left join staging.fingerprints f on f.county = :county and f.batch = :batch
                and f.thing = '{thing.name}' and f.version = v.id"""
        comparisons.append(f"case when {differs} then '{field.upper()}' end")
    for column, (value, name) in thing.more.items():
        if column == "geom":  # a ring that begins elsewhere or runs the other way round is the same outline
            differs = f"not (v.geom = {value} or st_normalize(v.geom) = st_normalize({value}))"
        else:
            differs = f"v.{column} is distinct from {value}"
        if name:
            comparisons.append(f"case when {differs} then '{name}' end")
    if thing.children:
        comparisons.append(
            f"case when standing.mark is distinct from coming.mark then '{thing.children.word}' end"
        )
    return comparisons, joined


def _children_marks(children: Children, key: str) -> str:
    """A hash over the rows that hang on the version, whatever their order, as they stand and as they come."""
    table = f"{OPERATIONAL}.{children.table.__tablename__}"
    hidden = sealed(children.table)
    plain = {c: f for c, f in coded(children.table).items() if c not in hidden}
    ours = ", ".join([*(f"o.{column}" for column in plain), *children.compared])
    theirs = ", ".join([*(f"c.{field}{cast}" for field, cast in plain.values()), *children.compared.values()])
    return f"""
        left join (
            select o.{children.owner} as owner, md5(string_agg(({ours})::text, ';' order by ({ours})::text)) as mark
            from {table} o where o.county = :county group by 1
        ) standing on standing.owner = v.id
        left join (
            select c.{children.key} as owner, md5(string_agg(({theirs})::text, ';' order by ({theirs})::text)) as mark
            from staging.{children.staged} c where c.county = :county and c.batch = :batch group by 1
        ) coming on coming.owner = s.{key}"""


def _ended(thing: Thing) -> str:
    before = f"v.{thing.area[0]}" if thing.area else "null"
    name = "v.name" if "name" in thing.version.__table__.columns else "null"
    return f"""
        insert into staging.differences (county, batch, row, thing, code, name, id, version, fresh, fields, change,
            area_before)
        select :county, :batch, 0, :thing, e.code, {name}, e.id, v.id, false, '{{}}', 'ended', {before}
        from {thing.identities} e
        join {thing.versions} v on v.county = e.county and v.{thing.owner} = e.id and {_CURRENT}
        where e.county = :county and {thing.ends} and not exists (
            select from staging.differences d
            where d.county = :county and d.batch = :batch and d.thing = :thing and d.version = v.id)"""
