"""Surveys that are asked for: what the file brought back says as typed changes, and who must point out boundaries. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from engine.domain.changes import (
    Change,
    CorrectValue,
    MergeParcels,
    MoveBoundary,
    NewParcel,
    Piece,
    Register,
    RemeasureParcel,
    Reshaped,
    SplitParcel,
    geometry,
)
from engine.domain.changes.parcels import as_piece
from engine.domain.said import say

RESULT, CALL_OFF = "survey_result", "survey_called_off"  # messages between the two cases
CASE_TYPE, ASKED = "survey_request", "case"  # origin of a survey that another case asked for
RESHAPED, SPLIT, MERGED, FACTS, AREA, NEW = "图形变更", "分割", "合并", "一般变更", "修改其它面积", "新增"


@dataclass(frozen=True)
class Adjoining:
    """A parcel beside those that are surveyed, and who holds it."""

    code: str
    name: str


def within(outline: bytes, own: Sequence[BaseGeometry], metres: float) -> bool:
    """Whether the outline (WKB) lies so near to one of the others: boxes that touch are not yet land that does."""
    other = shapely.from_wkb(outline)
    return any(other.distance(one) <= metres for one in own)


def changes_of(
    rows: Sequence[Mapping[str, Any]], register: Register, own: set[str], codes: Iterator[str] = iter(())
) -> tuple[Change, ...]:
    """``rows``: of engine.exchange.survey_return. ``own``: parcels of the case's household. ``codes``: for new land.

    Outlines of the household's own land are measured anew; where a neighbour's comes with them, it is one boundary
    that moves. Contract areas of pieces are shared out by land. Only for rows without ``unknown`` ones.
    """
    reshaped = [row for row in rows if row["change"] == RESHAPED]
    found: list[Change] = [_new(row, next(codes)) for row in rows if row["change"] == NEW]
    if any(row["code"] not in own for row in reshaped):
        found.append(MoveBoundary(tuple(Reshaped(row["code"], row["outline"]) for row in reshaped)))
    else:
        found += [_remeasured(row) for row in reshaped]
    found += [
        RemeasureParcel(row["code"], Decimal(row["area"]), None, row["reason"] or None)
        for row in rows
        if row["change"] == AREA
    ]
    found += _splits([row for row in rows if row["change"] == SPLIT], register)
    found += [_merged(row, register) for row in rows if row["change"] == MERGED]
    found += [change for row in rows if row["change"] == FACTS for change in _corrected(row, register)]
    return tuple(found)


def unknown(rows: Iterable[Mapping[str, Any]], register: Register) -> list[tuple[str, str]]:
    """(record, what is wrong) of rows that name land the register does not have, or has already."""
    found: list[tuple[str, str]] = []
    for row in rows:
        if row["change"] == NEW:
            continue
        new = row["change"] in (SPLIT, MERGED)
        if not new and row["code"] not in register.parcels:
            found.append((row["code"], say("登记簿中没有这个地块")))
        if new and row["code"] in register.parcels:
            found.append((row["code"], say("分割、合并后的地块要用新编码，这个编码已经有地块")))
        found += [(row["code"], say("登记簿中没有原地块%(code)s", code=code)) for code in row["from"]
                  if code not in register.parcels]  # fmt: skip
        if row["change"] == FACTS and row["code"] in register.parcels and not _corrected(row, register):
            found.append((row["code"], say("一般变更没有改动任何内容")))
    return found


def _new(row: Mapping[str, Any], code: str) -> Change:
    return NewParcel(code, outline=row["outline"], **row["facts"])


def _remeasured(row: Mapping[str, Any]) -> Change:
    area = geometry.area(geometry.polygon(row["outline"]))
    return RemeasureParcel(row["code"], area, row["outline"], row["reason"] or None)


def _splits(rows: Sequence[Mapping[str, Any]], register: Register) -> list[Change]:
    parents = dict.fromkeys(row["from"][0] for row in rows)
    return [_split(parent, [row for row in rows if row["from"][0] == parent], register) for parent in parents]


def _split(parent: str, rows: Sequence[Mapping[str, Any]], register: Register) -> Change:
    like = as_piece(register, parent)
    areas: Sequence[Decimal | None] = [None] * len(rows)
    if like.contract_area is not None:
        areas = geometry.shares(
            like.contract_area, [geometry.area(geometry.polygon(row["outline"])) for row in rows]
        )
    pieces = (_piece(row, like, area) for row, area in zip(rows, areas, strict=True))
    return SplitParcel(parent, tuple(pieces))


def _merged(row: Mapping[str, Any], register: Register) -> Change:
    before = [as_piece(register, code) for code in row["from"]]
    areas = [piece.contract_area for piece in before if piece.contract_area is not None]
    return MergeParcels(tuple(row["from"]), _piece(row, before[0], sum(areas, Decimal(0)) if areas else None))


def _piece(row: Mapping[str, Any], like: Piece, area: Decimal | None) -> Piece:
    told = row["facts"]
    sides = {side: told.get(side, getattr(like, side)) for side in ("east", "south", "west", "north")}
    return Piece(row["code"], told.get("name", like.name), row["outline"], area, **sides)


def _corrected(row: Mapping[str, Any], register: Register) -> list[Change]:
    parcel = register.parcels[row["code"]]
    why = row["reason"] or "测绘时核实"
    return [
        CorrectValue("parcels", row["code"], name, getattr(parcel, name), value, why)
        for name, value in row["facts"].items()
        if getattr(parcel, name) != value
    ]


def missing_witnesses(rows: Iterable[Mapping[str, Any]], adjoining: Iterable[Adjoining]) -> list[str]:
    """Who is not spoken of: the household itself, and the holder of each adjoining parcel (NY/T 2537: both sides sign)."""
    rows = list(rows)
    found: list[str] = []
    if not any(row.get("side") == "own" and row.get("how") != "absent" for row in rows):
        found.append(say("本户没有指界：本户本人或其代理人必须到场"))
    named = {row.get("parcel") for row in rows if row.get("side") == "neighbour"}
    found += [
        say("相邻地块%(code)s（%(name)s）没有写指界情况", code=one.code, name=one.name)
        for one in adjoining
        if one.code not in named
    ]
    return found


def absent(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row.get("side") == "neighbour" and row.get("how") == "absent"]


def agreed(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Neighbours' parcels whose boundary was pointed out by their holder or an agent."""
    return {
        row["parcel"]
        for row in rows
        if row.get("side") == "neighbour" and row.get("parcel") and row.get("how") != "absent"
    }
