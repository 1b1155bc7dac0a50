"""A01-A06, A12 and A13: values of single rows."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.checks.records import blank, records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.checks.structure import all_tables
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import blank as blank_text
from engine.exchange.package.columns import (
    is_value,
    numbers,
    plain,
    rows_not_in,
    rows_of,
    rows_unlike,
    rows_where,
)
from engine.exchange.package.model import PackageData, Table

LENGTHS = {"FBFBM": 14, "CBFBM": 18, "DKBM": 19, "CBHTBM": 19, "CBJYQZBM": 19, "LZHTBM": 18, "SRFBM": 18}
POSITIVE = {"SCMJ", "HTMJ", "HTZMJ", "CBFCYSL", "CBDKZS", "LZMJ", "LZDKS", "BSM"}
_AREA_PAIRS = {
    "DK": [("SCMJ", "SCMJM")],
    "CBDKXX": [("HTMJ", "HTMJM"), ("YHTMJ", "YHTMJM")],
    "CBHT": [("HTZMJ", "HTZMJM"), ("YHTZMJ", "YHTZMJM")],
    "LZHT": [("LZMJ", "LZMJM")],
    "MZDW": [("MJ", "MJM")],
    "JBNTBHQ": [("JBNTMJ", "JBNTMJM")],
}
_SIDES = {"DKDZ": "东至", "DKXZ": "西至", "DKNZ": "南至", "DKBZ": "北至"}
_COLLECTED = ("QZLQRQ", "QZLQRXM", "QZLQRZJLX", "QZLQRZJHM")
_ROUNDING = 1e-6  # what binary fractions may add to a decimal tolerance


def check_mandatory(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A01."""
    for table in all_tables(package):
        names = records(table)
        for field in standard.spec(table.name).fields:
            if field.need == "M" and field.name in table.columns:
                for row in rows_of(table.arrow(field.name).is_null()):
                    yield finding(
                        "A01",
                        say("必填字段为空：%(title)s", title=field.title),
                        table.name,
                        names[row],
                        field.name,
                    )


