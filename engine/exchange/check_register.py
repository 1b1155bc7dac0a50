"""The quality rules on the register as it stands: the very checks of a package, without those about its files."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.said import written
from engine.exchange.checks import Tell, run_checks
from engine.exchange.checks.settings import CheckSettings, settings_of
from engine.exchange.exporting.tables import register_tables
from engine.exchange.findings import Finding, rules
from engine.exchange.package.model import PackageData
from engine.store.register import county_of, current
from engine.store.tables.reference import County
from engine.store.tables.standard import RegisterFile

# About files and how they declare their fields, which the register does not have; R12 is about summary sheets.
NOT_HERE = frozenset(rule for rule in rules() if rule.startswith("F")) | {"S01", "S03", "R12"}
_GROUP = 14  # digits


def own_settings(session: Session, county: str) -> dict[str, Any]:
    """What the county set for its quality rules, as it is stored."""
    return dict(county_of(session, county).settings.get("quality") or {})


def settings_for(session: Session, county: str) -> CheckSettings:
    """The defaults for a county that is not known yet."""
    known = session.get(County, county) is not None
    return settings_of(own_settings(session, county) if known else {})


def register_package(session: Session, county: str) -> PackageData:
    """The whole register as a package without files of its own; attachments by their paths.

    A layer or table without any row is left out: a county that never took in boundary points is not told of each.
    """
    layers, tables = (
        {name: table for name, table in part.items() if len(table)}
        for part in register_tables(session, county)
    )
    paths = select(RegisterFile.path).where(RegisterFile.county == county, *current(RegisterFile))
    files = dict.fromkeys(session.scalars(paths))
    return PackageData("", county, "", layers, tables, {}, {}, None, files)


def check_register(
    package: PackageData, settings: CheckSettings, tell: Tell | None = None, prefix: str = ""
) -> list[Finding]:
    """Findings of records below ``prefix``, each against the whole register."""
    here = replace(settings, off=settings.off | NOT_HERE)
    found = run_checks(package, here, tell, prefix)
    divisions = _Divisions(package)
    return [one for one in found if divisions.of(one).startswith(prefix)]


def parcels_below(package: PackageData, prefix: str) -> int:
    """How many parcels a run over that part judges."""
    table = package.layers.get("DK")
    return sum((code or "").startswith(prefix) for code in table["DKBM"]) if table is not None else 0


def kept(found: Iterable[Finding], package: PackageData) -> list[dict[str, Any]]:
    """Findings as rows to keep: with the division of their record, their place, and a mark to know them again by."""
    divisions, places = _Divisions(package), _Places(package)
    seen: Counter[tuple[str | None, ...]] = Counter()
    rows = []
    for one in found:
        key = (one.rule, one.table, one.record, one.field, one.other)
        seen[key] += 1
        mark = hashlib.sha256("\0".join([*(part or "" for part in key), str(seen[key])]).encode()).digest()
        at = (one.x, one.y) if one.x is not None else places.of(one)
        rows.append(
            {
                "mark": mark[:16], "rule": one.rule, "severity": one.severity, "table": one.table,
                "record": one.record or "", "field": one.field, "other": one.other, "message": str(one.message),
                "said": written(one.message), "division": divisions.of(one), "x": at[0], "y": at[1],
            }
        )  # fmt: skip
    return rows


class _Divisions:
    """Which division a record lies in: its code's first digits, or those of the parcel that it names."""

    def __init__(self, package: PackageData):
        self.package = package
        self._rows: dict[str, dict[str, str]] = {}

    def of(self, one: Finding) -> str:
        county = self.package.county
        record = one.record or ""
        if re.match(rf"{county}\d{{8}}", record):
            return record[:_GROUP]
        if ":" in record and one.table in self.package.layers:
            return self._layer(one.table).get(record, county)
        return county

    def _layer(self, name: str) -> dict[str, str]:
        if name not in self._rows:
            table, county = self.package.layers[name], self.package.county
            fields = ("DKBM", "ZJQYDM", "CJQYDM", "XJQYDM")
            field = next((f for f in fields if f in table.columns), None)
            pairs = zip(table["BSM"], table[field] if field else [None] * len(table), strict=True)
            self._rows[name] = {
                f"{name}:{bsm}": code[:_GROUP] for bsm, code in pairs if code and code.startswith(county)
            }
        return self._rows[name]


class _Places:
    """Where a parcel is, for findings that do not say."""

    def __init__(self, package: PackageData):
        self.table = package.layers.get("DK")
        self._numbers: dict[str, int] | None = None

    def of(self, one: Finding) -> tuple[float | None, float | None]:
        if one.table not in ("DK", "CBDKXX") or self.table is None or self.table.geometry is None:
            return None, None
        if self._numbers is None:
            self._numbers = {code: row for row, code in enumerate(self.table["DKBM"]) if code}
        row = self._numbers.get(one.record or "")
        shape = self.table.geometry[np.array([row])][0] if row is not None else None
        if shape is None or shape.is_empty or not np.isfinite(shape.bounds).all():
            return None, None
        place = shapely.point_on_surface(shape)
        return round(place.x, 3), round(place.y, 3)
