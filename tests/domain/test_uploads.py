"""What may be handed in is decided by its content: wrong names, stowaways, bombs and broken files are refused."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from engine.domain.errors import Refused
from engine.domain.uploads import MB, checked_upload, safe_name, type_of

PICTURES = ["image/jpeg", "image/png"]
PDF = b"%PDF-1.4\n%%EOF\n"


def picture(kind="PNG", size=(4, 4), **more):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **more)
    return out.getvalue()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "a")
    return out.getvalue()


def refusal(body, allowed=PICTURES, max_mb=1, name="x.png"):
    with pytest.raises(Refused) as refused:
        checked_upload(body, name, allowed, max_mb)
    return refused.value.code


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (picture(), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (PDF, "application/pdf"),
        (archive(), "application/zip"),
        (picture("GIF"), None),
        (b"%PDF-1.4 no end", None),
        (b"<html>", None),
        (b"MZ" + PDF, None),
        (b"PK\x03\x04 no archive", None),
        (b"", None),
    ],
)
def test_the_type_is_what_the_content_says(body, kind):
    assert type_of(body) == kind


def test_a_name_promises_nothing():
    taken = checked_upload(picture(), "contract.pdf", PICTURES, 1)
    assert taken.media_type == "image/png"
    assert refusal(PDF, name="photo.png") == "wrong_type"
    assert refusal(b"#!/bin/sh\n", name="photo.png") == "wrong_type"
    assert refusal(archive(), allowed=["application/pdf"]) == "wrong_type"


def test_empty_and_oversize_files():
    assert refusal(b"") == "empty"
    assert refusal(picture() + b"\0" * MB) == "too_large"
    body = PDF[:-6] + b" " * (MB - len(PDF)) + PDF[-6:]
    assert len(body) == MB
    assert checked_upload(body, "x.pdf", ["application/pdf"], 1).body == body


def test_pictures_are_written_anew_without_what_hid_in_them():
    hidden = b"<script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = "GPS 30.1N 111.2E"
    for body in (picture() + hidden, picture("JPEG", exif=exif) + hidden, picture("JPEG", comment=hidden)):
        taken = checked_upload(body, "x", PICTURES, 1)
        assert hidden not in taken.body
        assert b"GPS" not in taken.body
        with Image.open(io.BytesIO(taken.body)) as read:
            assert read.size == (4, 4)
            assert not read.getexif()


@pytest.mark.parametrize(
    "body", [picture()[:40], picture("JPEG")[:100], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]
)
def test_pictures_that_cannot_be_opened(body):
    assert refusal(body) == "broken"


def test_a_photograph_taken_sideways_stands_upright():
    """Without its metadata nobody would know how the camera was held."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    taken = checked_upload(picture("JPEG", size=(40, 20), exif=exif), "x.jpg", PICTURES, 1)
    with Image.open(io.BytesIO(taken.body)) as read:
        assert read.size == (20, 40)


def test_what_is_seen_through_stays_so():
    out = io.BytesIO()
    Image.new("RGBA", (2, 2), (255, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(checked_upload(out.getvalue(), "x.png", PICTURES, 1).body)) as read:
        assert read.getpixel((0, 0)) == (255, 0, 0, 0)


def test_a_picture_that_unpacks_to_gigabytes_is_not_unpacked():
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )
    assert refusal(bomb) in ("too_large", "broken")
    wide = picture("PNG", size=(8000, 7501))
    assert refusal(wide) == "too_large"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("身份证.jpg", "身份证.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\a.pdf", "a.pdf"),
        ("a\r\nb\0.png", "a__b_.png"),
        ('a"<>|?*:.png', "a_______.png"),
        ("", "file"),
        ("dir/", "file"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_what_could_harm(name, kept):
    assert safe_name(name) == kept


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_half_a_picture_is_none(kind):
    """Also in a process that prints papers: the renderer would let pictures end early."""
    import engine.documents  # noqa: F401

    body = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(body, kind)
    whole = body.getvalue()
    assert checked_upload(whole, "x", PICTURES, 1).body
    assert refusal(whole[: len(whole) // 2]) == "broken"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("证\u202egpj.exe", "证gpj.exe"),
        ("a\u2066b\u200b.png", "ab.png"),
        ("\ud800.png", ".png"),
        ("\u202e", "file"),
    ],
)
def test_a_name_reads_as_it_is_written(given, kept):
    assert safe_name(given) == kept
