"""权证补发、换发、注销 as a case of its own: take the application in, and change the register when the registry has done it."""

from datetime import date
from typing import Any

from engine.domain import events, registry
from engine.domain.changes import (
    CancelCertificate,
    Change,
    NewCertificate,
    ReissueCertificate,
    ReplaceCertificate,
    as_json,
)
from engine.domain.errors import Refused
from engine.operations.accept_case import reserve
from engine.operations.certificate import collect_old
from engine.operations.work import Work
from engine.store.registry import valid_certificates

HANDED_OUT, COLLECTED = "hand_out_certificate", "collect_certificate"


def accept_certificate_change(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Hold the household and its land. Result: {kind, certificates: serials that are valid now}.

    Refused when another case holds them, or where there is no valid certificate to be reissued, replaced or cancelled.
    """
    household = work.household()
    valid = valid_certificates(work.session, work.case.county, household.code)
    serials = [version.serial or certificate.code for certificate, version in valid]
    if not serials:
        raise Refused("no_certificate", "该承包方没有有效的权证，不能补发、换发或注销")
    for kind, code in [("contractor", household.code)] + [("parcel", p.code) for p in household.parcels]:
        reserve(work, kind, code)
    if asked(work)["kind"] == "cancel":
        changes: tuple[Change, ...] = (CancelCertificate(household.code, reason(work)),)
        work.set_changes(changes)
        work.say(events.CHANGESET_SET, {"changes": as_json(changes)})
    return {"kind": asked(work)["kind"], "certificates": serials}


def apply_certificate_change(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """After the registry's receipt and the hand-out: the register says so. Result: {kind, serial, changes}.

    Reads the application, the receipt and the form ``hand_out_certificate`` or, of a cancellation, ``collect_certificate``.
    """
    change, on = change_of(work)
    if (work.data.get(COLLECTED) or work.data.get(HANDED_OUT) or {}).get("old_certificate") == "collected":
        collect_old(work, on)
    work.set_changes((change,))
    work.make((change,))
    household = work.household()
    code = household.contract.code if household.contract else ""
    serial = None if isinstance(change, CancelCertificate) else change.certificate.serial
    work.say(events.CHANGESET_APPLIED, {"contract_code": code, "changes": as_json((change,))})
    return {"kind": asked(work)["kind"], "serial": serial, "changes": 1}


def change_of(work: Work) -> tuple[ReissueCertificate | ReplaceCertificate | CancelCertificate, date]:
    """The typed change, and the day on which the certificate was handed out or taken back."""
    contractor, kind = work.case.contractor_code, asked(work)["kind"]
    if kind == "cancel":
        on = date.fromisoformat(work.data[COLLECTED]["collected_on"])
        return CancelCertificate(contractor, reason(work)), on
    form, receipt = work.data[HANDED_OUT], work.data[registry.MESSAGE]
    on = date.fromisoformat(form["handed_on"])
    certificate = NewCertificate(
        serial=form["certificate_serial"],
        issuer=f"{work.county.name}自然资源局",
        issued_on=date.fromisoformat(receipt.get("printed_on") or receipt["on"]),
        collected_on=on,
        collected_by=form["receiver_name"],
        collector_id_number=form["receiver_id_number"],
    )
    made = ReissueCertificate if kind == "reissue" else ReplaceCertificate
    return made(contractor, reason(work), certificate), on


def asked(work: Work) -> dict[str, Any]:
    return work.data[work.case_type.start_variable]


def reason(work: Work) -> str:
    return str(asked(work).get("reason") or registry.reason_of(asked(work)["kind"]))
