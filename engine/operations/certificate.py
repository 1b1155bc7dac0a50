"""The certificate that the real-estate registry printed: handed out, the old one taken back."""

from datetime import date
from typing import Any

from engine.domain.changeset import signing
from engine.operations.work import Work
from engine.store import contracts, registry

# what becomes of the old certificate, by what the form says of it; 登记簿 shows one valid certificate a household
OLD_STATES = {"collected": "destroyed", "lost": "void"}


def record_certificate(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Reads the form hand_out_certificate. Result: {serial}."""
    form = work.data["hand_out_certificate"]
    facts = {
        "issuer": f"{work.county.name}自然资源局",
        "issued_on": date.fromisoformat(form["handed_on"]),
        "serial": form["certificate_serial"],
        "collected_on": date.fromisoformat(form["handed_on"]),
        "collected_by": form["receiver_name"],
        "collector_id_number": form["receiver_id_number"],
        "old_state": OLD_STATES.get(form["old_certificate"]),
    }
    cause = contracts.Cause("case", work.case.number, work.today, work.at)
    code = signing(work.changes()).code
    if form["old_certificate"] == "collected":
        collect_old(work, facts["collected_on"])
    contracts.record_certificate(work.session, work.case.county, code, work.case.division, facts, cause)
    return {"serial": facts["serial"]}


def collect_old(work: Work, on: date) -> None:
    """What the household gives back waits to be destroyed by a list (Destruction), before witnesses."""
    case = work.case
    for certificate, version in registry.valid_certificates(work.session, case.county, case.contractor_code):
        registry.collect(
            work.session,
            case,
            id=work.new_id(),
            code=certificate.code,
            serial=version.serial,
            contractor_code=case.contractor_code,
            contractor_name=case.contractor_name,
            collected_on=on,
            collected_by=work.actor.name,
        )
