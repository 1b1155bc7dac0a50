"""A signed file that carries masters between vault and operational store where no network joins them.

A zip of three members: ``manifest.json`` says who sends what to whom, the file's number and its predecessor's hash,
and the hash and length of ``records.jsonl`` (one master a line); ``signature`` is Ed25519 over the manifest's bytes.
Nothing is read out of the manifest before its signature holds, nothing of the records beyond the length that the
manifest states, and no record is given out before their hash holds, so neither names nor sizes in the zip decide anything.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import shapely
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engine.domain.errors import Refused
from engine.domain.said import say
from engine.domain.stores import LAYERS, PARCELS, Master, plane

FORMAT = "tianqi-exchange/2"
PARCELS_ALONE = "tianqi-exchange/1"  # the form before: parcels and nothing else
MANIFEST, RECORDS, SIGNATURE = "manifest.json", "records.jsonl", "signature"
MOST_MANIFEST = 8 << 20  # bytes; a county has some hundred villages
MOST_RECORDS = (
    4 << 30
)  # bytes; a county's 362,000 parcels are some 300 MB, with their points and lines 1.5 GB
MOST_LINE = 4 << 20  # bytes of one master
CHUNK = 1 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)
_ALTERED = say("文件内容与清单不符：内容被改动过")
_NOT_OURS = say("这不是田契的交换文件，或者文件已损坏")


@dataclass(frozen=True)
class Manifest:
    """``layers``: the sender's own state, layer -> village -> [how many, hash], to be reconciled against."""

    county: str
    sender: str  # vault, operational
    receiver: str
    number: int
    previous: str  # SHA-256 of the manifest of the file before; empty for the first
    made_at: str
    records: int
    records_bytes: int
    records_sha256: str
    layers: dict[str, dict[str, list[Any]]]
    format: str = FORMAT

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()


def sha256_of(manifest: bytes) -> str:
    """What names a file: its manifest holds the hash of all else."""
    return hashlib.sha256(manifest).hexdigest()


def write_records(path: Path, masters: Iterable[Master]) -> dict[str, Any]:
    """The lines, into a file of their own; gives what the manifest says of them."""
    records, size, whole = 0, 0, hashlib.sha256()
    with path.open("wb") as out:
        for master in masters:
            outline = master.outline.hex() if master.outline else None
            row = {
                "layer": master.layer,
                "code": master.code,
                "facts": dict(master.facts),
                "outline": outline,
            }
            line = json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n"
            out.write(line)
            whole.update(line)
            records, size = records + 1, size + len(line)
    return {"records": records, "records_bytes": size, "records_sha256": whole.hexdigest()}


def pack(path: Path, manifest: bytes, records: Path, key: Ed25519PrivateKey) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, manifest)
        archive.writestr(SIGNATURE, key.sign(manifest))
        archive.write(records, RECORDS)


@contextmanager
def opened(path: Path, trusted: Ed25519PublicKey) -> Iterator[tuple[Manifest, str, Iterator[Master]]]:
    """(manifest, its SHA-256, masters) of a file whose signature holds. Refused in words where anything is amiss.

    The records are read twice: once for their hash, and then one by one as they are asked for.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = _members(archive)
            body = _small(archive, infos[MANIFEST], MOST_MANIFEST)
            signature = _small(archive, infos[SIGNATURE], 64)
            try:
                trusted.verify(signature, body)
            except InvalidSignature:
                raise Refused(
                    "exchange_signature", "签名不符：文件被改动过，或者不是约定的一方发出的"
                ) from None
            manifest = _manifest(body)
            with archive.open(infos[RECORDS]) as stream:
                _whole(stream, manifest)
            with archive.open(infos[RECORDS]) as stream:
                yield manifest, sha256_of(body), (_master(line) for line in _lines(stream))
    except _BROKEN:
        raise Refused("exchange_file", _NOT_OURS) from None


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if sorted(info.filename for info in infos) != sorted((MANIFEST, RECORDS, SIGNATURE)):
        raise Refused("exchange_file", _NOT_OURS)
    if any(info.flag_bits & 0x1 for info in infos):  # encrypted
        raise Refused("exchange_file", _NOT_OURS)
    return {info.filename: info for info in infos}


def _small(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(info) as stream:
        body = stream.read(most + 1)
    if len(body) > most:
        raise Refused("exchange_file", _NOT_OURS)
    return body


def _manifest(body: bytes) -> Manifest:
    """Signed by a side that we trust; a form that we do not know is told apart from a broken file."""
    said = json.loads(body)
    if said.get("format") == PARCELS_ALONE:
        said["layers"] = {PARCELS: said.pop("villages")}
    elif said.get("format") != FORMAT:
        raise Refused(
            "exchange_format", "文件的格式版本是 %(format)s，本系统读不了", format=str(said.get("format"))
        )
    return Manifest(**said)


def _whole(stream: IO[bytes], manifest: Manifest) -> None:
    """Refused unless the records have the stated number, length and hash; no more is read than stated."""
    if manifest.records_bytes > MOST_RECORDS:
        raise Refused("exchange_file", "文件太大，请分几次导出")
    whole, size, number = hashlib.sha256(), 0, 0
    for line in _lines(stream):
        size, number = size + len(line), number + 1
        if size > manifest.records_bytes or not line.endswith(b"\n"):
            raise Refused("exchange_altered", _ALTERED)
        whole.update(line)
    told = (manifest.records_bytes, manifest.records, manifest.records_sha256)
    if (size, number, whole.hexdigest()) != told:
        raise Refused("exchange_altered", _ALTERED)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.readline(MOST_LINE), b"")


def _master(line: bytes) -> Master:
    """Signed, so no attack; the other side may still be of another version, or have another fault."""
    try:
        row = json.loads(line)
        outline = plane(bytes.fromhex(row["outline"])) if row["outline"] else None
        if (
            not isinstance(row["code"], str)
            or not isinstance(row["facts"], dict)
            or row["layer"] not in LAYERS
        ):
            raise ValueError(row)
        return Master(row["layer"], row["code"], row["facts"], outline)
    except (ValueError, KeyError, TypeError, shapely.GEOSException):
        raise Refused("exchange_altered", _ALTERED) from None


def receipt(manifest: Manifest, sha256: str, applied_at: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """What the receiver signs when a file is applied: which one, and when."""
    said = {
        "format": f"{FORMAT}/receipt",
        "county": manifest.county,
        "sender": manifest.sender,
        "receiver": manifest.receiver,
        "number": manifest.number,
        "manifest_sha256": sha256,
        "records": manifest.records,
        "applied_at": applied_at,
    }
    return said | {"signature": key.sign(_signed(said)).hex()}


def check_receipt(body: dict[str, Any], trusted: Ed25519PublicKey) -> dict[str, Any]:
    """The receipt, if its signature is the other side's."""
    said = {name: value for name, value in body.items() if name != "signature"}
    try:
        trusted.verify(bytes.fromhex(str(body.get("signature", ""))), _signed(said))
    except (InvalidSignature, ValueError):
        raise Refused("exchange_signature", "签名不符：文件被改动过，或者不是约定的一方发出的") from None
    return said


def _signed(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
