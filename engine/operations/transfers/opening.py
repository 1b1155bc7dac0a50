"""Take an application about a transfer in: what it asks of the register, checked and held."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain import events, transfers
from engine.domain.changes import (
    Change,
    EndTransfer,
    RecordGuarantee,
    RecordTransfer,
    ReleaseGuarantee,
    Touched,
    as_json,
    check,
    errors,
    named,
)
from engine.domain.changes.findings import told as told_findings
from engine.domain.changes.register import Encumbrance, Transfer
from engine.domain.errors import Invalid, Refused
from engine.domain.register import Household, mu
from engine.domain.said import say
from engine.operations.accept_case import reserve
from engine.operations.work import Work
from engine.store.changes import register_of
from engine.store.changes import transfers as store
from engine.store.changes.locks import seeing_the_county
from engine.store.register import read_household

VILLAGE = 12  # digits
ENDING_NUMBERS = ("abandoned_years", "issuer_waits")


def open_transfer(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {kind, way, number, signs, drafts, priority, outside, recipient_kind, certificate, households, parcels, area_mu}.

    ``number`` is the case's own until the township's rule gives one. Refused in words where something stands against
    it: a missing mandate, a term beyond the remainder, a dispute, a seizure, a mortgage, another running transfer.
    """
    asked = work.data[work.case_type.start_variable]
    kind = asked["kind"]
    change = change_asked(work, kind, asked)
    check_mandates(work, asked, change)
    check_papers(kind, asked)
    check_change(work, change)
    for what, code in held(change):
        reserve(work, what, code)
    set_change(work, change)
    return told(work, kind, asked, change)


def told(work: Work, kind: str, asked: Mapping[str, Any], change: Change) -> dict[str, Any]:
    recorded = isinstance(change, RecordTransfer)
    area = (
        sum((row.area for row in change.land), Decimal(0))
        if isinstance(change, RecordTransfer)
        else Decimal(0)
    )
    return {
        "kind": kind,
        "way": change.way if isinstance(change, RecordTransfer) else None,
        "number": number_of(change),
        "signs": transfers.signs(kind, asked),
        "drafts": kind in transfers.DRAFTED,
        "priority": isinstance(change, RecordTransfer) and transfers.has_priority(kind, change.recipient),
        "outside": isinstance(change, RecordTransfer)
        and transfers.reviewable(kind, change.recipient, longer(work, change)),
        "recipient_kind": change.recipient.kind if isinstance(change, RecordTransfer) else "",
        "certificate": bool(asked.get("certificate")) and recorded,
        "households": len(transfers.lessors(change.land)) if isinstance(change, RecordTransfer) else 0,
        "parcels": len(change.touches().parcels),
        "area_mu": str(mu(area, work.mu_decimals)),
    }


def longer(work: Work, change: RecordTransfer) -> bool:
    """Whether it changes a transfer so that it runs beyond the term that was contracted."""
    return change.replaces is not None and change.term_end > transfer_named(work, change.replaces).term_end


def change_asked(work: Work, kind: str, asked: Mapping[str, Any]) -> Change:
    if kind == transfers.RELEASE:
        pledged = guarantee_named(work, str(asked["guarantee_number"]))
        return ReleaseGuarantee(
            pledged.number, work.today, asked["release_reason"], pledged.contractor, pledged.parcels
        )
    if kind == transfers.GUARANTEE:
        return guarantee_asked(work, asked)
    if kind == transfers.NEW:
        return new_asked(work, asked)
    known = transfer_named(work, str(asked["transfer_number"]))
    if kind == transfers.ENDING:
        ground = asked.get("ground") or transfers.AGREED
        ends = date.fromisoformat(asked["ended_on"])
        numbers = [int(work.case_type.value(name, work.today)) for name in ENDING_NUMBERS]
        if faults := transfers.ending_faults(asked, known, work.today, *numbers):
            raise Invalid(faults)
        return EndTransfer(known.number, ends, ground, tuple(transfers.lessors(known.land)), known.parcels)
    return again_asked(work, kind, asked, known)


