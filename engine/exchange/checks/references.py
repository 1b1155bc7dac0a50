"""R01-R08 and R10: what rows refer to exists and agrees."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

from engine.exchange.checks.records import blank, records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.model import UNIT_SHEET, PackageData, Table

_HEADS = ("01", "02")


def _codes(table: Table | None, field: str) -> set[str]:
    return {code for code in table[field] if code} if table is not None else set()


def check_issuing_parties(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R01."""
    parties = package.tables.get("FBF")
    if parties is None:
        return
    known = _codes(parties, "FBFBM")
    for name, table, field in (
        ("CBF", package.tables.get("CBF"), "CBFBM"),
        ("DK", package.layers.get("DK"), "DKBM"),
    ):
        for code in table[field] if table is not None else ():
            if code and code[:14] not in known:
                yield finding("R01", f"编码中的发包方 {code[:14]} 不存在", name, code, field)
    if package.units:
        for code in parties["FBFBM"]:
            if code and code not in package.units:
                yield finding("R01", f"发包方 {code} 不在{UNIT_SHEET}内", "FBF", code, "FBFBM")


def check_members(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R02-R04: members and their household."""
    contractors, members = package.tables.get("CBF"), package.tables.get("CBF_JTCY")
    if contractors is None:
        return
    households: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    known = _codes(contractors, "CBFBM")
    if members is not None:
        rows = members.rows("CBFBM", "CYXM", "CYZJHM", "YHZGX")
        for record, (code, name, number, relation) in zip(records(members), rows, strict=True):
            households[code].append((name, number, relation))
            if code and code not in known:
                yield finding("R02", f"承包方 {code} 不存在", "CBF_JTCY", record, "CBFBM")
    rows = contractors.rows("CBFBM", "CBFLX", "CBFMC", "CBFZJHM", "CBFCYSL")
    for code, kind, name, number, count in rows:
        own = households.get(code, [])
        if kind == "1" and not own:
            if members is not None:
                yield finding("R02", "农户没有家庭成员记录", "CBF", code, "CBFBM")
            continue
        yield from _count(code, kind, count, len(own))
        if kind == "1":
            yield from _head(code, name, number, own)


def _count(code: str, kind: str, stated: int | None, rows: int) -> Iterator[Finding]:
    actual = rows if kind == "1" else 1
    if stated is not None and stated != actual:
        reason = f"家庭成员记录有 {actual} 条" if kind == "1" else "个人和单位应为 1"
        yield finding("R03", f"成员数量为 {stated}，{reason}", "CBF", code, "CBFCYSL")


def _head(code: str, name: str, number: str, members: list[tuple[str, str, str]]) -> Iterator[Finding]:
    heads = [member for member in members if member[2] in _HEADS]
    if len(heads) != 1:
        yield finding("R04", f"应有且只有一个户主，实有 {len(heads)} 个", "CBF", code, "YHZGX")
        return
    head_name, head_number, _ = heads[0]
    if name is not None and head_name is not None and name != head_name:
        yield finding("R04", f"承包方名称“{name}”与户主姓名“{head_name}”不一致", "CBF", code, "CBFMC")
    if number is not None and head_number is not None and number.upper() != head_number.upper():
        yield finding("R04", "承包方证件号码与户主证件号码不一致", "CBF", code, "CBFZJHM")


def check_contracted(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R05: contracted parcels have land, and land that is contracted has a contract."""
    held, parcels = package.tables.get("CBDKXX"), package.layers.get("DK")
    if held is None or parcels is None:
        return
    categories = dict(parcels.rows("DKBM", "DKLB"))
    named = _codes(held, "DKBM")
    for code in dict.fromkeys(held["DKBM"]):
        if code and code not in categories:
            yield finding("R05", "承包地块信息的地块不在地块图层内", "CBDKXX", code, "DKBM")
        elif code and categories[code] is not None and categories[code] != "10":
            message = f"承包地块信息的地块，其地块类别是 {categories[code]}，应为 10"
            yield finding("R05", message, "CBDKXX", code, "DKBM")
    for code, category in categories.items():
        if code and category == "10" and code not in named:
            yield finding("R05", "承包地块没有承包地块信息", "DK", code, "DKBM")


def check_links(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R06: issuing party, contractor, contract, register entry and transfer of a contracted parcel."""
    held = package.tables.get("CBDKXX")
    if held is None:
        return
    tables = package.tables
    targets = (("FBFBM", "FBF", "FBFBM"), ("CBFBM", "CBF", "CBFBM"), ("CBHTBM", "CBHT", "CBHTBM"),
               ("CBJYQZBM", "CBJYQZDJB", "CBJYQZBM"), ("LZHTBM", "LZHT", "LZHTBM"))  # fmt: skip
    known = {field: _codes(tables[table], key) for field, table, key in targets if table in tables}
    owners = {
        field: {key: (fbf, cbf) for key, fbf, cbf in tables[table].rows(field, "FBFBM", "CBFBM")}
        for field, table in (("CBHTBM", "CBHT"), ("CBJYQZBM", "CBJYQZDJB"))
        if table in tables
    }
    fields = [field for field, *_ in targets]
    for parcel, *values in held.rows("DKBM", *fields):
        row = dict(zip(fields, values, strict=True))
        for field, value in row.items():
            if not blank(value) and field in known and value not in known[field]:
                yield finding("R06", f"引用的 {field} {value} 不存在", "CBDKXX", parcel, field)
        for field, by_code in owners.items():
            party, holder = by_code.get(row[field], (row["FBFBM"], row["CBFBM"]))
            source = "合同" if field == "CBHTBM" else "登记簿"
            if row["FBFBM"] and party and party != row["FBFBM"]:
                yield finding(
                    "R06", f"发包方 {row['FBFBM']} 与{source}的 {party} 不一致", "CBDKXX", parcel, "FBFBM"
                )
            if row["CBFBM"] and holder and holder != row["CBFBM"]:
                yield finding(
                    "R06", f"承包方 {row['CBFBM']} 与{source}的 {holder} 不一致", "CBDKXX", parcel, "CBFBM"
                )


def check_one_to_one(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R07: the same codes in contracts, register entries and certificates, with the same parties and way."""
    names = (("CBHT", "CBHTBM", "合同"), ("CBJYQZDJB", "CBJYQZBM", "登记簿"), ("CBJYQZ", "CBJYQZBM", "权证"))
    present = [(name, field, word) for name, field, word in names if name in package.tables]
    codes = {name: _codes(package.tables[name], field) for name, field, _ in present}
    for (first, first_field, first_word), (second, second_field, second_word) in itertools.pairwise(present):
        for code in sorted(codes[first] - codes[second]):
            yield finding("R07", f"{first_word}没有对应的{second_word}", first, code, first_field)
        for code in sorted(codes[second] - codes[first]):
            yield finding("R07", f"{second_word}没有对应的{first_word}", second, code, second_field)
    if "CBHT" not in codes or "CBJYQZDJB" not in codes:
        return
    fields = ("FBFBM", "CBFBM", "CBFS")
    contracts = {code: values for code, *values in package.tables["CBHT"].rows("CBHTBM", *fields)}
    for code, *values in package.tables["CBJYQZDJB"].rows("CBJYQZBM", *fields):
        for field, own, other in zip(fields, values, contracts.get(code, values), strict=True):
            if own is not None and other is not None and own != other:
                yield finding("R07", f"登记簿的 {field} 是 {own}，合同是 {other}", "CBJYQZDJB", code, field)


def check_attachments(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R08."""
    entries = package.tables.get("CBJYQZDJB")
    if entries is None:
        return
    known = _codes(entries, "CBJYQZBM")
    for name in ("QSLYZLFJ", "CBJYQZ_QZBF", "CBJYQZ_QZHF", "CBJYQZ_QZZX"):
        table = package.tables.get(name)
        if table is not None:
            for record, code in zip(records(table), table["CBJYQZBM"], strict=True):
                if code and code not in known:
                    yield finding("R08", f"登记簿 {code} 不存在", name, record, "CBJYQZBM")


def check_boundaries(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R10: parcels of boundary points and lines, and the point numbers that parcels and lines name."""
    parcels, points, lines = (package.layers.get(name) for name in ("DK", "JZD", "JZX"))
    if parcels is not None:
        known = _codes(parcels, "DKBM")
        for table in (points, lines):
            if table is not None:
                yield from _parcels_named(table, known)
    if points is None:
        return
    numbers = _numbers(points)
    if parcels is not None:
        for code, corners in parcels.rows("DKBM", "KJZB"):
            missing = [n for n in (corners or "").split("/") if n and n not in numbers.get(code, ())]
            if code and missing:
                message = f"空间坐标的界址点号不属于该地块：{'、'.join(missing[:10])}"
                yield finding("R10", message, "DK", code, "KJZB")
    if lines is not None:
        yield from _ends(lines, numbers)


def _parcels_named(table: Table, known: set[str]) -> Iterator[Finding]:
    for record, codes in zip(records(table), table["DKBM"], strict=True):
        for code in (codes or "").split("/"):
            if code and code not in known:
                yield finding("R10", f"地块 {code} 不存在", table.name, record, "DKBM")


def _numbers(points: Table) -> dict[str, set[str]]:
    """Parcel code -> numbers of its boundary points."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for number, codes in points.rows("JZDH", "DKBM"):
        for code in (codes or "").split("/"):
            numbers[code].add(number)
    return numbers


def _ends(lines: Table, numbers: dict[str, set[str]]) -> Iterator[Finding]:
    for record, (start, end, codes) in zip(records(lines), lines.rows("QJZDH", "ZJZDH", "DKBM"), strict=True):
        own = [numbers.get(code, set()) for code in (codes or "").split("/")]
        for field, number in (("QJZDH", start), ("ZJZDH", end)):
            if number and not any(number in of_parcel for of_parcel in own):
                yield finding("R10", f"界址点 {number} 不属于界址线的地块", "JZX", record, field)


def count_rows(package: PackageData) -> dict[str, int]:
    """Rows of every layer and table that was read, and the number of files."""
    counts = Counter({name: len(table) for name, table in {**package.layers, **package.tables}.items()})
    return {**counts, "files": len(package.files)}
