"""The certificate that the real-estate registry printed: handed out, the old one taken back."""

from datetime import date
from typing import Any

from engine.domain.changeset import signing
from engine.operations.work import Work
from engine.store import contracts

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
    contracts.record_certificate(work.session, work.case.county, code, work.case.division, facts, cause)
    return {"serial": facts["serial"]}
