"""The smallest files that are what they say: a white picture, an empty page, an empty archive."""

import io
import zipfile

from PIL import Image


def sample(media_types: list[str]) -> tuple[bytes, str]:
    """(content, ending of its name) of a file of the first type that is allowed."""
    return SAMPLES[next(kind for kind in media_types if kind in SAMPLES)]


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, kind)
    return out.getvalue()


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("read.txt", "sample")
    return out.getvalue()


_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)

SAMPLES: dict[str, tuple[bytes, str]] = {
    "image/png": (_picture("PNG"), "png"),
    "image/jpeg": (_picture("JPEG"), "jpg"),
    "application/pdf": (_PAGE, "pdf"),
    "application/zip": (_archive(), "zip"),
}

SIGNATURE = {
    "width": 600,
    "height": 200,
    "strokes": [
        [[40 + 5 * step, 60 + 20 * (step % 5)] for step in range(30)],
        [[260, 40 + 4 * step] for step in range(25)],
        [[330 + 6 * step, 150 - 3 * step] for step in range(30)],
    ],
    "pointer": "touch",
}
