"""A county's keys and certificates for sealing papers and for time stamps, made at set-up, each in a file of its own.

The private key never enters the database: it lies in ``TIANQI_SEALS`` (else var/secrets), readable by its owner
alone, and encrypted with a pass phrase that the installation's secret gives. Certificates are public; those of
earlier keys stay beside, so that what was sealed with them can still be checked.
"""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BITS = 3072
LASTS = timedelta(days=3653)
_END = b"-----END CERTIFICATE-----"


@dataclass(frozen=True)
class SealKey:
    """``key``: the private key, PEM, encrypted with ``phrase``; ``certificate``: PEM."""

    key: bytes
    certificate: bytes
    phrase: bytes

    @property
    def details(self) -> x509.Certificate:
        return x509.load_pem_x509_certificate(self.certificate)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as an auditor writes it down."""
        return self.details.fingerprint(hashes.SHA256()).hex()


SEAL, STAMP = "seal", "stamp"  # what a key is for, and how its file's name begins
_NAMES = {SEAL: "合同电子签章", STAMP: "时间戳"}


@dataclass(frozen=True)
class SealKeys:
    """The folder of all counties' keys on this machine, those of one purpose."""

    folder: Path
    secret: bytes
    purpose: str = SEAL

    def of(self, county: str, name: str, now: datetime) -> SealKey:
        """The county's key, made when there is none; two makers at once end up with one. ``name``: whose seal it is."""
        path = self._path(county)
        if not path.exists():
            self._write(path, _made(county, name, now, self._phrase(), self.purpose))
        return self._read(path)

    def renew(self, county: str, name: str, now: datetime) -> SealKey:
        """A new key; the one before only verifies from now on. Its private half is destroyed."""
        path = self._path(county)
        if path.exists():
            before = self._read(path)
            retired = path.with_name(f"{self.purpose}-{county}-{before.details.serial_number:x}.crt")
            retired.write_bytes(before.certificate)
            path.unlink()
        return self.of(county, name, now)

    def certificates(self, county: str) -> list[str]:
        """PEM of the certificate in use and of those before."""
        path = self._path(county)
        current = [self._read(path).certificate] if path.exists() else []
        retired = [old.read_bytes() for old in sorted(self.folder.glob(f"{self.purpose}-{county}-*.crt"))]
        return [pem.decode() for pem in (*current, *retired)]

    def _path(self, county: str) -> Path:
        return self.folder / f"{self.purpose}-{county}.pem"

    def _phrase(self) -> bytes:
        return hmac.digest(self.secret, b"seal keys", "sha256").hex().encode()

    def _read(self, path: Path) -> SealKey:
        certificate, _, key = path.read_bytes().partition(_END)
        return SealKey(key.strip() + b"\n", certificate + _END + b"\n", self._phrase())

    def _write(self, path: Path, body: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_name(f".{uuid4().hex}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            _quietly(lambda: os.link(beside, path))
        finally:
            beside.unlink(missing_ok=True)


def _quietly(link: Callable[[], None]) -> None:
    """Somebody else may have made the key meanwhile; theirs counts."""
    try:
        link()
    except FileExistsError:
        return


def _made(county: str, name: str, now: datetime, phrase: bytes, purpose: str) -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    who = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name[:64]),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, county),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name}{_NAMES[purpose]}"[:64]),
        ]
    )
    usage = dict.fromkeys(
        (
            "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
            "encipher_only", "decipher_only",
        ),
        False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if purpose == STAMP:  # RFC 3161, 2.3: this and nothing else
        only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(only, critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    sealed = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(phrase)
    )
    return certificate.public_bytes(pem) + sealed
