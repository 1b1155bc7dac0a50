"""Seal a contract: the parties' drawn signatures and the round seal are laid over it, then it is signed (PAdES).

Everything is added behind the file that the parties signed, so its bytes stay the first bytes of the sealed file and
its SHA-256 can be computed from there. The signature certifies the whole: any change afterwards breaks it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from math import cos, pi, radians, sin
from typing import Any

import pypdfium2
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import BoxConstraints, PdfContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.stamp import StaticStampStyle

from engine.documents.render import render_pdf
from engine.documents.seal_signing import FIELD, Sealer, Statement
from engine.domain.signing import paths

MM = 72 / 25.4  # points
SEAL_MM = 38
RED = "#c00000"


@dataclass(frozen=True)
class Mark:
    """A drawn signature, laid beside ``label`` with a line that says who and when."""

    label: str
    drawn: Mapping[str, Any]
    caption: str


@dataclass(frozen=True)
class SealLook:
    """A round seal: ``office`` along its rim, ``purpose`` below the star; laid beside ``label``."""

    label: str
    office: str
    purpose: str


@dataclass(frozen=True)
class Place:
    """Points from the lower left corner of a page; ``x``, ``y`` is where something laid beside the label begins."""

    page: int
    x: float
    y: float


def seal_pdf(
    pdf: bytes,
    marks: Sequence[Mark],
    look: SealLook,
    dates: Mapping[str, date],
    statement: Statement,
    sealer: Sealer,
) -> bytes:
    """The sealed file; it begins with the very bytes of ``pdf``. ``dates``: label -> the day written into its blanks."""
    laid = _places(pdf, [mark.label for mark in marks], look, dates)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    _lay_over(writer, pdf, laid, marks, dates)
    place = laid.labels[look.label]
    side = SEAL_MM * MM
    left, bottom = place.x + 2 * MM, place.y - side + 7 * MM
    box = tuple(round(value) for value in (left, bottom, left + side, bottom + side))
    style = StaticStampStyle(border_width=0, background=_Page(render_pdf(_seal_html(look))))
    spec = fields.SigFieldSpec(FIELD, on_page=place.page, box=box)  # type: ignore[arg-type]
    return sealer.sign(writer, statement, spec, style)


# --- where things go ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Laid:
    labels: dict[str, Place]
    days: dict[str, list[Place]]  # label -> the right ends of its blanks for year, month, day


def _places(pdf: bytes, labels: Sequence[str], look: SealLook, dates: Mapping[str, date]) -> Laid:
    """A label that a county's own template lacks is given a place at the foot of the last page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage() for page in document]
        wanted = [*labels, look.label]
        found = {label: _beside(pages, label) for label in wanted}
        last = len(pages) - 1
        spare = {
            label: Place(last, (24 + 60 * index) * MM, 40 * MM)
            for index, label in enumerate(name for name in wanted if found[name] is None)
        }
        days = {label: _blanks(pages, label) for label in dates}
        return Laid({label: place or spare[label] for label, place in found.items()}, days)
    finally:
        document.close()


def _last(pages: Sequence[Any], label: str) -> tuple[int, int] | None:
    """(page, index of the character after it): the last place where the label stands."""
    for number in range(len(pages) - 1, -1, -1):
        search, found = pages[number].search(label), None
        while (hit := search.get_next()) is not None:
            found = hit
        if found is not None:
            return number, found[0] + found[1]
    return None


def _beside(pages: Sequence[Any], label: str) -> Place | None:
    at = _last(pages, label)
    if at is None:
        return None
    _, bottom, right, top = pages[at[0]].get_charbox(at[1] - 1)
    return Place(at[0], right, (bottom + top) / 2)


def _blanks(pages: Sequence[Any], label: str) -> list[Place]:
    at = _last(pages, label)
    if at is None:
        return []
    page, start = pages[at[0]], at[1]
    found: list[Place] = []
    for index in range(start, min(start + 40, page.count_chars())):
        if len(found) < 3 and page.get_text_range(index, 1) == "年月日"[len(found)]:
            left, bottom, _, _ = page.get_charbox(index)
            found.append(Place(at[0], left, bottom))
    blank = found and not page.get_text_range(start, 6).strip(" \u3000\xa0").startswith(tuple("0123456789"))
    return found if blank and len(found) == 3 else []


# --- what is laid over -------------------------------------------------------------------------------------


