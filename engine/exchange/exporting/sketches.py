"""Parcel sketches (地块示意图) for register entries whose land has changed since the sketch on file: small PDFs.

Drawn without a layout engine, a thousand a second. Each parcel has a cell of its own: outline to scale with its boundary
point numbers, neighbours on four sides, code and area. Chinese text names Adobe's STSong-Light, which readers of PDF
supply themselves; the sketch that is printed for people is documents/sketch.py.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import ceil
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

__all__ = ["drawn_anew", "paths", "sketch"]

_WIDTH, _HEIGHT = 842, 595  # A4 landscape, points
_COLUMNS, _ROWS = 3, 2
_TOP, _MARGIN = 60, 36
_SCALES = (100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 50_000)
_POINTS_OF_A_METRE = 72 / 0.0254


def drawn_anew(
    session: Session,
    part: Part,
    layers: Mapping[str, Table],
    tables: Mapping[str, Table],
    files: Mapping[str, list[str]],
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
            yield code, sketch(f"承包方 {holders.get(holder, '')}    权证代码 {code}", parcels, points)


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


def sketch(
    title: str,
    parcels: list[tuple[dict[str, Any], float]],
    points: Mapping[str, list[tuple[str, float, float]]],
) -> bytes:
    """Pages of six parcels: (fields of DK with `outline`, contract area in m2)."""
    per_page = _COLUMNS * _ROWS
    pages = []
    for first in range(0, max(len(parcels), 1), per_page):
        number = f"第 {first // per_page + 1} 页，共 {max(1, ceil(len(parcels) / per_page))} 页"
        content = [
            _text(_WIDTH / 2 - 70, _HEIGHT - 34, 16, "承包地块示意图"),
            _text(_MARGIN, _HEIGHT - 54, 9, title),
        ]
        content.append(_text(_WIDTH - _MARGIN - 90, 14, 8, number))
        for place, (parcel, area) in enumerate(parcels[first : first + per_page]):
            content += _cell(place, parcel, area, points.get(parcel["DKBM"], []))
        pages.append("\n".join(content))
    return _pdf(pages)


def _cell(
    place: int, parcel: dict[str, Any], area: float, points: list[tuple[str, float, float]]
) -> Iterator[str]:
    width = (_WIDTH - 2 * _MARGIN) / _COLUMNS
    height = (_HEIGHT - _TOP - _MARGIN) / _ROWS
    left = _MARGIN + (place % _COLUMNS) * width
    low = _MARGIN + (_ROWS - 1 - place // _COLUMNS) * height
    yield f"0.4 w {left:.1f} {low:.1f} {width:.1f} {height:.1f} re S"
    west, south, east, north = parcel["outline"].bounds
    room = min((width - 90) / max(east - west, 0.01), (height - 96) / max(north - south, 0.01))
    scale = next((n for n in _SCALES if _POINTS_OF_A_METRE / n <= room), None)
    factor = _POINTS_OF_A_METRE / scale if scale else room
    centre = left + width / 2, low + 44 + (height - 44) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return centre[0] + (x - (west + east) / 2) * factor, centre[1] + (y - (south + north) / 2) * factor

    yield "0.8 w"
    for ring in (parcel["outline"].exterior, *parcel["outline"].interiors):
        corners = [at(x, y) for x, y, *_ in ring.coords]
        path = " ".join(f"{x:.1f} {y:.1f} l" for x, y in corners[1:])
        yield f"{corners[0][0]:.1f} {corners[0][1]:.1f} m {path} s"
    for number, easting, northing in points:
        x, y = at(easting, northing)
        yield f"{x - 1:.1f} {y - 1:.1f} 2 2 re f"
        yield _text(x + 2, y + 2, 5, number)
    (_, y0), (x1, y1) = at(west, south), at(east, north)
    for name, x, y in (
        (parcel["DKBZ"], centre[0] - 16, y1 + 12), (parcel["DKNZ"], centre[0] - 16, y0 - 14),
        (parcel["DKXZ"], left + 4, centre[1]), (parcel["DKDZ"], min(x1 + 8, left + width - 40), centre[1]),
    ):  # fmt: skip
        yield _text(x, y, 7, (name or "")[:6])
    yield _text(left + 6, low + 30, 8, f"{parcel['DKBM']}  {parcel['DKMC'] or ''}")
    said = f"实测 {parcel['SCMJ']:.2f} 平方米（{parcel['SCMJM']:.2f} 亩）  合同 {area:.2f} 平方米"
    yield _text(left + 6, low + 18, 7, said)
    yield _text(left + 6, low + 6, 7, f"1:{scale}" if scale else "不按比例")
    x, y = left + width - 18, low + height - 34
    yield f"{x:.1f} {y:.1f} m {x:.1f} {y + 18:.1f} l S {x - 3:.1f} {y + 12:.1f} m {x:.1f} {y + 20:.1f} l {x + 3:.1f} {y + 12:.1f} l f"
    yield _text(x - 4, y + 22, 7, "北")


def _text(x: float, y: float, size: float, text: str) -> str:
    """UCS-2, as the font's encoding has it; what lies beyond is shown as a box."""
    shown = "".join(c if ord(c) < 0x10000 else "□" for c in text)
    return f"BT /F1 {size} Tf {x:.1f} {y:.1f} Td <{shown.encode('utf-16-be').hex()}> Tj ET"


def _pdf(pages: list[str]) -> bytes:
    first = 6  # objects before the pages: catalogue, tree, font, its descendant, the descendant's descriptor
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>",
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 5 0 R/DW 1000/W[1[207 270 342 467 462"
        " 797 710 239 374 374 423 605 238 375 238 334 462 462 462 462 462 462 462 462 462 462]]"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>",
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
        "/Descent -120/CapHeight 880/StemV 93>>",
    ]
    for number, content in enumerate(pages):
        box = f"/MediaBox[0 0 {_WIDTH} {_HEIGHT}]/Resources<</Font<</F1 3 0 R>>>>"
        objects.append(f"<</Type/Page/Parent 2 0 R{box}/Contents {first + 2 * number + 1} 0 R>>")
        objects.append(f"<</Length {len(content)}>>\nstream\n{content}\nendstream")
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}").encode("ascii")
