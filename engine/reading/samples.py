"""Scans and stand-ins for demonstrations, scenarios and tests: what a scanner would make of a printed contract."""

import io

import pypdfium2
import segno
from PIL import Image, ImageDraw

from engine.domain.scans import page_url


def scan_of(
    pdf: bytes, dpi: int = 200, drop: int | None = None, blot: int | None = None, twice: int | None = None
) -> bytes:
    """A PDF of pictures of its pages. Numbers of pages: ``drop``, forgotten; ``blot``, its foot cannot be read;
    ``twice``, scanned twice and its follower not at all.
    """
    document = pypdfium2.PdfDocument(pdf)
    pictures = [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    document.close()
    if blot is not None:
        sheet = pictures[blot - 1]
        sheet.paste(255, (0, sheet.height * 7 // 8, sheet.width, sheet.height))
    if twice is not None:
        pictures[twice] = pictures[twice - 1]
    if drop is not None:
        del pictures[drop - 1]
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi, quality=80)
    return out.getvalue()


def lean_contract(verify_url: str, pages: int = 3) -> bytes:
    """As many white sheets of A4, each with its own code as a contract's pages carry it: drawn in no time."""
    first, *more = [_sheet(page_url(verify_url, number)) for number in range(1, pages + 1)]
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=more, resolution=200)
    written = io.BytesIO()
    document = pypdfium2.PdfDocument(out.getvalue())
    document.save(written)  # as strict readers want it: Pillow numbers the free object wrongly
    document.close()
    return written.getvalue()


def _sheet(url: str) -> Image.Image:
    sheet = Image.new("L", (1654, 2339), 255)
    code = io.BytesIO()
    segno.make(url, error="m", micro=False).save(code, kind="png", scale=4, border=4)
    with Image.open(code) as square:
        sheet.paste(square.convert("L"), (180, 2090))
    ImageDraw.Draw(sheet).line((180, 300, 1474, 300), fill=0, width=3)
    return sheet