def _lay_over(
    writer: IncrementalPdfFileWriter, pdf: bytes, laid: Laid, marks: Sequence[Mark], dates: Mapping[str, date]
) -> None:
    sheets: dict[int, list[str]] = {}
    for mark in marks:
        place = laid.labels[mark.label]
        sheets.setdefault(place.page, []).append(_mark_html(mark, place))
    for label, day in dates.items():
        for place, number in zip(laid.days[label], (day.year, day.month, day.day), strict=False):
            sheets.setdefault(place.page, []).append(
                _at(place.x - 40, place.y + 12.5, 38, f'<p class="day">{number}</p>')
            )
    for number, parts in sheets.items():
        over = PdfFileReader(io.BytesIO(render_pdf(_sheet_html("".join(parts)))))
        name = generic.pdf_name(f"/TqOver{number}")
        resources = generic.DictionaryObject(
            {
                generic.pdf_name("/XObject"): generic.DictionaryObject(
                    {name: writer.import_page_as_xobject(over)}
                )
            }
        )
        # the page's own drawing leaves its turned axes behind: it is shut in between q and Q
        before, after = b"q\n", f"\nQ q {name} Do Q".encode()
        writer.add_stream_to_page(number, _stream(writer, before), prepend=True)
        writer.add_stream_to_page(number, _stream(writer, after), resources=resources)


def _stream(writer: IncrementalPdfFileWriter, drawing: bytes) -> generic.IndirectObject:
    return writer.add_object(generic.StreamObject(stream_data=drawing))


def _mark_html(mark: Mark, place: Place) -> str:
    """Strokes within 42 x 15 mm, the caption below."""
    width, height = mark.drawn["width"], mark.drawn["height"]
    strokes = "".join(f'<path d="{line}"/>' for line in paths(mark.drawn))
    pen = max(width, height) / 90
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="14mm" viewBox="0 0 {width:g} {height:g}">'
        f'<g fill="none" stroke="#101840" stroke-width="{pen:g}" stroke-linecap="round" stroke-linejoin="round">'
        f"{strokes}</g></svg>"
    )
    caption = f'<p class="caption">{escape(mark.caption)}</p>'
    return _at(place.x + 3, place.y + 10 * MM, 46 * MM, svg + caption)


def _at(x: float, top: float, width: float, inner: str) -> str:
    """``top`` counts from the lower edge of the sheet, as PDF does."""
    return f'<div style="left:{x:.1f}pt;top:{297 * MM - top:.1f}pt;width:{width:.1f}pt">{inner}</div>'


def _sheet_html(inner: str) -> str:
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><style>
@page {{ size: A4; margin: 0; @bottom-right {{ content: none; }} @bottom-left {{ content: none; }} }}
body {{ margin: 0; }} div {{ position: absolute; }} svg {{ display: block; }}
p {{ text-indent: 0; }} .caption {{ font: 6.5pt/1.3 "Noto Serif CJK SC"; color: #333; text-align: left; }}
.day {{ font: 12pt/1 "Noto Serif CJK SC"; text-align: right; }}
</style></head><body>{inner}</body></html>"""


def _seal_html(look: SealLook) -> str:
    """40 mm square, drawn in units of a tenth of a millimetre."""
    return f"""<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><style>
@page {{ size: 40mm 40mm; margin: 0; @bottom-right {{ content: none; }} @bottom-left {{ content: none; }} }}
body {{ margin: 0; }} svg {{ display: block; }}
</style></head><body><svg xmlns="http://www.w3.org/2000/svg" width="40mm" height="40mm" viewBox="-200 -200 400 400">
<circle r="186" fill="none" stroke="{RED}" stroke-width="11"/>{_star()}{_rim(look.office)}
<text y="118" text-anchor="middle" font-family="Noto Serif CJK SC" font-size="34" fill="{RED}">{escape(look.purpose)}</text>
</svg></body></html>"""


def _star() -> str:
    corners = []
    for index in range(10):
        radius, turn = (58 if index % 2 == 0 else 22), pi * index / 5 - pi / 2
        corners.append(f"{radius * cos(turn):.1f},{radius * sin(turn) - 4:.1f}")
    return f'<polygon points="{" ".join(corners)}" fill="{RED}"/>'


def _rim(office: str) -> str:
    """The office's name along the upper rim, at most two thirds of it round; letters of long names are narrower."""
    letters = office[:24]
    size = min(42.0, 900 / max(len(letters), 1))
    step = min(22.0, 240 / max(len(letters) - 1, 1))
    start = -step * (len(letters) - 1) / 2
    narrow = min(1.0, radians(step) * (176 - size) / size)
    return "".join(
        f'<text transform="rotate({start + step * place:.2f}) scale({narrow:.2f} 1)" y="{-176 + size:.1f}" text-anchor="middle" '
        f'font-family="Noto Serif CJK SC" font-weight="bold" font-size="{size:.1f}" fill="{RED}">{escape(letter)}</text>'
        for place, letter in enumerate(letters)
    )


class _Page(PdfContent):
    """The first page of another PDF as an appearance."""

    def __init__(self, pdf: bytes):
        super().__init__(box=BoxConstraints(width=round(40 * MM), height=round(40 * MM)))
        self.pdf = pdf

    def render(self) -> bytes:
        assert self.writer is not None
        page = self.writer.import_page_as_xobject(PdfFileReader(io.BytesIO(self.pdf)))
        self.resources.xobject["/TqSeal"] = page
        return b"/TqSeal Do"
