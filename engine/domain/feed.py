"""接入报文: what the upper platform is told of a change that was filed (接入技术规范 of 2019, a draft). Pure.

A message is the standard's SUBMIT: HEAD, BUSINESS_DATA, ORIGINAL_DATA and CHANGE_DATA, with the standard's tables as they
stood before and after. Each names the one before it (QYWLSH), so a county's messages go out in order, and stop at the first
that is refused.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.from_yaml import read_yaml
from engine.domain.said import say

WAITING, SENT, ACCEPTED, REFUSED = "waiting", "sent", "accepted", "refused"
TAKEN = "100"
NOTHING, ADDED, CHANGED, REMOVED = "01", "02", "03", "04"  # CZFS 操作方式
LONGEST = 1000  # characters of what the platform says, and of why a message is repeated

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

# Which fields know a row of a table, before and after.
KEYS: Mapping[str, tuple[str, ...]] = {
    "FBF": ("FBFBM",),
    "CBF": ("CBFBM",),
    "JTCY": ("CBFBM", "CYZJHM", "CYXM"),
    "CBHT": ("CBHTBM",),
    "CBJYQZDJB": ("CBJYQZBM",),
    "CBJYQZ": ("CBJYQZBM",),
    "DK": ("DKBM",),
    "CBDKXX": ("DKBM", "CBFBM"),
    "JZD": ("JZDH", "DKBM"),
    "JZX": ("QJZDH", "ZJZDH", "DKBM"),
}
ATTRIBUTES = ("FBF", "CBF", "JTCY", "CBHT", "CBJYQZDJB", "CBJYQZ")  # in CHANGE_DATA only where changed
SHAPED = {"DK": "CBDK", "JZD": "DKJZD", "JZX": "DKJZX"}  # layer -> its element
BY_HOUSEHOLD = ("101", "103", "107", "201", "202", "203")  # one household each


@dataclass(frozen=True)
class About:
    """What a message says of the business itself. ``own``: the household whose case it is."""

    code: str
    guid: str  # SJBZM
    at: str  # FSSJ, 年-月-日 时:分:秒
    serial: str  # YWLSH
    previous: str  # QYWLSH; empty for a county's first
    division: str  # XZQBM
    division_name: str
    day: str  # YWBLSJ
    party: str
    own: str
    reason: str  # ZXYY of an end
    crs: str  # TYZB


def message(about: About, before: Rows, after: Rows, came_of: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """``before``, ``after``: the standard's rows of what the change touches, by table, layers with SHP as WKT;
    ``came_of``: the codes that a new parcel was made from.
    """
    head = {"FSSJ": about.at, "SJLX": about.code, "SJBZM": about.guid}
    held = {row["DKBM"]: row["CBFBM"] for row in before["CBDKXX"]}
    return {
        "HEAD": head,
        "BUSINESS_DATA": business(about, before, after),
        "ORIGINAL_DATA": original(about, before),
        "CHANGE_DATA": changed(about, before, after, came_of, held),
    }


def business(about: About, before: Rows, after: Rows) -> dict[str, Any]:
    told: dict[str, Any] = {
        "XZQBM": about.division,
        "XZQMC": about.division_name,
        "YWLSH": about.serial,
        "QYWLSH": about.previous,
        "YWBLSJ": about.day,
        "FBFBM": about.party,
    }
    kind = about.code[:3]
    if kind == "102":
        return told | assignment(about, before, after)
    if kind == "104":
        other = next((one for one in codes(after) if one != about.own), "")
        return told | {
            "JF": _side(about.own, other, before, after),
            "YF": _side(other, about.own, before, after),
        }
    if kind == "105":
        made = [one for one in codes(after) if one not in codes(before)]
        gone = {f"FHQ{name}": value for name, value in papers(about.own, before).items()}
        return told | gone | {"FHHCBF": [_whole(one, after) for one in made]}
    if kind == "106":
        joined = [one for one in codes(before) if one not in codes(after)]
        into = next((one for one in codes(after) if one not in codes(before)), about.own)
        return told | {
            "HHQCBF": [papers(one, before) for one in joined],
            "HHHCBF": _whole(into, after),
        }
    stands = papers(about.own, after)
    told |= stands if stands["CBHTBM"] else papers(about.own, before)
    return told | ({"ZXYY": about.reason} if kind == "107" else {})


def assignment(about: About, before: Rows, after: Rows) -> dict[str, Any]:
    """转让: who gives, who receives, by which contracts, and the land that passed."""
    other = next((one for one in codes(after) if one != about.own), "")
    contracts = [papers(one, rows)["CBHTBM"] for one, rows in ((about.own, before), (other, after))]
    return {
        "ZCCBFBM": about.own,
        "ZCCBJYQZBM": papers(about.own, before)["CBJYQZBM"],
        "ZRCBFBM": other,
        "ZRCBJYQZBM": papers(other, after)["CBJYQZBM"],
        "CBHTBM": ";".join(filter(None, contracts)),
        "DKBM": ";".join(gained(other, before, after)),
    }


def _side(code: str, other: str, before: Rows, after: Rows) -> dict[str, Any]:
    """One side of a swap: the land that the other has from it."""
    party = next((row["FBFBM"] for row in before["CBDKXX"] if row["CBFBM"] == code), "")
    return {
        "DKBM": gained(other, before, after),
        "FBFBM": party,
        "CBJYQZBM": papers(code, before)["CBJYQZBM"],
        "CBFBM": code,
    }


def _whole(code: str, rows: Rows) -> dict[str, Any]:
    return papers(code, rows) | {"DKBM": land(code, rows)}


def papers(code: str, rows: Rows) -> dict[str, str]:
    """A household by its codes: of itself, its contract, its entry in the register."""
    contract = next((row["CBHTBM"] for row in rows["CBHT"] if row["CBFBM"] == code), "")
    entry = next((row["CBJYQZBM"] for row in rows["CBJYQZDJB"] if row["CBFBM"] == code), contract)
    return {"CBFBM": code, "CBHTBM": contract, "CBJYQZBM": entry}


def codes(rows: Rows) -> list[str]:
    return [row["CBFBM"] for row in rows["CBF"]]


def land(code: str, rows: Rows) -> list[str]:
    return [row["DKBM"] for row in rows["CBDKXX"] if row["CBFBM"] == code]


def gained(code: str, before: Rows, after: Rows) -> list[str]:
    had = set(land(code, before))
    return [one for one in land(code, after) if one not in had]


def original(about: About, before: Rows) -> dict[str, Any]:
    """All as it stood, with no operation (C.01)."""
    told: dict[str, Any] = {name: [_attribute(NOTHING, row) for row in before[name]] for name in ATTRIBUTES}
    for name, element in SHAPED.items():
        told[element] = [_shaped(name, NOTHING, row) for row in before[name]]
    return told | {"CBDKXX": [_attribute(NOTHING, row) for row in before["CBDKXX"]], "TYZB": about.crs}


def changed(
    about: About, before: Rows, after: Rows, came_of: Mapping[str, Sequence[str]], held: Mapping[str, str]
) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in ATTRIBUTES:
        rows = [(how, row) for how, row in compared(name, before, after) if how != NOTHING]
        if rows:
            told[name] = [_attribute(how, row) for how, row in rows]
    told["CBDK"] = [
        {"CZFS": how} | _descent(row["DKBM"], how, came_of, held) | {"DK": _plain(row), "SHP": row["SHP"]}
        for how, row in compared("DK", before, after)
    ]
    told["CBDKXX"] = [_attribute(how, row) for how, row in compared("CBDKXX", before, after)]
    for name in ("JZD", "JZX"):
        told[SHAPED[name]] = [_shaped(name, how, row) for how, row in compared(name, before, after)]
    return told | {"TYZB": about.crs}


def _descent(
    code: str, how: str, came_of: Mapping[str, Sequence[str]], held: Mapping[str, str]
) -> dict[str, str]:
    """原地块代码 of a piece, and 原承包方代码 of who held it."""
    earlier = list(came_of.get(code, ())) if how == ADDED else [code]
    holders = dict.fromkeys(held[one] for one in earlier if one in held)
    return {"YDKBM": ";".join(earlier), "YCBFBM": ";".join(holders)}


def compared(name: str, before: Rows, after: Rows) -> Iterable[tuple[str, Row]]:
    """(CZFS, row as it is now, or as it was where it is gone)."""
    old, new = ({_key(name, row): row for row in rows[name]} for rows in (before, after))
    for key, row in new.items():
        was = old.get(key)
        yield ADDED if was is None else NOTHING if _said(was) == _said(row) else CHANGED, row
    for key, row in old.items():
        if key not in new:
            yield REMOVED, row


def _key(name: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[field] for field in KEYS[name])


def _said(row: Row) -> dict[str, Any]:
    """Without the number of its row, which is another whenever a thing is written anew."""
    return {field: value for field, value in row.items() if field != "BSM"}


def _attribute(how: str, row: Row) -> dict[str, Any]:
    return {"CZFS": how} | _plain(row)


def _shaped(name: str, how: str, row: Row) -> dict[str, Any]:
    return {"CZFS": how, name: _plain(row), "SHP": row["SHP"]}


def _plain(row: Row) -> dict[str, Any]:
    return {field: value for field, value in row.items() if field != "SHP"}


# --- what a message must hold


def faults(told: Mapping[str, Any]) -> list[str]:
    """What a message lacks or contradicts: the register is filed all the same, and who sends it is told."""
    found = [f"HEAD.{name}" for name in ("FSSJ", "SJLX", "SJBZM") if not told["HEAD"].get(name)]
    business, code = told["BUSINESS_DATA"], told["HEAD"]["SJLX"]
    found += [f"BUSINESS_DATA.{name}" for name in needed(code) if not business.get(name)]
    if code not in _shipped()["codes"]["value"]:
        found.append("HEAD.SJLX")
    change, original = told["CHANGE_DATA"], told["ORIGINAL_DATA"]
    found += [
        f"CHANGE_DATA.{name}" for name in ("CBDK", "CBDKXX", "DKJZD", "DKJZX", "TYZB") if name not in change
    ]
    found += [f"ORIGINAL_DATA.{name}" for name in ("FBF", "CBF", "CBHT") if not original.get(name)]
    if not any(row["CZFS"] != NOTHING for rows in change.values() if isinstance(rows, list) for row in rows):
        found.append("CHANGE_DATA")
    known = {row["DK"]["DKBM"] for side in (change, original) for row in side["CBDK"]}
    found += [f"CBDKXX.{row['DKBM']}" for row in change["CBDKXX"] if row["DKBM"] not in known]
    return found


def needed(code: str) -> tuple[str, ...]:
    """Fields of BUSINESS_DATA by kind of business (tables 4 and 14 to 22)."""
    common = ("XZQBM", "XZQMC", "YWLSH", "YWBLSJ", "FBFBM")
    own = {
        "102": ("ZCCBFBM", "ZCCBJYQZBM", "ZRCBFBM", "ZRCBJYQZBM", "CBHTBM", "DKBM"),
        "104": ("JF", "YF"),
        "105": ("FHQCBFBM", "FHQCBHTBM", "FHQCBJYQZBM", "FHHCBF"),
        "106": ("HHQCBF", "HHHCBF"),
        "107": ("CBFBM", "CBHTBM", "CBJYQZBM", "ZXYY"),
    }
    return common + own.get(code[:3], ("CBFBM", "CBHTBM", "CBJYQZBM"))


# --- the platform's answer


@dataclass(frozen=True)
class Answer:
    code: str  # ZT
    text: str | None  # MS

    @property
    def state(self) -> str:
        return ACCEPTED if self.code == TAKEN else REFUSED

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "text": self.text}


def read_answer(said: Mapping[str, Any]) -> Answer:
    """What somebody typed or sent as the platform's answer. Invalid names every field that cannot be."""
    wrong: dict[str, list[str]] = {}
    code, text = str(said.get("code") or "").strip(), str(said.get("text") or "").strip()
    if code not in _shipped()["answers"]["value"]:
        wrong["code"] = [say("请选择上级平台的应答代码")]
    if code and code != TAKEN and not text:
        wrong["text"] = [say("请填写上级平台说明的原因")]
    if wrong_text(text):
        wrong["text"] = [say("文字太长，或含有不能用的字符")]
    if wrong:
        raise Invalid(wrong)
    return Answer(code, text or None)


def wrong_text(text: str) -> bool:
    return len(text) > LONGEST or any(ord(c) < 32 and c not in "\r\n\t" for c in text)


@cache
def _shipped() -> dict[str, Any]:
    return read_yaml((Path(__file__).parent / "data" / "feed.yaml").read_text("utf-8"))


def code_name(code: str, lang: str = "zh") -> str:
    return _named("codes", code, lang)


def answer_name(code: str, lang: str = "zh") -> str:
    return _named("answers", code, lang)


def answer_codes() -> tuple[str, ...]:
    return tuple(_shipped()["answers"]["value"])


def _named(kind: str, code: str, lang: str) -> str:
    return _shipped()[kind]["en" if lang == "en" else "value"].get(code, code)
