"""The certificate that the real-estate registry printed: handed out, the old one taken back."""

from datetime import date
from typing import Any

from engine.domain.changeset import signing
from engine.operations.work import Work
from engine.store import contracts


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
        "old_collected": form["old_certificate"] == "collected",
    }
    cause = contracts.Cause("case", work.case.number, work.today, work.at)
    code = signing(work.changes()).code
    contracts.record_certificate(
        work.session, work.case.county, code, work.case.division, facts, cause
    )
    return {"serial": facts["serial"]}
