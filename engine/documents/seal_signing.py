"""The signing half of a seal: PAdES with a time stamp and, where the certificates can be judged here, what a reader
needs to judge them in many years (B-LTA: certificates in the file, a second time stamp over all of it).

Nothing is fetched: certificates that name a revocation list are kept without it.
"""

import io
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator import ValidationContext

from engine.documents.seal_services import SealService
from engine.documents.time_stamps import TimeStamps

FIELD, STAMP_FIELD = "SealOfCertification", "TimeOfSeal"

# it warns at each seal that nothing is fetched, which is what is wanted
logging.getLogger("pyhanko.sign.signers.pdf_signer").setLevel(logging.ERROR)


@dataclass(frozen=True)
class Statement:
    """What the signature says of itself to any PDF reader."""

    name: str
    reason: str
    location: str
    contact: str


@dataclass(frozen=True)
class Sealer:
    """``roots``: PEM of the certificates that seal and stamps end in; empty where those of the stamps are unknown."""

    signer: Signer
    stamper: TimeStamper
    roots: Sequence[str]

    def sign(
        self,
        writer: IncrementalPdfFileWriter,
        statement: Statement,
        spec: fields.SigFieldSpec,
        style: StaticStampStyle,
    ) -> bytes:
        """The signed file. Raises OSError where the stamps' authority does not answer: sealing is tried again."""
        meta = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            name=statement.name,
            reason=statement.reason,
            location=statement.location,
            contact_info=statement.contact,
            subfilter=fields.SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        )
        if self.roots:
            meta = replace(
                meta,
                embed_validation_info=True,
                use_pades_lta=True,
                timestamp_field_name=STAMP_FIELD,
                validation_context=judging(self.roots),
            )
        signing = PdfSigner(
            meta, self.signer, timestamper=self.stamper, stamp_style=style, new_field_spec=spec
        )
        # the library runs a loop of its own, which a thread may have already
        with ThreadPoolExecutor(1) as apart:
            signed: io.BytesIO = apart.submit(signing.sign_pdf, writer).result()
        return signed.getvalue()


def sealer(service: SealService, stamps: TimeStamps) -> Sealer:
    known = stamps.certificates()
    return Sealer(service.signer(), stamps.stamper(), [service.certificates()[-1], *known] if known else [])


def judging(roots: Sequence[str]) -> ValidationContext:
    known = [one for text in roots for one in load_certs_from_pemder_data(text.encode())]
    return ValidationContext(trust_roots=known, allow_fetching=False, revocation_mode="soft-fail")
