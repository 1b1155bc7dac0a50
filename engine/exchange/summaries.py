"""The six summary tables (汇总表格) recomputed from the data: one row per unit at every level.

Columns follow the templates of the hand-in tools, after unit code and unit name. Counts are exact; areas are
in mu, from m2 x 0.0015 or, where `stated`, from the mu fields the package itself gives.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.exchange.package.columns import is_value, numbers, plain
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

    amounts: dict[str, np.ndarray]
    width: int

    def add(
        self, codes: pa.Array, column: int, amounts: np.ndarray | None = None, where: pa.Array | None = None
    ) -> None:
        """Rows (of those that are chosen) to the party that begins their code: one each, or so much."""
        if where is not None:
            chosen = where.fill_null(False)
            codes = codes.filter(chosen)
            amounts = None if amounts is None else amounts[chosen.to_numpy(zero_copy_only=False)]
        parties = pc.utf8_slice_codeunits(codes, 0, 14).dictionary_encode()
        named = parties.is_valid().to_numpy(zero_copy_only=False)
        index = parties.indices.fill_null(0).to_numpy()[named]
        sums = np.bincount(index, None if amounts is None else amounts[named], len(parties.dictionary))
        for party, amount in zip(parties.dictionary.to_pylist(), sums.tolist(), strict=True):
            if party:
                self.amounts.setdefault(party, np.zeros(self.width))[column] += amount


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
                rows[unit] = [a + b for a, b in zip(rows[unit], amounts.tolist(), strict=True)]
    return {
        unit: [int(v) if counted else round(v, 2) for v, counted in zip(values, counts, strict=True)]
        for unit, values in rows.items()
    }


def _sums(name: str) -> _Sums:
    return _Sums({}, len(COLUMNS[name]))


def _mu(table: Table, area: str, mu: str, stated: bool) -> np.ndarray:
    """Of each row: the mu it states, or m2 x 0.0015; none is 0."""
    measured = np.nan_to_num(numbers(table.arrow(area))) * MU
    if not stated:
        return measured
    given = numbers(table.arrow(mu))
    return np.where(np.isnan(given), measured, given)


def _by_parcel(layers, tables, stated: bool) -> _Sums:
    sums = _sums(BY_PARCEL)
    _count(sums, 0, tables, "FBF", "FBFBM")
    if "DK" in layers:
        table, mu = layers["DK"], _mu(layers["DK"], "SCMJ", "SCMJM", stated)
        codes, contracted = plain(table.arrow("DKBM")), is_value(table.arrow("DKLB"), "10")
        for column, where in ((1, contracted), (3, pc.invert(contracted))):
            sums.add(codes, column, None, where)
            sums.add(codes, column + 1, mu, where)
    _count(sums, 5, tables, "CBJYQZ", "CBJYQZBM")
    return sums


def _by_purpose(layers, stated: bool) -> _Sums:
    sums = _sums(BY_PURPOSE)
    if "DK" in layers:
        table, mu = layers["DK"], _mu(layers["DK"], "SCMJ", "SCMJM", stated)
        codes, contracted = plain(table.arrow("DKBM")), is_value(table.arrow("DKLB"), "10")
        for purpose in ("1", "2", "3", "4", "5"):
            where = pc.and_(contracted, is_value(table.arrow("TDYT"), purpose))
            for column in (int(purpose), 6, *((0,) if purpose != "5" else ())):
                sums.add(codes, column, mu, where)
    return sums


def _by_category(layers, stated: bool) -> _Sums:
    sums = _sums(BY_CATEGORY)
    if "DK" in layers:
        table, mu = layers["DK"], _mu(layers["DK"], "SCMJ", "SCMJM", stated)
        for column, category in enumerate(("21", "22", "23", "99")):
            where = is_value(table.arrow("DKLB"), category)
            sums.add(plain(table.arrow("DKBM")), column, mu, where)
            sums.add(plain(table.arrow("DKBM")), 4, mu, where)
    return sums


def _by_protection(layers, stated: bool) -> _Sums:
    sums = _sums(BY_PROTECTION)
    if "DK" in layers:
        table, mu = layers["DK"], _mu(layers["DK"], "SCMJ", "SCMJM", stated)
        contracted = is_value(table.arrow("DKLB"), "10")
        for column, protected in enumerate(("1", "2")):
            where = pc.and_(contracted, is_value(table.arrow("SFJBNT"), protected))
            sums.add(plain(table.arrow("DKBM")), column, mu, where)
            sums.add(plain(table.arrow("DKBM")), 2, mu, where)
    return sums


def _by_certificate(tables, stated: bool) -> _Sums:
    sums = _sums(BY_CERTIFICATE)
    if "CBJYQZ" not in tables:
        return sums
    issued = plain(tables["CBJYQZ"].arrow("CBJYQZBM"))
    household = pa.array([False] * len(issued), pa.bool_())
    if entries := tables.get("CBJYQZDJB"):
        ways = is_value(entries.arrow("CBFS"), "110")
        household = pc.is_in(issued, plain(entries.arrow("CBJYQZBM")).filter(ways).drop_null())
    sums.add(issued, 0)
    sums.add(issued, 1, None, household)
    sums.add(issued, 2, None, pc.invert(household))
    if held := tables.get("CBDKXX"):
        codes = plain(held.arrow("CBJYQZBM"))
        sums.add(codes, 3, _mu(held, "HTMJ", "HTMJM", stated), pc.is_in(codes, issued.drop_null()))
    return sums


def _by_contractor(tables) -> _Sums:
    sums = _sums(BY_CONTRACTOR)
    if contractors := tables.get("CBF"):
        codes = plain(contractors.arrow("CBFBM"))
        sums.add(codes, 0)
        for kind, columns in (("1", (1,)), ("2", (3, 5)), ("3", (3, 4))):
            for column in columns:
                sums.add(codes, column, None, is_value(contractors.arrow("CBFLX"), kind))
    _count(sums, 2, tables, "CBF_JTCY", "CBFBM")
    return sums


def _count(sums: _Sums, column: int, tables: Mapping[str, Table], table: str, field: str) -> None:
    if table in tables:
        sums.add(plain(tables[table].arrow(field)), column)
