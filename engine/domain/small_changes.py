"""Births, deaths, marriages and moves of a village, listed row by row: which application each household's rows make. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain import masking
from engine.domain.errors import Refused
from engine.domain.from_yaml import read_yaml
from engine.domain.register import Household, MemberFacts

NEWCOMERS = ("birth", "adopted", "married_in", "husband_in", "moved_in")
HEAD_DIED = "head_died"
HEAD = "02"  # GB/T 4761
Row = Mapping[str, Any]


@cache
def remembered_days() -> int:
    """How long a filed change counts as the same one."""
    text = (Path(__file__).parent / "data" / "small_changes.yaml").read_text("utf-8")
    return int(read_yaml(text)["remembered_days"]["value"])


def grouped(rows: Sequence[Row]) -> list[tuple[str, bool, list[int]]]:
    """(household as written, whether its head died, places of the rows): each makes a case, in the list's order."""
    found: dict[tuple[str, bool], list[int]] = {}
    for place, row in enumerate(rows):
        found.setdefault((str(row.get("household") or "").strip(), row.get("what") == HEAD_DIED), []).append(
            place
        )
    return [(name, head, places) for (name, head), places in found.items()]


def application(rows: Sequence[Row], household: Household, relations: Sequence[Row]) -> dict[str, Any]:
    """The answers of one household's case. ``relations`` are the codes with their words (GB/T 4761).

    Raises Refused where a name is nobody's or a relation no such.
    """
    phone = next((row["phone"] for row in rows if row.get("phone")), household.phone)
    common = {"phone": phone, "agreed": "yes"}
    if rows[0]["what"] == HEAD_DIED:
        if len(rows) > 1:
            raise Refused("two_heads", "同一户写了两次户主去世，请只留一行")
        return common | {
            "kind": "representative",
            "head_reason": "died",
            "relations": _relations(rows[0], household, relations),
        }
    return common | {"kind": "members", "members": [_member(row, household) for row in rows]}


def _member(row: Row, household: Household) -> dict[str, Any]:
    kept = {name: row[name] for name in ("what", "note") if row.get(name)}
    if row["what"] in NEWCOMERS:
        return kept | {name: row[name] for name in ("name", "id_number", "relation")}
    kept |= {"land_elsewhere": row["land_elsewhere"]} if row.get("land_elsewhere") else {}
    return kept | {"who": said(one_member(household, row["name"]))}


def _relations(row: Row, household: Household, relations: Sequence[Row]) -> list[dict[str, Any]]:
    """Everybody's relation to the new representative; who died keeps a row, which says so."""
    died, new = one_member(household, row["name"]), one_member(household, row["new_head"])
    if died.relation != HEAD:
        raise Refused("not_head", "%(name)s不是户主；其他成员去世请选“去世”", name=died.name)
    told = dict(_told(row["relations"], household, relations)) | {new.id_number: HEAD}
    lacking = [one.name for one in household.members if one.id_number not in told]
    if lacking:
        raise Refused("relation_lacks", "没有写%(names)s与新代表的关系", names="、".join(lacking))
    return [
        {"who": said(one), "relation": told[one.id_number]} | ({"died": "yes"} if one is died else {})
        for one in household.members
    ]


def _told(text: str, household: Household, relations: Sequence[Row]) -> Iterable[tuple[str, str]]:
    """(identity number, code of the relation) of each piece of “王芳 配偶；李明 子”."""
    for piece in filter(None, (one.strip() for one in re.split(r"[;；,，\n]", text))):
        name, _space, relation = re.sub(r"[:：=\s]+", " ", piece).partition(" ")
        said_so = [one["code"] for one in relations if relation in (one["code"], one["label"]["zh"])]
        fits = said_so or [one["code"] for one in relations if relation in _words(one)]
        if len(fits) != 1:
            raise Refused("relation", "“%(piece)s”看不懂，请写成“姓名 关系”，如：王芳 配偶", piece=piece[:40])
        yield one_member(household, name).id_number, fits[0]


def _words(relation: Row) -> set[str]:
    return set(re.split(r"、|或", relation["label"]["zh"]))


def one_member(household: Household, who: str) -> MemberFacts:
    """By name, or identity number. Raises Refused where there is none, or two of that name."""
    who = who.strip()
    fits = [one for one in household.members if who.upper() in (one.name.upper(), one.id_number, said(one))]
    if not fits:
        raise Refused(
            "no_member", "%(household)s户里没有%(who)s，请核对姓名", household=household.name, who=who[:40]
        )
    if len(fits) > 1:
        raise Refused(
            "two_members",
            "%(household)s户里有两个%(who)s，请改写身份证号",
            household=household.name,
            who=who[:40],
        )
    return fits[0]


def said(one: MemberFacts) -> str:
    """As forms name a member: the name and the masked number."""
    return f"{one.name} {masking.number(one.id_number)}"


def same(asked: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
    """Whether an earlier application of the household asked for all of this already."""
    if asked["kind"] != earlier.get("kind"):
        return False
    name = "relations" if asked["kind"] == "representative" else "members"
    known = {_mark(row) for row in earlier.get(name) or []}
    return {_mark(row) for row in asked[name]} <= known


def _mark(row: Row) -> tuple[Any, ...]:
    return row.get("what"), row.get("id_number") or row.get("who"), row.get("relation")
