"""Electronic signatures on a contract: what one says, what it is bound to, and how it looks. Pure.

电子签名法: art 13 says when a signature is reliable (the data used to make it belong to the signer alone; the signer
alone controls them at signing; later changes to the signature, and to content and form, can be detected), art 14 that
such a one has the force of a handwritten signature or seal.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from engine.domain.said import Said, say

HOUSEHOLD, ISSUER = "household", "issuer"
PARTIES = (HOUSEHOLD, ISSUER)
PHONE, COUNTER = "phone", "counter"
SEALED = "sealed_contract"  # kind of the paper
CODE, NUMBER, DRAWN, CARD, OUTSIDE = (
    "one_time_code",
    "id_number",
    "drawn_signature",
    "id_card_scan",
    "outside",
)


@dataclass(frozen=True)
class Claim:
    """Who must be at the other end: as the register has them."""

    party: str
    name: str
    id_number: str
    phone: str


class Evidence(Protocol):
    """What a signature says; the row of the table is one."""

    party: str
    document_sha256: str
    document_bytes: int
    signer_name: str
    id_number_masked: str
    way: str
    identity: dict[str, Any]
    drawn: dict[str, Any]
    device: dict[str, Any]
    signed_at: datetime
    taken_by: str


SIDES = {"lessor": say("出让方"), "agent": say("受托人"), "recipient": say("受让方")}


def party_words(party: str) -> Said:
    side, _, position = party.partition("-")
    if position:
        return say("%(side)s（%(position)s）", side=SIDES[side], position=position)
    return say("承包方代表") if party == HOUSEHOLD else say("发包方负责人")


def label_of(party: str) -> str:
    """The words on the contract beside which that party's signature is laid."""
    side, _, position = party.partition("-")
    if position:
        return f"{SIDES[side]}{position}（签章）："
    return "承包方代表（签章）：" if party == HOUSEHOLD else "负责人（签章）："


def signed(data: Mapping[str, Any]) -> dict[str, Any]:
    """{signed_on, place} of the contract by a case's variables, whichever way it was signed last; {} before."""
    answers = data.get("sign_contract") or {}
    if answers.get("way") in (PHONE, COUNTER):
        return data.get("seal_contract") or {}
    return answers


def told(case_number: str, signature: Evidence) -> dict[str, Any]:
    """All that the digest covers."""
    return {
        "case": case_number,
        "party": signature.party,
        "document_sha256": signature.document_sha256,
        "document_bytes": signature.document_bytes,
        "signer": signature.signer_name,
        "id_number": signature.id_number_masked,
        "way": signature.way,
        "identity": signature.identity,
        "drawn": signature.drawn,
        "device": signature.device,
        "signed_at": signature.signed_at.isoformat(),
        "taken_by": signature.taken_by,
    }


def digest(case_number: str, signature: Evidence) -> str:
    """SHA-256 over canonical JSON: whatever is altered afterwards gives another one."""
    text = json.dumps(told(case_number, signature), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Point:
    """One point of the law, whether it holds for this signing, and the facts that show it."""

    article: Said
    what: Said
    holds: bool
    shown_by: list[Said]


def article_13(facts: Sequence[Mapping[str, Any]], content_intact: bool, sealed: bool) -> list[Point]:
    """Art 13 of the 电子签名法 point by point. ``facts``: per signature {name, party, factors, phone, code_minutes,
    way, taken_by, drawn_sha256, sha256, intact, number}."""
    return [
        Point(
            say("谁签的"),
            say("签署人是谁，身份如何核验"),
            bool(facts),
            [
                say(
                    "%(name)s（%(party)s）：证件号码 %(number)s 与登记簿一致；%(factors)s",
                    name=row["name"], party=row["party"], number=row["number"], factors=list(row["factors"]),
                )
                for row in facts
            ],
        ),
        Point(
            say("第十三条第一款第（一）项"),
            say("电子签名制作数据用于电子签名时，属于电子签名人专有"),
            all(row["phone"] for row in facts),
            [
                say(
                    "%(name)s：一次性验证码只发往登记的手机 %(phone)s，仅对这一份文件有效；签名笔迹当场书写，不存模板、不重复使用",
                    name=row["name"], phone=row["phone"],
                )
                for row in facts
            ],
        ),
        Point(
            say("第十三条第一款第（二）项"),
            say("签署时电子签名制作数据仅由电子签名人控制"),
            bool(facts),
            [
                say(
                    "%(name)s：%(way)s；验证码发出后 %(minutes)s 分钟内由本人提供，用后即作废",
                    name=row["name"], way=row["way"], minutes=row["minutes"],
                )
                for row in facts
            ],
        ),
        Point(
            say("第十三条第一款第（三）项"),
            say("签署后对电子签名的任何改动能够被发现"),
            all(row["intact"] for row in facts),
            [
                say(
                    "%(name)s：签名数据的摘要 %(digest)s 已记入办件的哈希链，现在重新计算，%(result)s",
                    name=row["name"], digest=row["digest"][:16] + "…",
                    result=say("一致") if row["intact"] else say("不一致"),
                )
                for row in facts
            ],
        ),
        Point(
            say("第十三条第一款第（四）项"),
            say("签署后对数据电文内容和形式的任何改动能够被发现"),
            content_intact and sealed,
            [
                say("各方签署的是同一份文件，SHA-256：%(sha)s", sha=sha)
                for sha in sorted({row["sha256"] for row in facts})
            ]
            + [
                say("文件现在重新计算，与签署时一致") if content_intact else say("文件现在重新计算，与签署时不一致"),
                say("合同已加盖电子签章（PAdES），任一字节改动，验证即不通过")
                if sealed
                else say("合同尚未加盖电子签章"),
            ],
        ),
    ]  # fmt: skip


def paths(drawn: Mapping[str, Any]) -> Iterable[str]:
    """The strokes as SVG path data, in the pad's own units."""
    for stroke in drawn["strokes"]:
        points = [f"{x:g} {y:g}" for x, y, *_ in stroke]
        yield f"M{points[0]}" + ("".join(f"L{point}" for point in points[1:]) or f"L{points[0]}")


def drawn_digest(drawn: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(drawn, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