def new_asked(work: Work, asked: Mapping[str, Any]) -> RecordTransfer:
    own = work.household()
    rows = [*(asked.get("land") or []), *pasted(work, asked)]
    codes = {row["household"] for row in rows}
    others = {code: found for code in sorted(codes) if (found := neighbour(work, code))}
    land = transfers.land_asked({**asked, "land": rows}, own, others)
    recipient = recipient_of(work, asked)
    if recipient.contractor in transfers.lessors(land):
        raise Invalid({"recipient_household": [say("受让方不能同时是出让方")]})
    return RecordTransfer(
        number=work.case.number,
        way=asked["way"],
        recipient=recipient,
        term_start=date.fromisoformat(asked["term_start"]),
        term_end=date.fromisoformat(asked["term_end"]),
        signed_on=work.today,
        use=asked["use"],
        price=asked["price"],
        land=land,
        consented=agreed_mortgages(work, asked, land_codes=[row.parcel for row in land]),
    )


def pasted(work: Work, asked: Mapping[str, Any]) -> list[dict[str, str]]:
    """Whole parcels of which the village gave the codes alone: who contracts them is in the register."""
    codes = asked.get("other_parcels") or []
    if not codes:
        return []
    now = register_of(work.session, work.case, Touched(parcels=frozenset(codes)), work.today)
    holders = {code: holder.contractor for code in codes if (holder := now.holder(code))}
    lacking = [c for c in codes if holders.get(c, "")[:VILLAGE] != work.case.division[:VILLAGE]]
    if lacking:
        told = "、".join(lacking[:5])
        raise Invalid({"other_parcels": [say("登记簿里本村没有哪一户承包这些地块：%(codes)s", codes=told)]})
    return [{"household": holders[code], "parcel": code} for code in codes]


def again_asked(work: Work, kind: str, asked: Mapping[str, Any], known: Transfer) -> RecordTransfer:
    """A re-transfer, a renewal or a change of a running transfer: what is not asked otherwise stays."""
    wanted = transfers.changed_terms(known, asked)
    if kind == transfers.CHANGE and wanted == known:
        raise Invalid({"term_end": [say("没有要变更的内容：期限、用途、价款至少改一项")]})
    if kind != transfers.RENEWAL and known.term_end < work.today:
        raise Invalid(
            {"transfer_number": [say("这份合同已于%(end)s到期，接着流转的请办续签", end=known.term_end)]}
        )
    recipient = known.recipient
    if kind == transfers.RETRANSFER:
        recipient = recipient_of(work, asked)
    if kind == transfers.RENEWAL and wanted.term_start <= known.term_end:
        raise Invalid({"term_start": [say("续签的起日应在原合同止日（%(end)s）之后", end=known.term_end)]})
    return RecordTransfer(
        number=work.case.number,
        way=asked.get("way") or known.way,
        recipient=recipient,
        term_start=wanted.term_start,
        term_end=wanted.term_end,
        signed_on=work.today,
        use=wanted.use,
        price=wanted.price,
        land=known.land,
        under=known.number if kind == transfers.RETRANSFER else known.under,
        renews=known.number if kind == transfers.RENEWAL else None,
        replaces=known.number if kind == transfers.CHANGE else None,
        consented=tuple(
            dict.fromkeys((*known.consented, *agreed_mortgages(work, asked, list(known.parcels))))
        ),
        review=known.review if kind == transfers.CHANGE else None,
    )


def guarantee_asked(work: Work, asked: Mapping[str, Any]) -> RecordGuarantee:
    own, side = work.household(), asked["side"]
    known, codes = None, ()
    if (
        side == transfers.RECIPIENT
    ):  # versions published before have it in the field that other kinds have too
        number = asked.get("pledged_transfer") or asked.get("transfer_number") or ""
        known = transfer_named(work, number, "pledged_transfer")
    else:
        rows = asked.get("pledged_parcels") or asked.get("parcels") or []
        codes = tuple(row["code"] if isinstance(row, dict) else row for row in rows)
    return RecordGuarantee(
        number=work.case.number,
        side=side,
        guarantor=known.recipient.name if known else own.name,
        bank=asked["bank"],
        loan=asked["loan"],
        amount=Decimal(asked["amount"]),
        starts=date.fromisoformat(asked["guarantee_start"]),
        ends=date.fromisoformat(asked["guarantee_end"]),
        contractor=own.code,
        parcels=known.parcels if known else codes,
        transfer=known.number if known else None,
    )


def recipient_of(work: Work, asked: Mapping[str, Any]):
    code = asked.get("recipient_household")
    household = neighbour(work, code) if code and asked["recipient_kind"] == transfers.MEMBER else None
    return transfers.recipient_asked(asked, household)


