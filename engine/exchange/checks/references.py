"""R01-R08 and R10: what rows refer to exists and agrees."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.domain.said import say
from engine.exchange.checks.records import blank, records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import is_value, parted, places, plain, rows_not_in, rows_of
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
        if table is None:
            continue
        own, values = pa.array(sorted(known), pa.string()), table[field]
        for row in rows_not_in(pc.utf8_slice_codeunits(plain(table.arrow(field)), 0, 14), own):
            code = values[row]
            yield finding("R01", say("编码中的发包方 %(party)s 不存在", party=code[:14]), name, code, field)
    if package.units:
        for code in parties["FBFBM"]:
            if code and code not in package.units:
                yield finding(
                    "R01",
                    say("发包方 %(code)s 不在%(sheet)s内", code=code, sheet=UNIT_SHEET),
                    "FBF",
                    code,
                    "FBFBM",
                )


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
                yield finding("R02", say("承包方 %(code)s 不存在", code=code), "CBF_JTCY", record, "CBFBM")
    rows = contractors.rows("CBFBM", "CBFLX", "CBFMC", "CBFZJHM", "CBFCYSL")
    for code, kind, name, number, count in rows:
        own = households.get(code, [])
        if kind == "1" and not own:
            if members is not None:
                yield finding("R02", say("农户没有家庭成员记录"), "CBF", code, "CBFBM")
            continue
        yield from _count(code, kind, count, len(own))
        if kind == "1":
            yield from _head(code, name, number, own)


def _count(code: str, kind: str, stated: int | None, rows: int) -> Iterator[Finding]:
    actual = rows if kind == "1" else 1
    if stated is not None and stated != actual:
        reason = (
            say("家庭成员记录有 %(actual)s 条", actual=actual) if kind == "1" else say("个人和单位应为 1")
        )
        yield finding(
            "R03",
            say("成员数量为 %(stated)s，%(reason)s", stated=stated, reason=reason),
            "CBF",
            code,
            "CBFCYSL",
        )


def _head(code: str, name: str, number: str, members: list[tuple[str, str, str]]) -> Iterator[Finding]:
    heads = [member for member in members if member[2] in _HEADS]
    if len(heads) != 1:
        yield finding(
            "R04",
            say("应有且只有一个户主，实有 %(count)s 个", count=len(heads)),
            "CBF",
            code,
            "YHZGX",
        )
        return
    head_name, head_number, _ = heads[0]
    if name is not None and head_name is not None and name != head_name:
        yield finding(
            "R04",
            say("承包方名称“%(name)s”与户主姓名“%(head_name)s”不一致", name=name, head_name=head_name),
            "CBF",
            code,
            "CBFMC",
        )
    if number is not None and head_number is not None and number.upper() != head_number.upper():
        yield finding("R04", say("承包方证件号码与户主证件号码不一致"), "CBF", code, "CBFZJHM")


def check_contracted(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R05: contracted parcels have land, and land that is contracted has a contract."""
    held, parcels = package.tables.get("CBDKXX"), package.layers.get("DK")
    if held is None or parcels is None:
        return
    codes, named = parcels.arrow("DKBM"), plain(held.arrow("DKBM")).drop_null().unique()
    categories, place = parcels["DKLB"], places(named, codes)
    contracted = is_value(parcels.arrow("DKLB"), "10").to_numpy(zero_copy_only=False)
    for number in np.flatnonzero((place < 0) | ~contracted[place]).tolist():
        code, category = named[number].as_py(), categories[int(place[number])]
        if code and place[number] < 0:
            yield finding("R05", say("承包地块信息的地块不在地块图层内"), "CBDKXX", code, "DKBM")
        elif code and category is not None:
            message = say("承包地块信息的地块，其地块类别是 %(category)s，应为 10", category=category)
            yield finding("R05", message, "CBDKXX", code, "DKBM")
    without = ~pc.is_in(plain(codes), named).to_numpy(zero_copy_only=False) & contracted
    for row in np.flatnonzero(without).tolist():
        if code := codes[row].as_py():
            yield finding("R05", say("承包地块没有承包地块信息"), "DK", code, "DKBM")


