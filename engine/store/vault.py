"""Reading and writing the vault. Every function takes a session of the vault's own role.

What stands of a thing is its last version; versions are added and never changed (engine/store/tables/vault.py).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import ColumnElement, Select, func, insert, select
from sqlalchemy.orm import Session

from engine.domain.division import AFTER
from engine.domain.stores import Master, plane
from engine.store.locks import lock_name
from engine.store.tables.vault import MasterVersion as V

CHUNK = 2000


@dataclass(frozen=True)
class Kept:
    """A thing as the vault has it last. ``content`` is the hash that was written with it."""

    version: int
    gone: bool
    content: bytes
    master: Master
    cause: str
    cause_ref: str


def one_writer(vault: Session, county: str) -> None:
    """Until the transaction ends nobody else adds masters of the county: versions are numbered one by one."""
    lock_name(vault, f"masters:{county}")


def villages(vault: Session, county: str, layer: str = "DK") -> set[str]:
    """First twelve digits of the codes of everything that was ever kept in a layer."""
    village = func.split_part(func.left(V.code, 12), "#", 1)  # a control point's begins with the county's
    return set(vault.scalars(select(village).where(V.county == county, V.layer == layer).distinct()))


def of_village(vault: Session, county: str, layer: str, village: str) -> dict[str, Kept]:
    """Code -> what stands, of the codes that begin with that."""
    return _read(vault, county, layer, V.code >= village, V.code < village + AFTER)


def of_codes(vault: Session, county: str, layer: str, codes: Collection[str]) -> dict[str, Kept]:
    return _read(vault, county, layer, V.code.in_(codes)) if codes else {}


def add(
    vault: Session,
    masters: Iterable[tuple[Master, int]],
    county: str,
    cause: tuple[str, str],
    at: datetime,
) -> int:
    """New versions of these things; the number beside each is its last version, 0 for none."""
    rows: list[dict[str, Any]] = []
    added = 0
    for master, last in masters:
        rows.append(
            {
                "county": county,
                "layer": master.layer,
                "code": master.code,
                "version": last + 1,
                "content": master.content,
                "facts": dict(master.facts),
                "geom": from_shape(shapely.from_wkb(master.outline)) if master.outline else None,
                "gone": master.gone,
                "cause": cause[0],
                "cause_ref": cause[1],
                "recorded_at": at,
            }
        )
        if len(rows) == CHUNK:
            added += _insert(vault, rows)
    return added + _insert(vault, rows)


def count(vault: Session, county: str) -> dict[str, int]:
    """Things that stand, by layer."""
    last = _last(county, None).subquery()
    query = select(last.c.layer, func.count()).where(last.c.gone.is_(False)).group_by(last.c.layer)
    return dict(vault.execute(query).tuples().all())


def _insert(vault: Session, rows: list[dict[str, Any]]) -> int:
    if rows:
        vault.execute(insert(V), rows)
    number = len(rows)
    rows.clear()
    return number


def _last(county: str, layer: str | None, *which: ColumnElement[bool]) -> Select[Any]:
    query = select(V).where(V.county == county, *which)
    if layer is not None:
        query = query.where(V.layer == layer)
    return query.distinct(V.layer, V.code).order_by(V.layer, V.code, V.version.desc())


def _read(vault: Session, county: str, layer: str, *which: ColumnElement[bool]) -> dict[str, Kept]:
    outline = func.st_asbinary(V.geom).label("outline")
    query = _last(county, layer, *which).with_only_columns(
        V.code, V.version, V.gone, V.content, V.facts, V.cause, V.cause_ref, outline
    )
    return {
        row.code: Kept(
            row.version,
            row.gone,
            bytes(row.content),
            Master(layer, row.code, row.facts, plane(bytes(row.outline)) if row.outline else None),
            row.cause,
            row.cause_ref,
        )
        for row in vault.execute(query)
    }
