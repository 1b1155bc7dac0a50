"""A09-A11: identity numbers, and contractor types against their codes."""

import datetime as dt
import pathlib
from collections import defaultdict
from collections.abc import Iterator

from stdnum.iso7064 import mod_11_2

from engine.domain import masking
from engine.exchange.checks.records import blank, records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.model import PackageData

# Table -> (field of the document's kind, field of its number, field of the sex)
_NUMBERS = {
    "FBF": ("FZRZJLX", "FZRZJHM", None),
    "CBF": ("CBFZJLX", "CBFZJHM", None),
    "CBF_JTCY": ("CYZJLX", "CYZJHM", "CYXB"),
    "CBJYQZ": ("QZLQRZJLX", "QZLQRZJHM", None),
    "CBJYQZ_QZBF": ("BFLQRZJLX", "BFLQRZJHM", None),
    "CBJYQZ_QZHF": ("HFLQRZJLX", "HFLQRZJHM", None),
}
_PROOF = "CBFSFZ"  # name of the paper that explains a repeated number: CBFSFZ<CBFBM>.pdf


def check_numbers(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A09 for resident identity cards; a sex that differs is a warning."""
    for name, (kind_field, number_field, sex_field) in _NUMBERS.items():
        table = package.tables.get(name)
        if table is None:
            continue
        sexes = table[sex_field] if sex_field else [None] * len(table)
        rows = zip(records(table), *table.columns_of(kind_field, number_field), sexes, strict=True)
        for record, kind, number, sex in rows:
            if kind != "1" or blank(number):
                continue
            problem = identity_problem(number)
            if problem:
                yield finding(
                    "A09", f"身份证号码{problem}：{masking.number(number)}", name, record, number_field
                )
            elif sex in ("1", "2") and (int(number[16]) % 2 == 1) != (sex == "1"):
                message = "身份证号码的性别位与成员性别不一致"
                yield finding("A09", message, name, record, "CYXB", "warning")


def identity_problem(number: str) -> str | None:
    """What is wrong with a resident identity number by GB 11643; None when nothing is."""
    if (
        len(number) != 18
        or not number.isascii()
        or not number[:17].isdigit()
        or number[17] not in "0123456789Xx"
    ):
        return "应为18位"
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return "的出生日期无效"
    if born.year < 1850:
        return "的出生日期无效"
    if mod_11_2.calc_check_digit(number[:17]) != number[17].upper():
        return "校验位不符"
    return None


def check_repeated(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A10: one number, one person; a household's head counts once. A proof paper excuses a contractor."""
    holders: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    members = package.tables.get("CBF_JTCY")
    in_household = set()
    if members is not None:
        for record, code, number in zip(
            records(members), *members.columns_of("CBFBM", "CYZJHM"), strict=True
        ):
            if not blank(number):
                in_household.add((code, number.upper()))
                holders[number.upper()].append(("CBF_JTCY", record, "CYZJHM", code))
    contractors = package.tables.get("CBF")
    if contractors is not None:
        for code, number in contractors.rows("CBFBM", "CBFZJHM"):
            if not blank(number) and (code, number.upper()) not in in_household:
                holders[number.upper()].append(("CBF", code, "CBFZJHM", code))
    proofs = {pathlib.PurePosixPath(name).stem.upper() for name in package.files if _PROOF in name.upper()}
    for number, rows in holders.items():
        if len(rows) < 2:
            continue
        for table, record, field, code in rows:
            if not any(stem.startswith(f"{_PROOF}{code}") for stem in proofs):
                message = f"证件号码 {masking.number(number)} 重复 {len(rows)} 次，且无证明附件"
                yield finding("A10", message, table, record, field)


def check_types(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A11: sequence 0001-8000 household, 8001-9000 person, 9001-9999 unit."""
    contractors = package.tables.get("CBF")
    for code, kind in contractors.rows("CBFBM", "CBFLX") if contractors is not None else ():
        if kind not in ("1", "2", "3") or code is None or len(code) != 18 or not code[14:].isdigit():
            continue
        number = int(code[14:])
        expected = "1" if 1 <= number <= 8000 else "2" if 8001 <= number <= 9000 else "3" if number else None
        if kind != expected:
            message = f"承包方类型 {kind} 与编码顺序号 {code[14:]} 不符（农户0001—8000，个人8001—9000，单位9001—9999）"
            yield finding("A11", message, "CBF", code, "CBFLX")