def check_links(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R06: issuing party, contractor, contract, register entry and transfer of a contracted parcel."""
    held = package.tables.get("CBDKXX")
    if held is None:
        return
    tables = package.tables
    targets = (("FBFBM", "FBF", "FBFBM"), ("CBFBM", "CBF", "CBFBM"), ("CBHTBM", "CBHT", "CBHTBM"),
               ("CBJYQZBM", "CBJYQZDJB", "CBJYQZBM"), ("LZHTBM", "LZHT", "LZHTBM"))  # fmt: skip
    parcels = held["DKBM"]
    for field, table, key in targets:
        if table in tables:
            values, known = held[field], plain(tables[table].arrow(key)).drop_null()
            for row in rows_not_in(held.arrow(field), known):
                if not blank(values[row]):
                    message = say("引用的 %(field)s %(value)s 不存在", field=field, value=values[row])
                    yield finding("R06", message, "CBDKXX", parcels[row], field)
    for field, table, word in (("CBHTBM", "CBHT", say("合同")), ("CBJYQZBM", "CBJYQZDJB", say("登记簿"))):
        if table not in tables:
            continue
        place = places(held.arrow(field), tables[table].arrow(field))
        for own, title in (("FBFBM", "发包方"), ("CBFBM", "承包方")):
            theirs = plain(tables[table].arrow(own)).take(pa.array(place, mask=place < 0))
            for row in rows_of(pc.not_equal(plain(held.arrow(own)), theirs)):
                message = say(
                    "%(title)s %(here)s 与%(word)s的 %(there)s 不一致",
                    title=title,
                    here=held[own][row],
                    word=word,
                    there=theirs[row],
                )
                yield finding("R06", message, "CBDKXX", parcels[row], own)


def check_one_to_one(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R07: the same codes in contracts, register entries and certificates, with the same parties and way."""
    names = (
        ("CBHT", "CBHTBM", say("合同")),
        ("CBJYQZDJB", "CBJYQZBM", say("登记簿")),
        ("CBJYQZ", "CBJYQZBM", say("权证")),
    )
    present = [(name, field, word) for name, field, word in names if name in package.tables]
    codes = {name: _codes(package.tables[name], field) for name, field, _ in present}
    for (first, first_field, first_word), (second, second_field, second_word) in itertools.pairwise(present):
        for code in sorted(codes[first] - codes[second]):
            yield finding(
                "R07",
                say("%(one)s没有对应的%(other)s", one=first_word, other=second_word),
                first,
                code,
                first_field,
            )
        for code in sorted(codes[second] - codes[first]):
            yield finding(
                "R07",
                say("%(one)s没有对应的%(other)s", one=second_word, other=first_word),
                second,
                code,
                second_field,
            )
    if "CBHT" not in codes or "CBJYQZDJB" not in codes:
        return
    fields = ("FBFBM", "CBFBM", "CBFS")
    contracts = {code: values for code, *values in package.tables["CBHT"].rows("CBHTBM", *fields)}
    for code, *values in package.tables["CBJYQZDJB"].rows("CBJYQZBM", *fields):
        for field, own, other in zip(fields, values, contracts.get(code, values), strict=True):
            if own is not None and other is not None and own != other:
                yield finding(
                    "R07",
                    say("登记簿的 %(field)s 是 %(own)s，合同是 %(other)s", field=field, own=own, other=other),
                    "CBJYQZDJB",
                    code,
                    field,
                )


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
                    yield finding("R08", say("登记簿 %(code)s 不存在", code=code), name, record, "CBJYQZBM")


def check_boundaries(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R10: parcels of boundary points and lines, and the point numbers that parcels and lines name."""
    parcels, points, lines = (package.layers.get(name) for name in ("DK", "JZD", "JZX"))
    if parcels is not None:
        for table in (points, lines):
            if table is not None:
                yield from _parcels_named(table, plain(parcels.arrow("DKBM")))
    if points is None:
        return
    numbers = _Numbers(points)
    if parcels is not None:
        codes = plain(parcels.arrow("DKBM"))
        rows, parts = parted(parcels.arrow("KJZB"))
        wrong = pc.not_equal(parts, "").fill_null(False).to_numpy(zero_copy_only=False)
        wrong &= ~numbers.there(codes.take(pa.array(rows)), parts)
        for row, group in itertools.groupby(
            np.flatnonzero(wrong).tolist(), key=lambda place: int(rows[place])
        ):
            missing = [parts[place].as_py() for place in group]
            if code := codes[row].as_py():
                message = say(
                    "空间坐标的界址点号不属于该地块：%(missing)s",
                    missing="、".join(missing[:10]),
                )
                yield finding("R10", message, "DK", code, "KJZB")
    if lines is not None:
        yield from _ends(lines, numbers)


def _parcels_named(table: Table, known: pa.Array) -> Iterator[Finding]:
    names = records(table)
    rows, codes = parted(table.arrow("DKBM"))
    for place in rows_of(pc.and_(pc.not_equal(codes, ""), pc.invert(pc.is_in(codes, known)))):
        yield finding(
            "R10",
            say("地块 %(code)s 不存在", code=codes[place]),
            table.name,
            names[int(rows[place])],
            "DKBM",
        )


class _Numbers:
    """Which point numbers a parcel has: (parcel, number) as one sorted integer each."""

    def __init__(self, points: Table):
        rows, codes = parted(points.arrow("DKBM"))
        self._codes, self._numbers = codes.unique(), plain(points.arrow("JZDH")).unique()
        self._keys = np.unique(self._of(codes, plain(points.arrow("JZDH")).take(pa.array(rows))))

    def there(self, codes: pa.Array, numbers: pa.Array) -> np.ndarray:
        """Row by row, whether the parcel has the number."""
        wanted = self._of(codes, numbers)
        place = np.searchsorted(self._keys, wanted).clip(max=max(len(self._keys) - 1, 0))
        return (
            (wanted >= 0) & (self._keys[place] == wanted) if len(self._keys) else np.zeros(len(wanted), bool)
        )

    def _of(self, codes: pa.Array, numbers: pa.Array) -> np.ndarray:
        parcel, number = places(codes, self._codes).astype(np.int64), places(numbers, self._numbers)
        return np.where((parcel < 0) | (number < 0), -1, parcel * len(self._numbers) + number)


def _ends(lines: Table, numbers: _Numbers) -> Iterator[Finding]:
    names = records(lines)
    rows, codes = parted(lines.arrow("DKBM"))
    for field in ("QJZDH", "ZJZDH"):
        ends, found = plain(lines.arrow(field)), np.zeros(len(lines), bool)
        found[rows[numbers.there(codes, ends.take(pa.array(rows)))]] = True
        named = pc.not_equal(ends, "").fill_null(False).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(named & ~found).tolist():
            yield finding(
                "R10",
                say("界址点 %(point)s 不属于界址线的地块", point=ends[row]),
                "JZX",
                names[row],
                field,
            )


def count_rows(package: PackageData) -> dict[str, int]:
    """Rows of every layer and table that was read, and the number of files."""
    counts = Counter({name: len(table) for name, table in {**package.layers, **package.tables}.items()})
    return {**counts, "files": len(package.files)}
