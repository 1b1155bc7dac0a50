"""U01 and U02: what may occur only once."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.domain.said import say
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import distinct, parted, plain, repeated
from engine.exchange.package.model import PackageData

_KEYS = (
    ("DK", "DKBM"), ("FBF", "FBFBM"), ("CBF", "CBFBM"), ("CBHT", "CBHTBM"), ("CBJYQZDJB", "CBJYQZBM"),
    ("CBJYQZ", "CBJYQZBM"), ("LZHT", "LZHTBM"), ("QSLYZLFJ", "ZLFJBH"),
)  # fmt: skip


def check_unique(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """U01: one finding per value that repeats."""
    for name, field in _KEYS:
        table = package.layers.get(name) or package.tables.get(name)
        if table is not None:
            for code, count in repeated(table.arrow(field)):
                yield finding(
                    "U01", say("编码重复 %(count)s 次：%(code)s", count=count, code=code), name, code, field
                )
    for table in package.layers.values():
        for bsm, count in repeated(table.arrow("BSM")):
            record = f"{table.name}:{bsm}" if table.name != "DK" else _parcel(table, bsm)
            yield finding(
                "U01",
                say("标识码重复 %(count)s 次：%(bsm)s", count=count, bsm=bsm),
                table.name,
                record,
                "BSM",
            )
    yield from _points(package)


def _parcel(table, bsm) -> str | None:
    """The code of the last parcel with that identifier: the one that repeats it."""
    return [code for code, own in table.rows("DKBM", "BSM") if own == bsm][-1]


def _points(package: PackageData) -> Iterator[Finding]:
    """Numbers of boundary points, within a parcel."""
    table = package.layers.get("JZD")
    if table is None:
        return
    numbers, bsm = table.arrow("JZDH"), table["BSM"]
    rows, parcels = parted(table.arrow("DKBM"))
    at, named = point_keys(rows, parcels, numbers)
    rows, parcels = rows[named], parcels.filter(pa.array(named))
    order = np.lexsort((rows, at))
    same = at[order][1:] == at[order][:-1]
    again = same & (rows[order][1:] != rows[order][:-1])  # a parcel that a point names twice is no repetition
    keys = set(at[order][1:][again].tolist())
    if not keys:
        return
    reported: set[int] = set()
    places = [place for place in order.tolist() if at[place] in keys]
    for place in sorted(places, key=lambda p: (int(rows[p]), p)):
        row = int(rows[place])
        if bsm[row] not in reported:
            reported.add(bsm[row])
            message = say(
                "界址点号 %(number)s 在地块 %(parcel)s 内重复",
                number=table["JZDH"][row],
                parcel=parcels[place].as_py(),
            )
            yield finding("U01", message, "JZD", f"JZD:{bsm[row]}", "JZDH")


def point_keys(rows: np.ndarray, parcels: pa.Array, numbers: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """A number for each (parcel, point number) that is named, and which of the rows name both."""
    coded, of_point = parcels.dictionary_encode().indices, distinct(numbers).indices.take(pa.array(rows))
    named = pc.and_(pc.not_equal(parcels, ""), of_point.is_valid()).fill_null(False)
    named = named.to_numpy(zero_copy_only=False) & _filled(numbers)[rows]
    parcel, point = (a.fill_null(0).to_numpy().astype(np.int64)[named] for a in (coded, of_point))
    return parcel * (len(numbers) + 1) + point, named


def _filled(numbers: pa.Array) -> np.ndarray:
    return pc.not_equal(plain(numbers), "").fill_null(False).to_numpy(zero_copy_only=False)


def check_contracted_once(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """U02: a parcel has one contractor, and several only by shares."""
    held = package.tables.get("CBDKXX")
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    if held is None:
        return
    several = pc.is_in(
        plain(held.arrow("DKBM")), pa.array([code for code, _ in repeated(held.arrow("DKBM"))], pa.string())
    )
    columns = [plain(held.arrow(f)).filter(several).to_pylist() for f in ("DKBM", "CBFBM", "SFQQQG")]
    for parcel, holder, shares in zip(*columns, strict=True):
        if parcel is not None:
            rows[parcel].append((holder, shares))
    for parcel, entries in rows.items():
        if len(entries) < 2:
            continue
        if len({holder for holder, _ in entries}) < len(entries):
            yield finding("U02", say("同一承包方重复登记同一地块"), "CBDKXX", parcel, "CBFBM")
        elif any(shares != "1" for _, shares in entries):
            message = say("地块有 %(count)s 个承包方，但不是确权确股", count=len(entries))
            yield finding("U02", message, "CBDKXX", parcel, "DKBM")
