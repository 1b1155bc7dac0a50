"""Parcel sketches (地块示意图) of register entries whose land has changed since the sketch on file, drawn anew.

What draws them is handed in (documents/lean_sketch.py): this finds out which, and gathers what is on them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from engine.exchange.checks.files import paths
from engine.exchange.exporting.tables import Part
from engine.exchange.package.model import FIGURES, Table
from engine.store.register import current, version_of
from engine.store.tables import register as t
from engine.store.tables import standard as s

__all__ = ["Draw", "drawn_anew", "paths"]

# Title, (fields of DK with `outline`, contract area in m2) of each parcel, points by parcel -> PDF.
Draw = Callable[[str, list[tuple[dict[str, Any], float]], dict[str, list[tuple[str, float, float]]]], bytes]


def drawn_anew(
    session: Session,
    part: Part,
    layers: Mapping[str, Table],
    tables: Mapping[str, Table],
    files: Mapping[str, list[str]],
    draw: Draw,
) -> Iterator[tuple[str, bytes]]:
    """(code of the entry, PDF) where the land is later than the file, or there is no file. `files`: paths by code."""
    on_file, changed = _on_file(session, part), _changed(session, part)
    stale = {
        code
        for code, own in files.items()
        if (kept := [on_file.get(path.lower()) for path in own]) and not _fresh(kept, changed.get(code))
    }
    if not stale:
        return
    land = _by_code(layers["DK"])
    points = _points(layers["JZD"])
    holders = dict(tables["CBF"].rows("CBFBM", "CBFMC"))
    held: dict[str, list[tuple[str, float]]] = {}
    for code, parcel, area in tables["CBDKXX"].rows("CBJYQZBM", "DKBM", "HTMJ"):
        if code in stale:
            held.setdefault(code, []).append((parcel, area))
    for code, holder in tables["CBJYQZDJB"].rows("CBJYQZBM", "CBFBM"):
        if code in stale:
            parcels = [(land[parcel], area) for parcel, area in sorted(held.get(code, [])) if parcel in land]
            yield code, draw(f"承包方 {holders.get(holder, '')}    权证代码 {code}", parcels, points)


def _fresh(kept: list[datetime | None], changed: datetime | None) -> bool:
    return all(at is not None and (changed is None or changed <= at) for at in kept)


def _on_file(session: Session, part: Part) -> dict[str, datetime]:
    f = s.RegisterFile
    rows = session.execute(
        select(f.path, f.recorded_at).where(
            f.county == part.county, part.holds(f.division), f.path.startswith(f"{FIGURES}/"), *current(f)
        )
    )
    return {row.path.lower(): row.recorded_at for row in rows}


def _changed(session: Session, part: Part) -> dict[str, datetime]:
    """When a case last changed the contract or a parcel of each entry; entries that none has are left out."""
    e, k, v, row, p = t.RegisterEntry, t.Contract, t.ContractVersion, t.ContractedParcel, t.ParcelVersion
    later = func.max(
        func.greatest(
            case((v.cause != "import", v.recorded_at)),
            case((p.cause != "import", p.recorded_at)),
        )
    )
    rows = session.execute(
        select(e.code, later)
        .join(k, (k.county == e.county) & (k.id == e.contract_id))
        .join(v, version_of(k, v, "contract_id") & current(v)[0] & current(v)[1])
        .join(row, (row.county == v.county) & (row.contract_version_id == v.id))
        .join(p, (p.county == row.county) & (p.parcel_id == row.parcel_id) & current(p)[0] & current(p)[1])
        .where(e.county == part.county, part.holds(e.division))
        .group_by(e.code)
        .having(later.is_not(None))
    )
    return dict(rows.tuples().all())


def _by_code(parcels: Table) -> dict[str, dict[str, Any]]:
    names = ("DKBM", "DKMC", "SCMJ", "SCMJM", "DKDZ", "DKXZ", "DKNZ", "DKBZ")
    return {
        row[0]: {**dict(zip(names, row, strict=True)), "outline": outline}
        for row, outline in zip(parcels.rows(*names), np.asarray(parcels.geometry), strict=True)
    }


def _points(points: Table) -> dict[str, list[tuple[str, float, float]]]:
    """Number, easting and northing of the points of each parcel."""
    found: dict[str, list[tuple[str, float, float]]] = {}
    for number, codes, northing, easting in points.rows("JZDH", "DKBM", "XZBZ", "YZBZ"):
        for code in codes.split("/"):
            found.setdefault(code, []).append((number, easting, northing))
    return found
