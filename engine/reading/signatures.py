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
    ``ours``: by a key of the certificates that were given."""

    intact: bool
    whole: bool
    ours: bool
    by: str
    reason: str
    at: str | None  # as the signer claims it, ISO
    fingerprint: str

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
    found = PdfFileReader(io.BytesIO(body[4 + length :])).embedded_signatures
    if len(found) > MOST_SEALS:
        raise ValueError("too many signatures")
    return [_told(one, known) for one in found]


def _told(embedded: Any, known: list[Any]) -> dict[str, Any]:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    status = validate_pdf_signature(
        embedded, ValidationContext(trust_roots=known, allow_fetching=False, revocation_mode="soft-fail")
    )
    prints = {certificate.sha256.hex() for certificate in known}
    reason = embedded.sig_object.get("/Reason", "")
    reported = status.signer_reported_dt
    return {
        "intact": bool(status.intact and status.valid),
        "whole": status.coverage == SignatureCoverageLevel.ENTIRE_FILE and status.docmdp_ok is not False,
        "ours": status.signing_cert.sha256.hex() in prints,
        "by": status.signing_cert.subject.native.get("common_name", "")[:120],
        "reason": str(reason)[:300],
        "at": reported.isoformat() if reported else None,
        "fingerprint": status.signing_cert.sha256.hex(),
    }


if __name__ == "__main__":
    answer(_read)

__all__ = ["Seal", "Unreadable", "read_seals"]
