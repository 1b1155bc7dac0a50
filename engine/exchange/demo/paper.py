"""The papers of the demonstration package: small real PDFs and a picture, drawn without a layout engine.

Thousands of sketches are wanted within seconds, so each PDF is written as its few objects. They carry codes
and areas only: Chinese text would need an embedded font to look the same in every reader.
"""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

_PAGE = (420, 298)  # A6 landscape, points
_FONT = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def sketch(title: str, lines: Sequence[str], rings: Sequence[Sequence[tuple[float, float]]]) -> bytes:
    """A parcel sketch: outlines (metres) fitted into the page beside a few lines of text."""
    content = [_text(20, 272, 12, title)]
    content += [_text(20, 250 - 13 * i, 8, line) for i, line in enumerate(lines[:16])]
    content += _outlines(rings)
    return _pdf("\n".join(content))


def letter(title: str, lines: Sequence[str]) -> bytes:
    """A page of text."""
    return _pdf(
        "\n".join([_text(20, 262, 14, title), *(_text(20, 230 - 16 * i, 9, t) for i, t in enumerate(lines))])
    )


def picture(text: str) -> bytes:
    """A small JPEG that stands for the note of a control point."""
    image = Image.new("RGB", (240, 160), "white")
    draw = ImageDraw.Draw(image)
    draw.polygon([(120, 40), (150, 100), (90, 100)], outline="black")
    draw.ellipse((117, 77, 123, 83), fill="black")
    draw.text((100, 120), text, fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60, dpi=(300, 300))
    return out.getvalue()


def _outlines(rings: Sequence[Sequence[tuple[float, float]]]) -> list[str]:
    if not rings:
        return []
    xs, ys = [x for ring in rings for x, _ in ring], [y for ring in rings for _, y in ring]
    left, low = min(xs), min(ys)
    scale = min(220 / max(max(xs) - left, 1), 230 / max(max(ys) - low, 1))
    drawn = ["0.6 w"]
    for ring in rings:
        points = [f"{180 + (x - left) * scale:.1f} {20 + (y - low) * scale:.1f}" for x, y in ring]
        drawn.append(f"{points[0]} m {' '.join(p + ' l' for p in points[1:])} s")
    return drawn


def _text(x: float, y: float, size: float, text: str) -> str:
    return f"BT /F1 {size} Tf {x} {y} Td <{text.encode('latin-1', 'replace').hex()}> Tj ET"


def _pdf(content: str) -> bytes:
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {_PAGE[0]} {_PAGE[1]}]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(content)}>>\nstream\n{content}\nendstream",
        _FONT,
    )
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return (out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}").encode("ascii")
