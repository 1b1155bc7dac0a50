"""Scans and stand-ins for demonstrations, scenarios and tests: what a scanner would make of a printed contract."""

import io

import pypdfium2
import segno
from PIL import Image, ImageDraw


def scan_of(pdf: bytes, dpi: int = 200, drop: int | None = None) -> bytes:
    """A PDF of pictures of its pages; ``drop`` is the number of a page that was forgotten."""
    document = pypdfium2.PdfDocument(pdf)
    pictures = [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    document.close()
    if drop is not None:
        del pictures[drop - 1]
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi, quality=80)
    return out.getvalue()


def lean_contract(verify_url: str, pages: int = 3) -> bytes:
    """As many white sheets of A4, each with the code that every paper carries: drawn in no time."""
    sheet = Image.new("L", (1654, 2339), 255)
    code = io.BytesIO()
    segno.make(verify_url, error="m", micro=False).save(code, kind="png", scale=4, border=4)
    with Image.open(code) as square:
        sheet.paste(square.convert("L"), (180, 2090))
    ImageDraw.Draw(sheet).line((180, 300, 1474, 300), fill=0, width=3)
    out = io.BytesIO()
    sheet.save(out, "PDF", save_all=True, append_images=[sheet] * (pages - 1), resolution=200)
    written = io.BytesIO()
    document = pypdfium2.PdfDocument(out.getvalue())
    document.save(written)  # as strict readers want it: Pillow numbers the free object wrongly
    document.close()
    return written.getvalue()
