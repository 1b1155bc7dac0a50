"""The parcel sketch 地块示意图 of a household, of one parcel, or of what a case proposes, as PDF. Kept nowhere."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from engine.documents.formats import date_zh
from engine.documents.parcel_sketch import SketchSheet, sketch_sheets
from engine.documents.render import render_pdf
from engine.documents.sketch import SketchNeighbour, SketchParcel
from engine.domain.actor import Actor
from engine.domain.changes import Change, MoveBoundary, from_json
from engine.domain.changeset import as_drawn
from engine.domain.errors import NotFound
from engine.domain.register import Household, ParcelFacts, mu
from engine.queries.household import location
from engine.queries.map import holders
from engine.store import cases
from engine.store.changes import register_for
from engine.store.register import county_of, neighbours, read_household
from engine.store.tables.cases import Case, Changeset

TITLE = "承包地块示意图"
AROUND = 60.0  # metres
MOST = 40  # sheets in one file
BY_HAND = "　" * 8


def household_sketch(
    session: Session, actor: Actor, household: Household, day: date, only: str = ""
) -> bytes:
    """All parcels of the household, or ``only`` the one of that code."""
    rows = [row for row in household.parcels if not only or row.code == only]
    if not rows:
        raise NotFound("parcel", "没有找到地块 %(code)s，请核对地块编码", code=only[:40] or household.code)
    return _printed(session, actor, household, household, rows, {}, _signed(day), "")


def parcel_sketch(session: Session, actor: Actor, code: str, day: date) -> bytes:
    """One parcel of the scope, with the household that holds it."""
    held = holders(session, actor, [code]).get(code)
    household = read_household(session, actor.county, held[1]) if held else None
    if household is None:
        raise NotFound("parcel", "没有找到地块 %(code)s，或它没有承包方", code=code[:40])
    return household_sketch(session, actor, household, day, code)


def case_sketch(session: Session, actor: Actor, case: Case, day: date) -> bytes:
    """The household's parcels as the case leaves them: proposed while it runs, the register's once it is filed."""
    household = read_household(session, case.county, case.contractor_code)
    if household is None:
        raise NotFound("contractor", "没有找到承包方 %(code)s，请核对编码", code=case.contractor_code)
    row = session.get(Changeset, (case.county, case.id))
    changes = from_json(row.changes) if row is not None else ()
    drawn, state, reshaped = household, "", dict[str, BaseGeometry]()
    if row is not None and row.applied_at is None and case.status == "open":
        now = register_for(session, case.county, changes, day, case)
        drawn = as_drawn(household, changes, now)
        reshaped = _reshaped(changes)
        state = f"（拟变更，办件 {case.number}）"
    survey = cases.read_state(session, case)[1].get("survey") or {}
    return _printed(session, actor, household, drawn, drawn.parcels, reshaped, _signed(day, survey), state)


def _reshaped(changes: Iterable[Change]) -> dict[str, BaseGeometry]:
    """Outlines that parcels get along a boundary that moves: a neighbour's too."""
    rows = (row for change in changes if isinstance(change, MoveBoundary) for row in change.parcels)
    return {row.parcel_code: shapely.from_wkt(row.outline) for row in rows}


def _signed(day: date, survey: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Who measured, drew and checked it; what nobody entered is written by hand."""
    survey = survey or {}
    measured = " ".join(filter(None, (survey.get("survey_unit"), survey.get("surveyors"))))
    surveyed_on = survey.get("surveyed_on")
    return [
        ("测绘", measured or BY_HAND),
        ("测绘日期", date_zh(surveyed_on) if surveyed_on else BY_HAND),
        ("制图", BY_HAND),
        ("审核", BY_HAND),
        ("打印日期", date_zh(day)),
        ("说明", "图上为相对位置，边长为平面距离"),
    ]


def _printed(
    session: Session,
    actor: Actor,
    before: Household,
    household: Household,
    rows: Sequence[ParcelFacts],
    reshaped: dict[str, BaseGeometry],
    foot: list[tuple[str, str]],
    state: str,
) -> bytes:
    decimals = int(county_of(session, household.county).settings.get("mu_decimals", 2))
    near = neighbours(session, household.county, [row.code for row in before.parcels], AROUND)
    around = [
        (code, SketchNeighbour(name, reshaped.get(code) or shapely.from_wkb(outline)))
        for code, name, outline in near
        if code.startswith(actor.division)
    ]
    around += [
        (row.code, SketchNeighbour("本户", shapely.from_wkb(row.outline))) for row in household.parcels
    ]
    sheets = [
        SketchSheet(
            _drawn(row, decimals),
            [neighbour for code, neighbour in around if code != row.code],
            _facts(household, row, decimals),
            foot,
            state,
        )
        for row in rows[:MOST]
    ]
    return render_pdf(sketch_sheets(TITLE, sheets))


def _drawn(row: ParcelFacts, decimals: int) -> SketchParcel:
    outline = shapely.from_wkb(row.outline)
    return SketchParcel(row.code, row.name, outline, f"{mu(row.measured_area, decimals)}亩")


def _facts(household: Household, row: ParcelFacts, decimals: int) -> list[tuple[str, str]]:
    return [
        ("承包方", household.name),
        ("承包方编码", household.code),
        ("地块名称", row.name),
        ("地块编码", row.code),
        ("实测面积", _area(row.measured_area, decimals)),
        ("合同面积", _area(row.contract_area, decimals)),
        ("四至", location(row.east, row.south, row.west, row.north) or "—"),
        ("发包方", household.issuing_party.name),
    ]


def _area(m2: Decimal, decimals: int) -> str:
    return f"{mu(m2, decimals)} 亩（{m2} 平方米）"
