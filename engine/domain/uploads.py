"""What a file that somebody hands in may be: decided by its content, never by its name. Pure.

Pictures are written anew, so that nothing hides behind them; a PDF must look like one from first to last byte.
"""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.domain.errors import Refused

MB = 1024 * 1024
MOST_PIXELS = 60_000_000
ONE_AT_A_TIME = Lock()
NAMES = {
    "image/jpeg": "JPG 图片",
    "image/png": "PNG 图片",
    "application/pdf": "PDF 文件",
    "application/zip": "ZIP 压缩包",
    "application/geopackage+sqlite3": "GeoPackage 文件",
}


@dataclass(frozen=True)
class Upload:
    body: bytes
    media_type: str
    file_name: str


def checked_upload(body: bytes, file_name: str, allowed: list[str], max_mb: int) -> Upload:
    """Raises Refused: empty, too_large, wrong_type, broken."""
    if not body:
        raise Refused("empty", "文件是空的，请重新选择")
    if len(body) > max_mb * MB:
        raise Refused("too_large", "文件超过%(mb)s兆字节，请压缩后再上传", mb=max_mb)
    media_type = type_of(body)
    if media_type not in allowed:
        wanted = "、".join(NAMES[kind] for kind in allowed if kind in NAMES)
        raise Refused("wrong_type", "这份文件的内容不是%(wanted)s，请换一份", wanted=wanted)
    if media_type.startswith("image/"):
        body = written_anew(body, media_type)
    return Upload(body, media_type, safe_name(file_name))


def type_of(body: bytes) -> str | None:
    """Media type by content: JPEG, PNG, PDF, GeoPackage or ZIP; None for anything else."""
    if body.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if body.startswith(b"%PDF-") and b"%%EOF" in body[-2048:]:
        return "application/pdf"
    if (
        body.startswith(b"SQLite format 3\0") and body[68:70] == b"GP"
    ):  # the application id (OGC 12-128r18, 1.1.1)
        return "application/geopackage+sqlite3"
    if body.startswith(b"PK\x03\x04") and zipfile.is_zipfile(io.BytesIO(body)):
        return "application/zip"
    return None


def written_anew(body: bytes, media_type: str) -> bytes:
    """The picture decoded and encoded again, turned as its camera meant it: no metadata, comments or stowaways.

    Refused when it cannot be read. One at a time: a small file may unfold to some hundred megabytes.
    """
    try:
        with ONE_AT_A_TIME, Image.open(io.BytesIO(body), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("too_large", "图片尺寸太大，请缩小后再上传")
            ImageOps.exif_transpose(picture, in_place=True)
            see_through = media_type == "image/png" and picture.has_transparency_data
            wanted = "RGBA" if see_through else "RGB"
            plain: Image.Image = picture if picture.mode == wanted else picture.convert(wanted)
            plain.info.clear()  # saving would write comments and profiles again
            out = io.BytesIO()
            if media_type == "image/png":
                plain.save(out, "PNG")
            else:
                plain.save(out, "JPEG", quality=90)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Refused("broken", "图片打不开，请重新拍照或扫描") from None


def safe_name(name: str) -> str:
    """The last part of the name, at most 120 characters, without control characters or marks that turn the direction
    of writing round: ``证gpj.exe`` must not read as a picture's name.
    """
    last = "".join(
        c for c in re.split(r"[\\/]", name)[-1] if unicodedata.category(c) not in ("Cf", "Cs", "Co")
    )
    return re.sub(r"[\x00-\x1f\x7f<>:\"|?*]", "_", last)[-120:] or "file"
