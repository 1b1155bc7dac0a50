"""The quality rules once more on some parcels and households of the register, without a run over the whole county.

Only rules that such a part can break or keep by itself are judged: what needs the whole county (repeated codes and
numbers, boundary points and lines, areas of divisions) waits for the next run.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from engine.domain.changes import Touched
from engine.domain.division import around
from engine.exchange.check_changes import Ground
from engine.exchange.check_register import NOT_HERE, settings_for
from engine.exchange.checks import run_checks
from engine.exchange.checks.ground.judge import judge
from engine.exchange.exporting.tables import Part, narrowed
from engine.exchange.findings import Finding, rules
from engine.exchange.package.model import PackageData
from engine.store.changes.load import load
from engine.store.tables import register as t
from engine.store.tables.quality import QualityFinding

TABLES = frozenset({"DK", "CBF", "CBF_JTCY", "CBHT", "CBDKXX", "CBJYQZDJB", "CBJYQZ"})
_LAND = frozenset({"T03", "T05", "T06", "T07", "T08", "T09", "T10", "T14", "T15"})
_ROWS = frozenset(
    {"S02", "A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A09", "A11", "A12", "A13",
     "U02", "R02", "R03", "R04", "R05", "R07", "R09", "R11", "T01", "T02", "T04", "T13"}
)  # fmt: skip
JUDGED = _LAND | _ROWS

PARCEL_DIGITS = 19

Key = tuple[str, str | None, str | None, str | None, str | None]


def key_of(one: Finding) -> Key:
    """By which a finding is known again."""
    return one.rule, one.table, one.record, one.field, one.other


def mended(
    session: Session, county: str, standing: Iterable[QualityFinding], day: date
) -> list[QualityFinding]:
    """Those of the findings that do not stand any more: their record is gone, or keeps the rule now.

    The session sees the whole county. Land is judged against everything within a metre of it.
    """
    standing = list(standing)
    records = {one.record for one in standing}
    parcels = {record for record in records if len(record) == PARCEL_DIGITS and record.isdigit()}
    contractors = {record[:18] for record in records - parcels}
    found, there = _judged(session, county, parcels, contractors, day)
    return [
        one
        for one in standing
        if _owner(one.record, parcels) not in there
        or (
            one.rule in JUDGED
            and one.table in TABLES
            and (one.rule, one.table, one.record, one.field, one.other) not in found
        )
    ]


def _owner(record: str, parcels: Collection[str]) -> str:
    return record if record in parcels else record[:18]


def _judged(
    session: Session, county: str, parcels: set[str], contractors: set[str], day: date
) -> tuple[set[Key], set[str]]:
    """What stands against the things, and which of them the register has."""
    part, settings = Part(county, around(parcels | contractors)), settings_for(session, county)
    held = narrowed(session, part, {"CBDKXX": t.Parcel.code.in_(sorted(parcels))})["CBDKXX"]
    theirs = t.Contractor.code.in_(sorted({*contractors, *held["CBFBM"]}))
    tables = narrowed(session, part, dict.fromkeys(sorted(TABLES - {"DK"}), theirs))
    land = sorted({*parcels, *tables["CBDKXX"]["DKBM"]})
    layers = narrowed(session, part, {"DK": t.Parcel.code.in_(land)})
    package = PackageData("", county, "", layers, tables, {}, {}, None, {})
    found = run_checks(package, replace(settings, off=settings.off | NOT_HERE | (rules().keys() - _ROWS)))
    outlines = tuple(np.asarray(layers["DK"].geometry, object))
    if outlines and _LAND - settings.off:
        beside = load(session, county, day, Touched(parcels=frozenset(land), outlines=outlines)).parcels
        ground = Ground(session, county, list(outlines))
        judged = set(beside) & set(land)
        found += judge(ground.plot(beside, judged), replace(settings, off=settings.off | {"T11"}))
    return {key_of(one) for one in found}, {*layers["DK"]["DKBM"], *tables["CBF"]["CBFBM"]}
