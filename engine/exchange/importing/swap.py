"""The swap: what the difference says goes into the register, set by set, in the caller's transaction.

What says the same keeps its version. What differs or is gone is closed as of today, as one closes a single thing
(store/register.py, ``supersede``); what is new or differs stands from today, and in a county that had no such thing
from the day that the package tells, never the future.
"""
# ruff: noqa: S608  names of our own tables and columns

from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.exchange.importing.staging import Tell
from engine.exchange.importing.things import THINGS, Children, Thing, coded, division_of
from engine.store.base import OPERATIONAL

_SPECIAL = {
    "valid_to": "cast(:today as date)",
    "recorded_at": "cast(:now as timestamptz)",
    "superseded_at": "null",
    "superseded_cause": "null",
    "superseded_ref": "null",
    "restates": "coalesce(v.restates, v.id)",
}


def take_in(
    session: Session, county: str, batch: int, cause_ref: str, now: datetime, today: date, tell: Tell
) -> None:
    """Write the batch's differences. ``cause_ref``: the import batch that the versions name as their cause."""
    said = {"county": county, "batch": batch, "cause_ref": cause_ref, "now": now, "today": today}
    for number, thing in enumerate(THINGS):
        tell(number, len(THINGS) + 1, "write")
        _run(session, _restated(thing), said)
        _run(session, _superseded(thing), said)
        _run(session, _renumbered(thing), said)
        _run(session, _identities(thing), said)
        _run(session, _versions(thing), said)
        if thing.children:
            _run(session, _children(thing, thing.children), said)
    tell(len(THINGS), len(THINGS) + 1, "write")
    _run(session, _OLD_PAPERS, said)
    _run(session, _PAPERS, said)


def _run(session: Session, statement: str, said: dict[str, Any]) -> None:
    named = {name: value for name, value in said.items() if f":{name}" in statement}
    session.execute(text(statement), named)


def _chosen(thing: Thing, changes: str) -> str:
    return f"""d.county = :county and d.batch = :batch and d.thing = '{thing.name}' and d.change in ({changes})"""


def _restated(thing: Thing) -> str:
    """Versions that only began today are superseded without being said again: they never stood for a whole day."""
    columns = [column.name for column in thing.version.__table__.columns if column.name != "id"]
    values = ", ".join(_SPECIAL.get(name, f"v.{name}") for name in columns)
    return f"""
        insert into {thing.versions} ({", ".join(columns)})
        select {values} from {thing.versions} v
        join staging.differences d on d.version = v.id
        where v.county = :county and {_chosen(thing, "'changed', 'ended'")} and v.valid_from < :today"""


def _superseded(thing: Thing) -> str:
    return f"""
        update {thing.versions} v
        set superseded_at = :now, superseded_cause = 'import', superseded_ref = :cause_ref from staging.differences d
        where v.county = :county and v.id = d.version and {_chosen(thing, "'changed', 'ended'")}"""


def _renumbered(thing: Thing) -> str:
    """A version follows the one that it takes the place of, also in the order of the ids."""
    return f"""
        update staging.differences d set new_version = nextval(pg_get_serial_sequence('{thing.versions}', 'id'))
        where {_chosen(thing, "'changed'")}"""


def _parents(thing: Thing) -> str:
    return "".join(
        f"""
        join staging.differences p{number} on p{number}.county = :county and p{number}.batch = :batch
          and p{number}.thing = '{parent}' and p{number}.change <> 'ended' and p{number}.code = {code}"""
        for number, (parent, code) in enumerate(thing.parents.values())
    )


def _staged(thing: Thing) -> str:
    return f"""staging.differences d
        join staging.{thing.staged} s on s.county = :county and s.batch = :batch and s.row = d.row"""


def _identities(thing: Thing) -> str:
    owners = "".join(f", {column}" for column in thing.parents)
    ids = "".join(f", p{number}.id" for number in range(len(thing.parents)))
    return f"""
        insert into {thing.identities} (county, id, code, division{owners})
        select :county, d.id, d.code, {division_of("d.code")}{ids}
        from {_staged(thing)} {_parents(thing)}
        where {_chosen(thing, "'added'")} and d.fresh order by d.row"""


def _versions(thing: Thing) -> str:
    values = {column: f"s.{field}{cast}" for column, (field, cast) in coded(thing.version).items()}
    values |= {column: value for column, (value, _) in thing.more.items()} | dict(thing.kept)
    before = f"left join {thing.versions} o on o.county = :county and o.id = d.version" if thing.kept else ""
    return f"""
        insert into {thing.versions} (county, id, {thing.owner}, valid_from, recorded_at, cause, cause_ref,
            {", ".join(values)})
        select :county, d.new_version, d.id,
            case when d.fresh then least(coalesce({thing.since}, :today), :today) else :today end,
            :now, 'import', :cause_ref, {", ".join(values.values())}
        from {_staged(thing)} {thing.joined} {before}
        where {_chosen(thing, "'added', 'changed'")} order by d.row"""


def _children(thing: Thing, children: Children) -> str:
    values = {column: f"c.{field}{cast}" for column, (field, cast) in coded(children.table).items()} | dict(
        children.more
    )
    parcel = """join staging.differences p on p.county = :county and p.batch = :batch and p.thing = 'parcel'
          and p.change <> 'ended' and p.code = c.dkbm""" if "parcel_id" in children.more else ""  # fmt: skip
    return f"""
        insert into {OPERATIONAL}.{children.table.__tablename__} (county, {children.owner}, {", ".join(values)})
        select :county, d.new_version, {", ".join(values.values())}
        from staging.differences d
        join staging.{children.staged} c on c.county = :county and c.batch = :batch and c.{children.key} = d.code {parcel}
        where {_chosen(thing, "'added', 'changed'")} order by c.row"""


# Source documents are no versions: one that is known already by its number is brought up to date, and an entry that
# still stands has those that the package gives it. What has ended keeps its own.
_OLD_PAPERS = f"""
    delete from {OPERATIONAL}.source_documents o using staging.differences e
    where o.county = :county and e.county = :county and e.batch = :batch and e.thing = 'register_entry'
      and e.change in ('same', 'changed') and o.register_entry_id = e.id and not exists (
        select from staging.qslyzlfj s where s.county = :county and s.batch = :batch and s.zlfjbh = o.number)"""

_PAPERS = f"""
    insert into {OPERATIONAL}.source_documents as o
        (county, register_entry_id, number, name, dated, paths, division)
    select :county, e.id, s.zlfjbh, s.zlfjmc, s.zlfjrq, s.fj, {division_of("s.cbjyqzbm")}
    from staging.qslyzlfj s
    join staging.differences e on e.county = :county and e.batch = :batch and e.thing = 'register_entry'
      and e.change <> 'ended' and e.code = s.cbjyqzbm
    where s.county = :county and s.batch = :batch order by s.row
    on conflict (county, number) do update set register_entry_id = excluded.register_entry_id,
        name = excluded.name, dated = excluded.dated, paths = excluded.paths, division = excluded.division
    where (o.register_entry_id, o.name, o.dated, o.paths, o.division) is distinct from
        (excluded.register_entry_id, excluded.name, excluded.dated, excluded.paths, excluded.division)"""
