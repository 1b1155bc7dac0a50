"""A signed file of hand-overs for the real-estate registry: what its system reads, and how it knows whose it is.

A zip of ``manifest.json`` (who, for whom, how many, the hash of each other member), ``hand_overs.json`` (everything),
``hand_overs.csv`` and ``parcels.csv`` (the same as plain tables, UTF-8 with BOM so that a spreadsheet reads it) and
``signature`` (Ed25519 over the manifest's bytes). The registry's receipts come back as CSV or JSON: ``read_receipts``.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.domain.errors import Refused

FORMAT = "tianqi-hand-over/1"
COLUMNS = (
    "BDCDYH", "YWH", "YWLSH", "QLLX", "DJLX", "DJYY", "ZL", "FBFDM", "FBFMC", "CBFDM", "CBHTDM", "CBMJ", "SCMJ",
    "CBQSSJ", "CBJSSJ", "TDSYQXZ", "SYTTLX", "YZYFS", "CYZL", "SYZCL", "BDCQZH", "YBDCQZH", "QXDM", "DJJG", "DJSJ",
    "DBR", "FJ", "QSZT", "GYFS",
)  # fmt: skip
PARCEL_COLUMNS = (
    "YWH", "BDCDYH", "DKBM", "DKMC", "HTMJ", "HTMJM", "SCMJ", "SCMJM", "TDYT", "TDLYLX", "DLDJ", "SFJBNT", "SFQQQG",
    "DKDZ", "DKNZ", "DKXZ", "DKBZ",
)  # fmt: skip
RECEIPT_COLUMNS = (
    "key",
    "outcome",
    "on",
    "number",
    "certificate_number",
    "print_serial",
    "printed_on",
    "reason",
    "units",
)
"""``units``: 地块代码=不动产单元号 of each parcel, put apart by semicolons; in JSON an object."""
MOST_RECEIPTS = 10_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same hand-overs give the same bytes


def pack(county: str, made_at: str, facts: Sequence[Mapping[str, Any]], key: Ed25519PrivateKey) -> bytes:
    """``facts``: of each hand-over, in the registry's field names."""
    parcels = [{"YWH": one["YWH"], **parcel} for one in facts for parcel in one["DK"]]
    members = {
        "hand_overs.json": json.dumps(list(facts), ensure_ascii=False, indent=1).encode(),
        "hand_overs.csv": table(COLUMNS, facts),
        "parcels.csv": table(PARCEL_COLUMNS, parcels),
    }
    manifest = {
        "format": FORMAT,
        "county": county,
        "sender": "agriculture",
        "receiver": "real-estate registry",
        "made_at": made_at,
        "keys": [one["YWH"] for one in facts],
        "sha256": {name: hashlib.sha256(body).hexdigest() for name, body in members.items()},
    }
    said = json.dumps(manifest, ensure_ascii=False, sort_keys=True).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in (("manifest.json", said), ("signature", key.sign(said)), *members.items()):
            archive.writestr(zipfile.ZipInfo(name, EPOCH), body)
    return out.getvalue()


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> bytes:
    """CSV that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row.get(name)) for name in columns])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def read_receipts(body: bytes) -> list[dict[str, Any]]:
    """The registry's file of receipts: CSV with RECEIPT_COLUMNS, or a JSON list of such objects. Refused in words."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = body.decode("gb18030")
        except UnicodeDecodeError:
            raise Refused("receipts", "回执文件应为 UTF-8 或 GB18030 编码的 CSV，或 JSON") from None
    rows = _json(text) if text.lstrip().startswith("[") else _csv(text)
    if len(rows) > MOST_RECEIPTS:
        raise Refused("receipts", "一次最多导入%(most)s条回执", most=MOST_RECEIPTS)
    if not rows:
        raise Refused("receipts", "文件里没有回执")
    return rows


def _json(text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused("receipts", "回执文件不是完整的 JSON") from None
    if not all(isinstance(row, dict) for row in rows):
        raise Refused("receipts", "JSON 回执应为对象的列表")
    return rows


def _csv(text: str) -> list[dict[str, Any]]:
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = {"key", "outcome", "on"} - set(reader.fieldnames or ())
        if missing:
            message = "回执文件第一行缺少列：%(names)s"
            raise Refused("receipts", message, names="、".join(sorted(missing)))
        return [
            {name: (row.get(name) or "").removeprefix("'").strip() or None for name in RECEIPT_COLUMNS}
            for row in reader
        ]
    except csv.Error as error:
        raise Refused("receipts", "CSV 有误：%(fault)s", fault=str(error)[:100]) from None