def check_conditional(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A02; that a household has members is R02's."""
    parcels = package.layers.get("DK")
    if parcels is not None:
        yield from _parcel_conditions(parcels)
    certificates = package.tables.get("CBJYQZ")
    if certificates is not None:
        collected, names = is_value(certificates.arrow("QZSFLQ"), "1"), records(certificates)
        for field in _COLLECTED:
            for row in rows_of(pc.and_(collected, blank_text(certificates.arrow(field)))):
                yield finding("A02", say("权证已领取，领取信息不能为空"), "CBJYQZ", names[row], field)
    yield from _original_areas(package)


def _parcel_conditions(parcels: Table) -> Iterator[Finding]:
    names = records(parcels)
    contracted = is_value(parcels.arrow("DKLB"), "10")
    for row in rows_of(pc.and_(contracted, blank_text(parcels.arrow("ZJRXM")))):
        yield finding("A02", say("承包地块的指界人姓名不能为空"), "DK", names[row], "ZJRXM")
    empty = {field: blank_text(parcels.arrow(field)).to_numpy(zero_copy_only=False) for field in _SIDES}
    for row in np.flatnonzero(sum(mask.astype(int) for mask in empty.values()) > 1).tolist():
        fields = [field for field, mask in empty.items() if mask[row]]
        missing = "、".join(_SIDES[field] for field in fields)
        yield finding(
            "A02", say("四至至少填三项，缺%(missing)s", missing=missing), "DK", names[row], fields[0]
        )


def _original_areas(package: PackageData) -> Iterator[Finding]:
    """A contract that names an original contract gives the original areas, its parcels too."""
    contracts, held = package.tables.get("CBHT"), package.tables.get("CBDKXX")
    if contracts is None:
        return
    renewed = set()
    for code, original, *areas in contracts.rows("CBHTBM", "YCBHTBM", "YHTZMJ", "YHTZMJM"):
        if not blank(original):
            renewed.add(code)
            for field, value in zip(("YHTZMJ", "YHTZMJM"), areas, strict=True):
                if value is None:
                    yield finding("A02", say("有原承包合同，原合同总面积不能为空"), "CBHT", code, field)
    if not renewed or held is None:
        return
    for parcel, code, *areas in held.rows("DKBM", "CBHTBM", "YHTMJ", "YHTMJM"):
        if code in renewed:
            for field, value in zip(("YHTMJ", "YHTMJM"), areas, strict=True):
                if value is None:
                    yield finding("A02", say("有原承包合同，原合同面积不能为空"), "CBDKXX", parcel, field)


def check_codes(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A03."""
    for table in all_tables(package):
        names = records(table)
        for field in standard.spec(table.name).fields:
            if field.codes is None:
                continue
            allowed, values = pa.array(list(standard.codes(field.codes))), table[field.name]
            for row in rows_not_in(table.arrow(field.name), allowed):
                message = say(
                    "“%(value)s”不在代码表 %(codes)s（%(list)s）内",
                    value=values[row],
                    codes=field.codes,
                    list=standard.list_title(field.codes),
                )
                yield finding("A03", message, table.name, names[row], field.name)


def check_feature_codes(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A04."""
    for table in package.layers.values():
        own, names, values = standard.spec(table.name).ysdm, records(table), table["YSDM"]
        allowed = pa.array(list(own))
        for row in rows_not_in(table.arrow("YSDM"), allowed):
            yield finding(
                "A04",
                say("要素代码应为 %(right)s，实为 %(value)s", right=own[0], value=values[row]),
                table.name,
                names[row],
                "YSDM",
            )


def check_lengths(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A05; DKBM of boundary points and lines is a list."""
    for table in all_tables(package):
        names, several = records(table), table.name in ("JZD", "JZX")
        for field, length in LENGTHS.items():
            if field in standard.spec(table.name).names:
                values, one = table[field], rf"(?s).{{{length}}}"
                right = rf"^{one}(/{one})*$" if several else rf"^{one}$"
                for row in rows_unlike(table.arrow(field), right):
                    message = say("编码应为 %(length)s 位：%(value)s", length=length, value=values[row])
                    yield finding("A05", message, table.name, names[row], field)


def check_positive(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A06."""
    for table in all_tables(package):
        names = records(table)
        for field in standard.spec(table.name).fields:
            if field.name in POSITIVE:
                values = table[field.name]
                for row in rows_where(table.arrow(field.name), lambda v: pc.less_equal(v, 0)):
                    message = say(
                        "%(title)s应大于零，实为 %(value)s",
                        title=field.title,
                        value=f"{values[row]:g}",
                    )
                    yield finding("A06", message, table.name, names[row], field.name)


def check_mu(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A12: m2 x 0.0015 is mu."""
    for table in all_tables(package):
        for area_field, mu_field in _AREA_PAIRS.get(table.name, ()):
            names = records(table)
            area, mu = numbers(table.arrow(area_field)), numbers(table.arrow(mu_field))
            for row in np.flatnonzero(np.abs(mu - area * 0.0015) > settings.mu + _ROUNDING).tolist():
                message = say(
                    "%(area)s 平方米合 %(right)s 亩，实为 %(mu)s 亩",
                    area=f"{area[row]:.2f}",
                    right=f"{area[row] * 0.0015:.2f}",
                    mu=f"{mu[row]:.2f}",
                )
                yield finding("A12", message, table.name, names[row], mu_field)


def check_shares(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A13: shares of a parcel are each less than the parcel and together no more than it."""
    held, parcels = package.tables.get("CBDKXX"), package.layers.get("DK")
    if held is None or parcels is None:
        return
    by_shares = plain(held.arrow("DKBM")).filter(is_value(held.arrow("SFQQQG"), "1")).unique()
    rows = [pc.is_in(plain(table.arrow("DKBM")), by_shares) for table in (parcels, held)]
    measured = dict(
        zip(*(plain(parcels.arrow(f)).filter(rows[0]).to_pylist() for f in ("DKBM", "SCMJ")), strict=True)
    )
    shares: dict[str, list[tuple[str | None, float]]] = defaultdict(list)
    columns = [plain(held.arrow(f)).filter(rows[1]).to_pylist() for f in ("DKBM", "SFQQQG", "HTMJ")]
    for code, kind, area in zip(*columns, strict=True):
        if code in measured and measured[code] is not None and area is not None:
            shares[code].append((kind, area))
    for code, entries in shares.items():
        if not any(kind == "1" for kind, _ in entries):
            continue
        whole, total = measured[code], sum(area for _, area in entries)
        if any(kind == "1" and area > whole - settings.area for kind, area in entries):
            yield finding(
                "A13", say("确权确股地块的合同面积应为份额面积，不应是整块面积"), "CBDKXX", code, "HTMJ"
            )
        elif total > whole + settings.area * len(entries) + _ROUNDING:
            message = say(
                "各承包方份额合计 %(total)s 平方米，超过地块面积 %(whole)s 平方米",
                total=f"{total:.2f}",
                whole=f"{whole:.2f}",
            )
            yield finding("A13", message, "CBDKXX", code, "HTMJ")
