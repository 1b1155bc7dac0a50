"""Read a scan: how many pages, how sharp each is, and whose QR code stands on it."""

import io
import re
from typing import Any

from engine.domain.errors import Refused
from engine.domain.scans import Page, coded, dpi_on_a4
from engine.reading.apart import Unreadable, answer, read_apart

MOST_PAGES = 120
LONG_SIDE = 3508  # pixels that a page is drawn at for its code: 300 dpi on A4; sharper ones are not needed
_CODE = re.compile(r"/verify/([0-9A-Z]{6,32})(?:\?p=([1-9]\d{0,2}))?$")


def read_scan(body: bytes) -> list[Page]:
    """Its pages. Raises Refused where it cannot be read within the bounds."""
    try:
        told = read_apart("engine.reading.scan", body)
    except Unreadable:
        raise Refused("unreadable", "这份扫描件打不开，请重新扫描") from None
    if told["too_many"]:
        raise Refused("unreadable", "扫描件页数太多，最多%(most)s页", most=MOST_PAGES)
    return [Page.read(row) for row in told["pages"]]


def pages_of(body: bytes) -> int:
    """How many pages a PDF that we drew ourselves has."""
    import pypdfium2

    document = pypdfium2.PdfDocument(body)
    try:
        return len(document)
    finally:
        document.close()


def _read(body: bytes) -> dict[str, Any]:
    if not body.startswith(b"%PDF-"):
        from PIL import Image

        Image.MAX_IMAGE_PIXELS = 80_000_000
        with Image.open(io.BytesIO(body), formats=["JPEG", "PNG"]) as picture:
            dpi = dpi_on_a4(picture.width, picture.height)
            picture.thumbnail((LONG_SIDE, LONG_SIDE))
            pages = [Page(dpi, _codes(picture.convert("L")))]
    else:
        pages = _read_pdf(body)
    return {"too_many": len(pages) > MOST_PAGES, "pages": [page.as_json() for page in pages]}


def _read_pdf(body: bytes) -> list[Page]:
    import pypdfium2

    document = pypdfium2.PdfDocument(body)
    if len(document) > MOST_PAGES:
        return [Page(0, ())] * len(document)
    pages = []
    for page in document:
        dpi = _dpi(page)
        scale = LONG_SIDE / max(page.get_size())
        picture = page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil()
        pages.append(Page(dpi, _codes(picture)))
        page.close()
    return pages


def _dpi(page: Any) -> int:
    """Of the largest picture, by how much of the page it fills; 0 where none fills half of it."""
    import pypdfium2.raw as raw

    width, height = page.get_size()
    best, filled = 0, 0.5
    for image in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=4):
        left, bottom, right, top = image.get_bounds()
        across, up = (right - left) / width, (top - bottom) / height
        if across * up >= filled and across > 0 and up > 0:
            pixels = sorted(image.get_px_size())
            sides = sorted((across * width, up * height))
            whole = sorted((width, height))
            best = dpi_on_a4(pixels[1] * whole[1] / sides[1], pixels[0] * whole[0] / sides[0])
            filled = across * up
    return best


def _codes(picture: Any) -> tuple[str, ...]:
    import zxingcpp

    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    codes = (_CODE.search(one.text) for one in found)
    return tuple(sorted({coded(match[1], match[2]) for match in codes if match}))


if __name__ == "__main__":
    answer(_read)
