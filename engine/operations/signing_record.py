"""The signing record: who signed what, when and how, and what shows art 13 of the 电子签名法 point by point."""

from datetime import datetime
from typing import Any

from engine.domain.clock import SHANGHAI
from engine.domain.said import Said, say
from engine.domain.signing import (
    CARD,
    CODE,
    DRAWN,
    NUMBER,
    OUTSIDE,
    PHONE,
    SEALED,
    Point,
    article_13,
    digest,
    drawn_digest,
    party_words,
    paths,
)
from engine.operations.work import Work
from engine.store import signatures
from engine.store.papers import issued_paper
from engine.store.tables.cases import Paper
from engine.store.tables.signing import Signature

FACTORS = {
    CODE: say("一次性验证码"),
    NUMBER: say("证件号码核对"),
    DRAWN: say("当场手写签名"),
    CARD: say("身份证扫描件存档"),
    OUTSIDE: say("外部身份核验（人脸）"),
}
WAYS = {PHONE: say("在本人登录的门户用手机签名"), "counter": say("在村级签名板上当场签名，由经办人见证")}


BY_LINK = say("凭短信中只给本人的链接，在本人手机上签名")


def facts_of(case_number: str, one: Signature) -> dict[str, Any]:
    """One signature as records show it; ``intact``: its digest, computed again, is the one that was kept."""
    sent = datetime.fromisoformat(one.identity["code_sent_at"])
    proved = datetime.fromisoformat(one.identity["code_proved_at"])
    return {
        "party": party_words(one.party),
        "name": one.signer_name,
        "number": one.id_number_masked,
        "phone": one.identity["phone"],
        "factors": [FACTORS[name] for name in one.identity["factors"]],
        "way": BY_LINK if "-" in one.party else WAYS[one.way],  # of a deal: nobody need sign in
        "taken_by": one.taken_by_name,
        "at": local(one.signed_at),
        "code_sent_at": local(sent),
        "minutes": max(1, round((proved - sent).total_seconds() / 60)),
        "device": device_words(one.device),
        "sha256": one.document_sha256,
        "bytes": one.document_bytes,
        "drawn_sha256": drawn_digest(one.drawn),
        "card_sha256": one.identity.get("card_sha256"),
        "outside": outside_words(one.identity.get("outside") or {}),
        "digest": one.digest,
        "intact": digest(case_number, one) == one.digest,
    }


def outside_words(told: dict[str, Any]) -> str:
    """The numbers under which the identity provider outside keeps its check; empty where none was asked."""
    return " / ".join(str(told[name]) for name in ("reference", "transaction") if told.get(name))


def points(rows: list[dict[str, Any]], content_intact: bool, sealed: bool) -> list[Point]:
    return article_13(rows, content_intact, sealed)


def local(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def device_words(device: dict[str, Any]) -> str:
    return "；".join(str(device[name]) for name in ("pointer", "agent", "address") if device.get(name))


def record_context(work: Work) -> dict[str, Any]:
    """For the paper; what it says of the file was computed when it was sealed, a moment ago."""
    contract = issued_paper(work.session, work.case.county, work.case.id, "contract")
    sealed = issued_paper(work.session, work.case.county, work.case.id, SEALED)
    given = signatures.of_paper(work.session, contract) if contract else []
    rows = [facts_of(work.case.number, one) for one in given]
    same = contract is not None and all(one.document_sha256 == contract.sha256 for one in given)
    done = sealed is not None and sealed.status == "ready"
    return {
        "signing": {
            "contract_number": contract.number if contract else "",
            "document_sha256": contract.sha256 if contract else "",
            "pages": contract.facts.get("pages") if contract else None,
            "sealed": seal_facts(sealed) if sealed is not None else {},
            "signatures": [
                plain(row) | {"drawing": drawing_of(one)} for row, one in zip(rows, given, strict=True)
            ],
            "points": [
                {
                    "article": str(point.article),
                    "what": str(point.what),
                    "holds": point.holds,
                    "shown_by": [str(line) for line in point.shown_by],
                }
                for point in points(rows, same, done)
            ],
        }
    }


def seal_facts(sealed: Paper) -> dict[str, Any]:
    context = sealed.context or {}
    return {
        "number": sealed.number,
        "sha256": sealed.sha256,
        "office": (context.get("office") or {}).get("name"),
        "certified_by": context.get("certified_by"),
        "certified_on": context.get("certified_on"),
        "seal": sealed.facts.get("seal"),
        "verify_code": sealed.verify_code,
    }


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """As JSON, in Chinese."""
    return {
        name: [str(one) for one in value]
        if isinstance(value, list)
        else str(value)
        if isinstance(value, Said)
        else value
        for name, value in row.items()
    }


def drawing_of(one: Signature) -> str:
    """The strokes as a drawing."""
    width, height = one.drawn["width"], one.drawn["height"]
    lines = "".join(f'<path d="{line}"/>' for line in paths(one.drawn))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="45mm" height="15mm" viewBox="0 0 {width:g} {height:g}">'
        f'<g fill="none" stroke="#101840" stroke-width="{max(width, height) / 90:g}" stroke-linecap="round" '
        f'stroke-linejoin="round">{lines}</g></svg>'
    )
