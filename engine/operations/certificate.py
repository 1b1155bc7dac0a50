"""The certificate that the real-estate registry printed: handed out, the old one taken back."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from engine.domain import registry as receipts
from engine.domain.changes import NewCertificate, ReissueCertificate, ReplaceCertificate
from engine.domain.changeset import signing
from engine.domain.errors import Invalid
from engine.domain.said import say
from engine.operations.change_context import kind_title
from engine.operations.work import Work
from engine.store import changes as register
from engine.store import contracts, registry

# what becomes of the old certificate, by what the form says of it; 登记簿 shows one valid certificate a household
OLD_STATES = {"collected": "destroyed", "lost": "void"}


def record_certificate(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Reads the form hand_out_certificate; where a case has several households, its ``contractor_code`` says whose.

    Result: {serial, handed: [contractor codes that have theirs], left: how many have not}.
    """
    form = work.data["hand_out_certificate"]
    printed = [one["contractor"] for one in (work.data.get("record_receipt") or {}).get("certificates") or []]
    handed = list((work.data.get("record_certificate") or {}).get("handed") or [])
    contractor = form.get("contractor_code") or work.case.contractor_code
    if printed and (contractor not in printed or contractor in handed):
        raise Invalid({"contractor_code": [say("这户没有要领的新证，或者已经领过，请核对承包方编码")]})
    if work.case_type.changes is None:
        hand_out(work, form)
    else:
        hand_out_to(work, contractor, form)
    handed.append(contractor)
    return {
        "serial": form["certificate_serial"],
        "handed": handed,
        "left": sum(code not in handed for code in printed),
    }


def hand_out(work: Work, form: dict[str, Any]) -> None:
    """Of the contract that the case signed."""
    if form["old_certificate"] == "collected":
        collect_old(work, date.fromisoformat(form["handed_on"]))
    cause = contracts.Cause("case", work.case.number, work.today, work.at)
    code = signing(work.changes()).code
    contracts.record_certificate(
        work.session, work.case.county, code, work.case.division, facts_of(work, form), cause
    )


def hand_out_to(work: Work, contractor: str, form: dict[str, Any]) -> None:
    """Of a household that the case changed. The one that was valid until then is void or taken back; the change may
    have ended it already."""
    household = work.household(contractor)
    if form["old_certificate"] == "collected":
        told = (work.data.get("file_changes") or {}).get("hand_overs") or []
        old = [
            (o["code"], o["serial"]) for one in told if one["contractor"] == contractor for o in one["old"]
        ]
        collect(work, old, contractor, household.name, date.fromisoformat(form["handed_on"]))
    cause = contracts.Cause("case", work.case.number, work.today, work.at, work.actor.name)
    if registry.valid_certificates(work.session, work.case.county, contractor):
        made = ReissueCertificate if form["old_certificate"] == "lost" else ReplaceCertificate
        change = made(
            contractor, kind_title(work) or receipts.reason_of("change"), new_certificate(work, form)
        )
        register.make(work.session, work.case.county, (change,), cause, work.case)
        return
    assert household.contract is not None
    contracts.record_certificate(
        work.session, work.case.county, household.contract.code, work.case.division, facts_of(work, form), cause
    )  # fmt: skip


def new_certificate(work: Work, form: dict[str, Any]) -> NewCertificate:
    facts = facts_of(work, form)
    del facts["old_state"]
    return NewCertificate(**facts)


def facts_of(work: Work, form: dict[str, Any]) -> dict[str, Any]:
    return {
        "issuer": f"{work.county.name}自然资源局",
        "issued_on": date.fromisoformat(form["handed_on"]),
        "serial": form["certificate_serial"],
        "collected_on": date.fromisoformat(form["handed_on"]),
        "collected_by": form["receiver_name"],
        "collector_id_number": form["receiver_id_number"],
        "old_state": OLD_STATES.get(form["old_certificate"]),
    }


def collect_old(work: Work, on: date) -> None:
    """What the household gives back waits to be destroyed by a list (Destruction), before witnesses."""
    case = work.case
    rows = registry.valid_certificates(work.session, case.county, case.contractor_code)
    old = [(certificate.code, version.serial) for certificate, version in rows]
    collect(work, old, case.contractor_code, case.contractor_name, on)


def collect(work: Work, old: Iterable[tuple[str, str | None]], contractor: str, name: str, on: date) -> None:
    for code, serial in old:
        registry.collect(
            work.session,
            work.case,
            id=work.new_id(),
            code=code,
            serial=serial,
            contractor_code=contractor,
            contractor_name=name,
            collected_on=on,
            collected_by=work.actor.name,
        )