def neighbour(work: Work, code: str) -> Household | None:
    """A household of the case's own village."""
    if code[:VILLAGE] != work.case.division[:VILLAGE]:
        return None
    with seeing_the_county(work.session, work.case.county):
        return read_household(work.session, work.case.county, code)


def transfer_named(work: Work, number: str, field: str = "transfer_number") -> Transfer:
    """A running one with land of the case's own household. ``field``: where a fault is shown."""
    with seeing_the_county(work.session, work.case.county):
        found = store.running(work.session, work.case.county, [number.strip()], [], work.today)
    known = found.get(number.strip())
    if (
        known is None
        or known.state != store.RUNNING
        or work.case.contractor_code not in transfers.lessors(known.land)
    ):
        raise Invalid({field: [say("本户没有这个编号的、正在履行的流转合同，请核对")]})
    return known


def guarantee_named(work: Work, number: str) -> Encumbrance:
    with seeing_the_county(work.session, work.case.county):
        found = store.guarantees(work.session, work.case.county, [number.strip()], [])
    known = found.get(number.strip())
    if known is None or known.contractor != work.case.contractor_code:
        raise Invalid({"guarantee_number": [say("本户没有这个编号的、存续的融资担保，请核对")]})
    return known


def agreed_mortgages(work: Work, asked: Mapping[str, Any], land_codes: list[str]) -> tuple[str, ...]:
    """The mortgages on the land whose holders agreed in writing, where the application says so."""
    if not asked.get("mortgage_agreed"):
        return ()
    now = register_of(work.session, work.case, Touched(parcels=frozenset(land_codes)), work.today)
    return tuple(sorted({block.ref for block in now.blocks if block.kind == "mortgage"}))


def check_mandates(work: Work, asked: Mapping[str, Any], change: Change) -> None:
    """Who has the village sign for them has said so in writing: the matter, the power and until when."""
    if not asked.get("agent") or not isinstance(change, RecordTransfer):
        return
    lacking = transfers.without_mandate(transfers.lessors(change.land), transfers.mandates(asked), work.today)
    scans = (asked.get("papers") or {}).get("mandate") or []
    if lacking or not scans:
        lacking = lacking or transfers.lessors(change.land)
        raise Refused(
            "no_mandate",
            "没有书面委托的，任何组织和个人不得代为流转。还缺有效委托书的承包方：%(codes)s",
            codes="、".join(lacking),
        )


CONSENT = ("household_consent", say("没有承包方的书面同意，不能再流转或者由受让方设立融资担保，请上传同意书"))
PROOF = ("ending_proof", say("没有终止的依据：单方解除、发包方终止的，请上传依据"))
LOAN = ("loan_contract", say("没有借款或者担保合同，注销的没有还清证明，请上传"))
BANK = ("bank_consent", say("没有担保物权人的书面同意，请上传"))


def check_papers(kind: str, asked: Mapping[str, Any]) -> None:
    """What the law wants in writing must be among the papers."""
    wanted = []
    by_recipient = kind == transfers.GUARANTEE and asked["side"] == transfers.RECIPIENT
    if kind == transfers.RETRANSFER or by_recipient:
        wanted.append(CONSENT)
    if kind == transfers.ENDING and asked["ending_by"] != transfers.AGREED:
        wanted.append(PROOF)
    if kind in (transfers.GUARANTEE, transfers.RELEASE):
        wanted.append(LOAN)
    if asked.get("mortgage_agreed"):
        wanted.append(BANK)
    handed = asked.get("papers") or {}
    for paper, words in wanted:
        if not handed.get(paper):
            raise Refused("paper_missing", words)


def check_change(work: Work, change: Change) -> None:
    now = register_of(work.session, work.case, named([change]), work.today)
    found = errors(check([change], now))
    if found:
        why = told_findings(found, unnamed=work.case.number)
        raise Refused("transfer", "不能办理：%(why)s", why=why)


def held(change: Change) -> Iterable[tuple[str, str]]:
    names = change.touches()
    return [("contractor", code) for code in sorted(names.contractors)] + [
        ("parcel", code) for code in sorted(names.parcels)
    ]


def set_change(work: Work, change: Change) -> None:
    work.set_changes((change,))
    work.say(events.CHANGESET_SET, {"changes": as_json([change])})


def the_change(work: Work) -> Change:
    [change] = work.changes()
    return change


def number_of(change: Change) -> str:
    return str(change.number)  # type: ignore[attr-defined]


def with_number(change: Change, number: str) -> Change:
    return replace(change, number=number)  # type: ignore[type-var]
