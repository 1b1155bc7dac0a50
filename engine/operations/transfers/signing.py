"""All parties sign one file, each on their own telephone, without meeting."""

from typing import Any

from engine.domain import events, transfers
from engine.domain.changes import EndTransfer, RecordTransfer
from engine.domain.changes.register import Recipient
from engine.domain.errors import Refused
from engine.operations.scans import issued
from engine.operations.signing import have_sealed
from engine.operations.transfers.opening import neighbour, the_change, transfer_named
from engine.operations.work import Work
from engine.store import deals, signatures
from engine.store.tables.transfers import DealParty


def invite_parties(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Each party gets a link of their own to the contract as it was issued. Result: {parties, round}.

    Refused where the register lacks what proves a party: their number or their telephone.
    """
    rows = parties_of(work)
    lacking = [row.signer for row in rows if not (row.id_number and row.phone)]
    if lacking:
        raise Refused(
            "unknown_signer",
            "没有这些签署人的证件号码或手机号码，不能电子签名，请先补录或改用纸质合同：%(names)s",
            names="、".join(lacking),
        )
    deals.replace_parties(work.session, work.case, rows)
    work.later("invite_parties", {"case": work.case.number})
    work.say(events.PARTIES_INVITED, {"parties": [{"side": row.side, "name": row.name} for row in rows]})
    return {"parties": len(rows)}


def parties_of(work: Work) -> list[DealParty]:
    """Households in the order of the land, or the village for those who mandated it, then the recipient."""
    change = the_change(work)
    asked = work.data[work.case_type.start_variable]
    if isinstance(change, EndTransfer):
        known = transfer_named(work, change.number)
        sides, recipient = transfers.lessors(known.land), known.recipient
    else:
        assert isinstance(change, RecordTransfer)
        sides, recipient = transfers.lessors(change.land), change.recipient
    rows: list[DealParty] = []
    if (
        asked["kind"] == transfers.RETRANSFER
    ):  # the household agreed in writing; the parties are the two recipients
        first = transfer_named(work, asked["transfer_number"]).recipient
        rows.append(_recipient(work, first, transfers.LESSOR))
    elif asked.get("agent"):
        party = work.household().issuing_party
        rows.append(
            _party(
                work, transfers.AGENT, party.name, party.head_name, party.head_id_number, party.phone or ""
            )
        )
        rows[0].stands_for = sides
    else:
        for code in sides:
            household = neighbour(work, code)
            assert household is not None, code
            row = _party(
                work,
                transfers.LESSOR,
                household.name,
                household.name,
                household.id_number,
                household.phone or "",
            )
            row.contractor_code = code
            rows.append(row)
    rows.append(_recipient(work, recipient, transfers.RECIPIENT))
    for position, row in enumerate(rows, start=1):
        row.position = position
    return rows


def _recipient(work: Work, who: Recipient, side: str) -> DealParty:
    row = _party(work, side, who.name, who.signer, who.id_number, who.phone)
    row.contractor_code = who.contractor
    return row


def _party(work: Work, side: str, name: str, signer: str, id_number: str, phone: str) -> DealParty:
    return DealParty(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        side=side,
        name=name,
        signer=signer,
        id_number=id_number,
        phone=phone,
        stands_for=[],
        division=work.case.division,
    )


def seal_deal(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Every party has signed the same file: have it sealed by the village. Result: {number, signed_on, place}.

    The sealed file follows in seconds; then the message ``contract_sealed`` carries the case on.
    """
    contract = issued(work, "contract")
    given = signatures.of_paper(work.session, contract)
    wanted = {row.key for row in deals.parties(work.session, work.case)}
    if not wanted or wanted - {one.party for one in given}:
        raise Refused("not_signed", "合同还缺签名，不能盖章")
    return have_sealed(work, contract, given, ["applicant", "village", "township"])
