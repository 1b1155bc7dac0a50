"""A09-A11: identity numbers, and contractor types against their codes."""

import datetime as dt
import pathlib
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from stdnum.iso7064 import mod_11_2

from engine.domain import masking
from engine.domain.said import say
from engine.exchange.checks.records import records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import blank as blank_text
from engine.exchange.package.columns import is_value, plain, repeated, rows_of
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
        numbers, names = plain(table.arrow(number_field)), records(table)
        cards = pc.and_(is_value(table.arrow(kind_field), "1"), pc.invert(blank_text(numbers)))
        right = _surely_right(numbers)
        for row in np.flatnonzero(cards.to_numpy(zero_copy_only=False) & ~right).tolist():
            number = numbers[row].as_py()
            problem = identity_problem(number)
            right[row] = problem is None
            if problem:
                yield finding(
                    "A09",
                    say(
                        "身份证号码%(problem)s：%(number)s",
                        problem=problem,
                        number=masking.number(number),
                    ),
                    name,
                    names[row],
                    number_field,
                )
        if sex_field:
            digit = pc.utf8_slice_codeunits(numbers, 16, 17)
            odd = pc.is_in(digit, pa.array(["1", "3", "5", "7", "9"]))
            sexes = plain(table.arrow(sex_field))
            known = pc.is_in(sexes, pa.array(["1", "2"]))
            differs = pc.and_(known, pc.not_equal(odd, pc.equal(sexes, "1")))
            for row in rows_of(pc.and_(pc.and_(cards, differs), pa.array(right))):
                message = say("身份证号码的性别位与成员性别不一致")
                yield finding("A09", message, name, names[row], "CYXB", "warning")


_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK_DIGITS = np.frombuffer(b"10X98765432", np.uint8)


def _surely_right(numbers: pa.Array) -> np.ndarray:
    """Rows whose number is right at first sight (GB 11643, a day up to the 28th); the others want a closer look."""
    right = np.zeros(len(numbers), bool)
    rows = np.flatnonzero(
        pc.match_substring_regex(numbers, r"^[0-9]{17}[0-9Xx]$")
        .fill_null(False)
        .to_numpy(zero_copy_only=False)
    )
    text = "".join(numbers.take(pa.array(rows)).to_pylist()).upper().encode()
    digits = np.frombuffer(text, np.uint8).reshape(-1, 18).astype(np.int64) - 48
    year = digits[:, 6:10] @ [1000, 100, 10, 1]
    month, day = digits[:, 10:12] @ [10, 1], digits[:, 12:14] @ [10, 1]
    dated = (year >= 1900) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 28)
    right[rows] = dated & (_CHECK_DIGITS[(digits[:, :17] @ _WEIGHTS) % 11] == digits[:, 17] + 48)
    return right


def identity_problem(number: str) -> str | None:
    """What is wrong with a resident identity number by GB 11643; None when nothing is."""
    if (
        len(number) != 18
        or not number.isascii()
        or not number[:17].isdigit()
        or number[17] not in "0123456789Xx"
    ):
        return say("应为18位")
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return say("的出生日期无效")
    if born.year < 1850:
        return say("的出生日期无效")
    if mod_11_2.calc_check_digit(number[:17]) != number[17].upper():
        return say("校验位不符")
    return None


def check_repeated(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A10: one number, one person; a household's head counts once. A proof paper excuses a contractor."""
    holders: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    members, contractors = package.tables.get("CBF_JTCY"), package.tables.get("CBF")
    sides = [(t, f) for t, f in ((members, "CYZJHM"), (contractors, "CBFZJHM")) if t is not None]
    if not sides:
        return
    upper = {t.name: pc.utf8_upper(plain(t.arrow(f))) for t, f in sides}
    often = pa.array([value for value, _ in repeated(pa.concat_arrays(list(upper.values())))], pa.string())
    in_household = set()
    for table, field in sides:
        names, codes = records(table), table["CBFBM"]
        for row in rows_of(
            pc.and_(pc.is_in(upper[table.name], often), pc.invert(blank_text(upper[table.name])))
        ):
            code, number = codes[row], upper[table.name][row].as_py()
            if table.name == "CBF_JTCY":
                in_household.add((code, number))
            if table.name == "CBF_JTCY" or (code, number) not in in_household:
                holders[number].append((table.name, names[row], field, code))
    proofs = {pathlib.PurePosixPath(name).stem.upper() for name in package.files if _PROOF in name.upper()}
    for number, rows in holders.items():
        if len(rows) < 2:
            continue
        for name, record, field, code in rows:
            if not any(stem.startswith(f"{_PROOF}{code}") for stem in proofs):
                message = say(
                    "证件号码 %(number)s 重复 %(count)s 次，且无证明附件",
                    number=masking.number(number),
                    count=len(rows),
                )
                yield finding("A10", message, name, record, field)


def check_types(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A11: sequence 0001-8000 household, 8001-9000 person, 9001-9999 unit."""
    contractors = package.tables.get("CBF")
    for code, kind in contractors.rows("CBFBM", "CBFLX") if contractors is not None else ():
        if kind not in ("1", "2", "3") or code is None or len(code) != 18 or not code[14:].isdigit():
            continue
        number = int(code[14:])
        expected = "1" if 1 <= number <= 8000 else "2" if 8001 <= number <= 9000 else "3" if number else None
        if kind != expected:
            message = say(
                "承包方类型 %(kind)s 与编码顺序号 %(number)s 不符（农户0001—8000，个人8001—9000，单位9001—9999）",
                kind=kind,
                number=code[14:],
            )
            yield finding("A11", message, "CBF", code, "CBFLX")
