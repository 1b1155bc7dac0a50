"""Papers: templates filled, drawn and checked. Knows no database, no clock and no case; all is given.

``render_document`` makes the PDF, ``sketch_for`` draws a household's parcels, ``missing_glyphs`` answers
early whether a name can be printed at all.
"""

from engine.documents.fonts import installed_fonts, missing_glyphs
from engine.documents.qr import qr_svg
from engine.documents.render import render_document, render_pdf
from engine.documents.sketch import (
    SketchLine,
    SketchNeighbour,
    SketchParcel,
    parcel_sketch_svg,
    sketch_for,
)

__all__ = [
    "SketchLine",
    "SketchNeighbour",
    "SketchParcel",
    "installed_fonts",
    "missing_glyphs",
    "parcel_sketch_svg",
    "qr_svg",
    "render_document",
    "render_pdf",
    "sketch_for",
]
