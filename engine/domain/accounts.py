"""Rules of staff accounts: user names, passwords, what stands in a workbook of many. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from engine.domain.from_yaml import read_yaml
from engine.domain.roles import AREAS, FIRM, OUTSIDE, TITLES, UNDIVIDED, office_digits
from engine.domain.said import Said, said_in_both, say

LONGEST_BASIS = 200  # characters
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
_PHONE = re.compile(r"[0-9-]{5,20}")
_KINDS = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")


@cache
def limit(name: str) -> int:
    """A number of engine/domain/data/accounts.yaml."""
    file = Path(__file__).parent / "data" / "accounts.yaml"
    return int(read_yaml(file.read_text("utf-8"))[name]["value"])


@dataclass(frozen=True)
class Wanted:
    """An account and the position it is to have. ``division`` has the digits that the role's office has.

    ``basis``: by what a position is asked for in which one person does what others keep apart.
    """

    username: str
    name: str
    role: str
    division: str
    since: date
    until: date | None = None
    phone: str | None = None
    basis: str = ""


@dataclass(frozen=True)
class WantedDivision:
    """A township, village or group with its office's telephone. ``code`` has 9, 12 or 14 digits."""

    code: str
    name: str
    phone: str | None = None


def division_faults(wanted: WantedDivision, county: str, divisions: Mapping[str, str]) -> dict[str, Said]:
    """Field -> what is wrong with it. ``divisions``: code -> name, of the county and of what comes with this one."""
    found: dict[str, Said] = {}
    code, level = wanted.code, {9: 6, 12: 9, 14: 12}.get(len(wanted.code))
    if not (code.isascii() and code.isdigit() and code.startswith(county) and level):
        found["code"] = say("区划代码应是本县的9位（乡镇）、12位（村）或14位（组）数字")
    elif code[:level] not in divisions:
        found["code"] = say("没有上级区划%(code)s，请先在表中加上", code=code[:level])
    if not 1 <= len(wanted.name) <= 50:
        found["name"] = say("请填写名称，不超过50个字")
    if wanted.phone and not _PHONE.fullmatch(wanted.phone):
        found["phone"] = say("电话只能有数字和横线")
    return found


def faults_of(wanted: Wanted, county: str, divisions: Mapping[str, str]) -> dict[str, Said]:
    """Field -> what is wrong with it. ``divisions``: code -> name, of the county."""
    found: dict[str, Said] = {}
    if not _USERNAME.fullmatch(wanted.username):
        found["username"] = say("用户名用3到40个小写字母、数字、点、横线，以字母开头")
    if not 1 <= len(wanted.name) <= 50:
        found["name"] = say("请填写姓名，不超过50个字")
    if wanted.role not in AREAS or wanted.role == OUTSIDE:
        found["role"] = say("没有“%(role)s”这个岗位", role=wanted.role[:20])
    elif len(wanted.division) != office_digits(wanted.role):
        digits, title = office_digits(wanted.role), said_in_both(*TITLES[wanted.role].values())
        found["division"] = (
            say("%(title)s的单位应是%(digits)s位的单位代码", title=title, digits=digits)
            if wanted.role == FIRM
            else say("%(title)s的单位应是%(digits)s位区划代码", title=title, digits=digits)
        )
    if "division" not in found and not (wanted.division.startswith(county) and wanted.division in divisions):
        found["division"] = say("本县没有区划%(code)s", code=wanted.division[:20] or "（空）")
    if wanted.until is not None and wanted.until < wanted.since:
        found["until"] = say("止日早于起日")
    if wanted.phone and not _PHONE.fullmatch(wanted.phone):
        found["phone"] = say("电话只能有数字和横线")
    if wanted.role in UNDIVIDED and not 1 <= len(wanted.basis) <= LONGEST_BASIS:
        found["basis"] = say(
            "一人兼办经办和审批，请写明依据，如批准文件和日期，不超过%(most)s字", most=LONGEST_BASIS
        )
    return found


def password_fault(password: str, username: str) -> Said | None:
    """Why the password will not do; None when it will."""
    if len(password) < limit("password_min"):
        return say("密码至少%(count)s个字符", count=limit("password_min"))
    if len(password) > 200:
        return say("密码不超过200个字符")
    if sum(bool(re.search(kind, password)) for kind in _KINDS) < limit("password_kinds"):
        return say("密码应含大写字母、小写字母、数字、符号中的%(count)s种", count=limit("password_kinds"))
    if username.lower() in password.lower():
        return say("密码不能含有用户名")
    return None


def day_named(text: str) -> date | None:
    """2026-01-01, 2026/1/1 or 20260101; None for nothing. ValueError where it is no day."""
    plain = text.strip()
    if not plain:
        return None
    if plain.isdigit() and len(plain) == 8:
        return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    year, month, day = re.split(r"[-/.]", plain)
    return date(int(year), int(month), int(day))


def role_named(text: str) -> str:
    """The role of that code or title, in either language; the text itself where there is none."""
    wanted = text.strip().lower()
    for role, titles in TITLES.items():
        if wanted in (role, *(title.lower() for title in titles.values())):
            return role
    return text.strip()
