"""The six summary tables (汇总表格) recomputed from the data: one row per unit at every level.

Columns follow the templates of the hand-in tools, after unit code and unit name. Counts are exact; areas are
in mu, from m2 x 0.0015 or, where `stated`, from the mu fields the package itself gives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.exchange.package.model import Table

BY_PARCEL = "按地块汇总表"
BY_PURPOSE = "按承包地土地用途汇总表"
BY_CATEGORY = "按非承包地地块类别汇总表"
BY_PROTECTION = "按承包地是否基本农田汇总表"
BY_CERTIFICATE = "按权证信息汇总表"
BY_CONTRACTOR = "按承包方汇总表"

# Column name and whether it counts things (True) or sums mu (False).
COLUMNS: Mapping[str, tuple[tuple[str, bool], ...]] = {
    BY_PARCEL: (
        ("发包方数量", True), ("承包地块总数", True), ("承包地块总面积", False),
        ("非承包地块总数", True), ("非承包地块总面积", False), ("颁发权证数量", True),
    ),
    BY_PURPOSE: (
        ("农业用途合计", False), ("种植业", False), ("林业", False), ("畜牧业", False), ("渔业", False),
        ("非农用途", False), ("合计", False),
    ),
    BY_CATEGORY: (
        ("自留地", False), ("机动地", False), ("开荒地", False), ("其他集体土地", False), ("合计", False),
    ),
    BY_PROTECTION: (("基本农田", False), ("非基本农田", False), ("合计", False)),
    BY_CERTIFICATE: (
        ("颁发权证数量合计", True), ("家庭承包", True), ("其它方式承包", True), ("颁发权证面积", False),
    ),
    BY_CONTRACTOR: (
        ("承包方总数", True), ("承包农户数量", True), ("家庭成员数量", True),
        ("其他方式承包合计", True), ("单位数量", True), ("个人数量", True),
    ),
}  # fmt: skip
MU = 0.0015


def level_prefix(code: str) -> str:
    """The meaningful part of a 14-digit unit code: `99010110000000` -> `990101100`."""
    for length in (2, 4, 6, 9, 12):
        if code[length:].strip("0") == "":
            return code[:length]
    return code


@dataclass
class _Sums:
    """Amounts by 14-digit issuing party, added up to the units afterwards."""

    amounts: dict[str, list[float]]
    width: int

    def add(self, code: str | None, column: int, amount: float = 1) -> None:
        if code:
            self.amounts.setdefault(code[:14], [0] * self.width)[column] += amount


def summarise(
    layers: Mapping[str, Table],
    tables: Mapping[str, Table],
    units: Mapping[str, str],
    *,
    stated: bool = False,
) -> dict[str, dict[str, list[float]]]:
    """Table name -> unit code -> values in the order of COLUMNS."""
    return by_units([sums_of(layers, tables, stated=stated)], units)


Sums = Mapping[str, "_Sums"]  # by table name, for the issuing parties of a part of a county


def sums_of(layers: Mapping[str, Table], tables: Mapping[str, Table], *, stated: bool = False) -> Sums:
    """What a part of a county adds to the summary tables."""
    return {
        BY_PARCEL: _by_parcel(layers, tables, stated),
        BY_PURPOSE: _by_purpose(layers, stated),
        BY_CATEGORY: _by_category(layers, stated),
        BY_PROTECTION: _by_protection(layers, stated),
        BY_CERTIFICATE: _by_certificate(tables, stated),
        BY_CONTRACTOR: _by_contractor(tables),
    }


def by_units(parts: Iterable[Sums], units: Mapping[str, str]) -> dict[str, dict[str, list[float]]]:
    """The summary tables of all parts together; an issuing party lies in one of them."""
    together = {name: _sums(name) for name in COLUMNS}
    for part in parts:
        for name, sums in part.items():
            together[name].amounts.update(sums.amounts)
    return {name: _by_unit(sums, units, name) for name, sums in together.items()}


def _by_unit(sums: _Sums, units: Mapping[str, str], name: str) -> dict[str, list[float]]:
    counts = [counted for _, counted in COLUMNS[name]]
    prefixes = {level_prefix(unit): unit for unit in units}
    rows: dict[str, list[float]] = {unit: [0] * sums.width for unit in units}
    for party, amounts in sums.amounts.items():
        for length in (2, 4, 6, 9, 12, 14):
            unit = prefixes.get(party[:length])
            if unit:
                rows[unit] = [a + b for a, b in zip(rows[unit], amounts, strict=True)]
    return {
        unit: [int(v) if counted else round(v, 2) for v, counted in zip(values, counts, strict=True)]
        for unit, values in rows.items()
    }


def _sums(name: str) -> _Sums:
    return _Sums({}, len(COLUMNS[name]))


def _parcels(layers: Mapping[str, Table], stated: bool):
    """(code, category, purpose, protected, mu) of every parcel that has a code."""
    table = layers.get("DK")
    if table is None:
        return
    for code, category, purpose, protected, area, mu in table.rows(
        "DKBM", "DKLB", "TDYT", "SFJBNT", "SCMJ", "SCMJM"
    ):
        if code:
            yield code, category, purpose, protected, _mu(area, mu, stated)


def _mu(area, mu, stated: bool) -> float:
    return mu if stated and mu is not None else (area or 0) * MU


def _by_parcel(layers, tables, stated: bool) -> _Sums:
    sums = _sums(BY_PARCEL)
    for code in _codes(tables, "FBF", "FBFBM"):
        sums.add(code, 0)
    for code, category, _, _, mu in _parcels(layers, stated):
        first = 1 if category == "10" else 3
        sums.add(code, first)
        sums.add(code, first + 1, mu)
    for code in _codes(tables, "CBJYQZ", "CBJYQZBM"):
        sums.add(code, 5)
    return sums


def _by_purpose(layers, stated: bool) -> _Sums:
    sums = _sums(BY_PURPOSE)
    for code, category, purpose, _, mu in _parcels(layers, stated):
        if category == "10" and purpose in ("1", "2", "3", "4", "5"):
            sums.add(code, int(purpose), mu)
            sums.add(code, 6, mu)
            if purpose != "5":
                sums.add(code, 0, mu)
    return sums


def _by_category(layers, stated: bool) -> _Sums:
    sums = _sums(BY_CATEGORY)
    columns = {"21": 0, "22": 1, "23": 2, "99": 3}
    for code, category, _, _, mu in _parcels(layers, stated):
        if category in columns:
            sums.add(code, columns[category], mu)
            sums.add(code, 4, mu)
    return sums


def _by_protection(layers, stated: bool) -> _Sums:
    sums = _sums(BY_PROTECTION)
    for code, category, _, protected, mu in _parcels(layers, stated):
        if category == "10" and protected in ("1", "2"):
            sums.add(code, int(protected) - 1, mu)
            sums.add(code, 2, mu)
    return sums


def _by_certificate(tables, stated: bool) -> _Sums:
    sums = _sums(BY_CERTIFICATE)
    entries = tables.get("CBJYQZDJB")
    ways = dict(entries.rows("CBJYQZBM", "CBFS")) if entries is not None else {}
    issued = set()
    for code in _codes(tables, "CBJYQZ", "CBJYQZBM"):
        issued.add(code)
        sums.add(code, 0)
        sums.add(code, 1 if ways.get(code) == "110" else 2)
    held = tables.get("CBDKXX")
    for code, area, mu in held.rows("CBJYQZBM", "HTMJ", "HTMJM") if held is not None else ():
        if code in issued:
            sums.add(code, 3, _mu(area, mu, stated))
    return sums


def _by_contractor(tables) -> _Sums:
    sums = _sums(BY_CONTRACTOR)
    contractors = tables.get("CBF")
    for code, kind in contractors.rows("CBFBM", "CBFLX") if contractors is not None else ():
        sums.add(code, 0)
        if kind == "1":
            sums.add(code, 1)
        elif kind in ("2", "3"):
            sums.add(code, 3)
            sums.add(code, 5 if kind == "2" else 4)
    for code in _codes(tables, "CBF_JTCY", "CBFBM"):
        sums.add(code, 2)
    return sums


def _codes(tables: Mapping[str, Table], table: str, field: str):
    return (code for code in tables[table][field] if code) if table in tables else ()
