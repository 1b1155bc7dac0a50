"""Changes of certificates: reissue 补发, replacement 换发, cancellation 注销. The real-estate registry prints them."""

from dataclasses import dataclass, replace
from datetime import date

from engine.domain.changes.change import Change, Touched, missing
from engine.domain.changes.findings import Finding, finding
from engine.domain.changes.register import Certificate, Register


@dataclass(frozen=True)
class NewCertificate:
    serial: str
    issuer: str
    issued_on: date
    collected_on: date | None = None
    collected_by: str | None = None
    collector_id_number: str | None = None


@dataclass(frozen=True)
class ReissueCertificate(Change):
    """补发: the certificate is lost or destroyed; the old one is void."""

    contractor_code: str
    reason: str
    certificate: NewCertificate
    type: str = "reissue_certificate"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        return _check_issue(register, self.contractor_code, self.reason, self.certificate)

    def apply(self, register: Register) -> Register:
        return _issued(register, self.contractor_code, "void", self.reason, self.certificate)


@dataclass(frozen=True)
class ReplaceCertificate(Change):
    """换发: the certificate is damaged or its content has changed; the old one is taken back."""

    contractor_code: str
    reason: str
    certificate: NewCertificate
    type: str = "replace_certificate"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        return _check_issue(register, self.contractor_code, self.reason, self.certificate)

    def apply(self, register: Register) -> Register:
        return _issued(register, self.contractor_code, "destroyed", self.reason, self.certificate)


@dataclass(frozen=True)
class CancelCertificate(Change):
    """注销: none is valid afterwards."""

    contractor_code: str
    reason: str
    type: str = "cancel_certificate"

    def touches(self) -> Touched:
        return Touched(contractors=frozenset([self.contractor_code]))

    def check(self, register: Register) -> list[Finding]:
        return _check_old(register, self.contractor_code, self.reason)

    def apply(self, register: Register) -> Register:
        return register.with_certificates(self.contractor_code, "cancelled", self.reason)


def _check_old(register: Register, contractor: str, reason: str) -> list[Finding]:
    found = missing(register, "contractors", [contractor])
    if found:
        return found
    if not register.valid_certificates(contractor):
        found.append(finding("no_certificate", contractor))
    if not reason.strip():
        found.append(finding("no_reason", contractor))
    return found


def _check_issue(
    register: Register, contractor: str, reason: str, certificate: NewCertificate
) -> list[Finding]:
    found = _check_old(register, contractor, reason)
    if not certificate.serial.strip():
        found.append(finding("no_serial", contractor))
    elif any(old.serial == certificate.serial for old in register.certificates):
        found.append(finding("serial_used", contractor, serial=certificate.serial))
    if contractor not in register.contracts:
        found.append(finding("no_contract", contractor))
    return found


def _issued(
    register: Register, contractor: str, old_state: str, reason: str, new: NewCertificate
) -> Register:
    register = register.with_certificates(contractor, old_state, reason)
    certificate = Certificate(
        contractor,
        new.serial,
        new.issuer,
        new.issued_on,
        collected_on=new.collected_on,
        collected_by=new.collected_by,
        collector_id_number=new.collector_id_number,
    )
    return replace(register, certificates=(*register.certificates, certificate))
