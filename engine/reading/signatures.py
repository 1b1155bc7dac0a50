"""What the electronic seals within a PDF say: who sealed it, whether anything was changed since."""

import io
import json
import struct
from dataclasses import dataclass
from typing import Any

from engine.reading.apart import Unreadable, answer, read_apart

MOST_SEALS = 20


@dataclass(frozen=True)
class Seal:
    """``intact``: not a byte of what it covers was altered; ``whole``: it covers the file as it is now, to the end;
    save for what keeps a seal readable for long; ``ours``: by a key of the certificates that were given.

    ``level``: of PAdES, what the seal brings along to be judged by: B-B nothing, B-T a time stamp, B-LT certificates
    as well, B-LTA a second time stamp over all of it.
    """

    intact: bool
    whole: bool
    ours: bool
    by: str
    reason: str
    at: str | None  # as the signer claims it, ISO
    fingerprint: str
    level: str = "B-B"
    stamped_at: str | None = None  # as the time stamp proves it, ISO; None: without one, or it is broken
    stamped_by: str = ""
    stamp_known: bool = False  # by an authority of the certificates that were given

    @property
    def good(self) -> bool:
        return self.intact and self.whole and self.ours


def read_seals(pdf: bytes, certificates: list[str]) -> list[Seal]:
    """The seals in the file, in order. Raises Unreadable where it is no PDF that can be read within the bounds."""
    head = json.dumps(certificates).encode()
    told = read_apart("engine.reading.signatures", struct.pack(">I", len(head)) + head + pdf)
    return [Seal(**row) for row in told]


def _read(body: bytes) -> list[dict[str, Any]]:
    from pyhanko.keys import load_certs_from_pemder_data
    from pyhanko.pdf_utils.reader import PdfFileReader

    (length,) = struct.unpack(">I", body[:4])
    known = [
        certificate
        for text in json.loads(body[4 : 4 + length])
        for certificate in load_certs_from_pemder_data(text.encode())
    ]
    reader = PdfFileReader(io.BytesIO(body[4 + length :]))
    if len(reader.embedded_signatures) > MOST_SEALS:
        raise ValueError("too many signatures")
    stamps = [_stamp_holds(one, known) for one in reader.embedded_timestamp_signatures]
    kept = "/DSS" in reader.root
    return [_told(one, known, stamps, kept) for one in reader.embedded_regular_signatures]


def _context(known: list[Any]) -> Any:
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(trust_roots=known, allow_fetching=False, revocation_mode="soft-fail")


def _stamp_holds(embedded: Any, known: list[Any]) -> bool:
    """Of a time stamp over the document."""
    from pyhanko.sign.validation import validate_pdf_timestamp

    status = validate_pdf_timestamp(embedded, _context(known))
    return bool(status.intact and status.valid and _only_kept(status))


def _told(embedded: Any, known: list[Any], stamps: list[bool], kept: bool) -> dict[str, Any]:
    from pyhanko.sign.validation import validate_pdf_signature

    status = validate_pdf_signature(embedded, _context(known))
    prints = {one.sha256.hex() for one in known if not _stamps_only(one)}
    reason = embedded.sig_object.get("/Reason", "")
    reported, stamp = status.signer_reported_dt, status.timestamp_validity
    held = stamp if stamp is not None and stamp.intact and stamp.valid else None
    return {
        "intact": bool(status.intact and status.valid),
        "whole": status.docmdp_ok is not False and _only_kept(status) and all(stamps),
        "ours": status.signing_cert.sha256.hex() in prints,
        "by": _common_name(status.signing_cert),
        "reason": str(reason)[:300],
        "at": reported.isoformat() if reported else None,
        "fingerprint": status.signing_cert.sha256.hex(),
        "level": _level(held is not None, kept, stamps),
        "stamped_at": held.timestamp.isoformat() if held else None,
        "stamped_by": _common_name(held.signing_cert) if held else "",
        "stamp_known": bool(held and held.trusted),
    }


def _only_kept(status: Any) -> bool:
    """Nothing was added behind it but certificates and time stamps, by the library's comparison of the revisions."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    level = status.modification_level
    return (
        status.coverage is not None
        and status.coverage >= SignatureCoverageLevel.ENTIRE_REVISION
        and level is not None
        and level <= ModificationLevel.LTA_UPDATES
    )


def _level(held: bool, kept: bool, stamps: list[bool]) -> str:
    if not held:
        return "B-B"
    if not kept:
        return "B-T"
    return "B-LTA" if stamps and all(stamps) else "B-LT"


def _stamps_only(certificate: Any) -> bool:
    usage = certificate.extended_key_usage_value
    return usage is not None and usage.native == ["time_stamping"]


def _common_name(certificate: Any) -> str:
    return str(certificate.subject.native.get("common_name", ""))[:120]


if __name__ == "__main__":
    answer(_read)

__all__ = ["Seal", "Unreadable", "read_seals"]
