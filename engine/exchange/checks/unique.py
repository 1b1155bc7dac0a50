"""U01 and U02: what may occur only once."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
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
            for code, count in _repeated(table[field]):
                yield finding("U01", f"编码重复 {count} 次：{code}", name, code, field)
    for table in package.layers.values():
        for bsm, count in _repeated(table["BSM"]):
            record = f"{table.name}:{bsm}" if table.name != "DK" else _parcel(table, bsm)
            yield finding("U01", f"标识码重复 {count} 次：{bsm}", table.name, record, "BSM")
    yield from _points(package)


def _repeated(values: list) -> list[tuple]:
    return [(value, count) for value, count in Counter(values).items() if value is not None and count > 1]


def _parcel(table, bsm) -> str | None:
    """The code of the last parcel with that identifier: the one that repeats it."""
    return [code for code, own in table.rows("DKBM", "BSM") if own == bsm][-1]


def _points(package: PackageData) -> Iterator[Finding]:
    """Numbers of boundary points, within a parcel."""
    table = package.layers.get("JZD")
    seen: dict[tuple[str, str], list] = defaultdict(list)
    for bsm, number, parcels in table.rows("BSM", "JZDH", "DKBM") if table is not None else ():
        if number and parcels:
            for parcel in dict.fromkeys(parcels.split("/")):
                seen[parcel, number].append(bsm)
    reported = set()
    for (parcel, number), rows in seen.items():
        for bsm in rows if len(rows) > 1 else ():
            if bsm not in reported:
                reported.add(bsm)
                message = f"界址点号 {number} 在地块 {parcel} 内重复"
                yield finding("U01", message, "JZD", f"JZD:{bsm}", "JZDH")


def check_contracted_once(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """U02: a parcel has one contractor, and several only by shares."""
    held = package.tables.get("CBDKXX")
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for parcel, holder, shares in held.rows("DKBM", "CBFBM", "SFQQQG") if held is not None else ():
        if parcel is not None:
            rows[parcel].append((holder, shares))
    for parcel, entries in rows.items():
        if len(entries) < 2:
            continue
        if len({holder for holder, _ in entries}) < len(entries):
            yield finding("U02", "同一承包方重复登记同一地块", "CBDKXX", parcel, "CBFBM")
        elif any(shares != "1" for _, shares in entries):
            message = f"地块有 {len(entries)} 个承包方，但不是确权确股"
            yield finding("U02", message, "CBDKXX", parcel, "DKBM")
