"""The parcel sketch (地块示意图) of a register entry for a hand-in: a small PDF, some hundred a second.

Drawn without a layout engine, since a county may need thousands at once; the sketch that people get is ``sketch.py``.
Each parcel has a cell of its own: outline to scale with its boundary point numbers, neighbours on four sides, code and
areas. The characters that are used are put in as shapes of their own, so it looks the same in every reader.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import ceil
from typing import Any

import shapely
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTCollection, TTFont

from engine.documents.fonts import SANS, installed_fonts

_WIDTH, _HEIGHT = 842, 595  # A4 landscape, points
_COLUMNS, _ROWS = 3, 2
_TOP, _MARGIN = 60, 36
_SCALES = (100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 50_000)
_POINTS_OF_A_METRE = 72 / 0.0254
_GLYPHS = 255  # in one font: codes are a byte
_ABSENT = "□"

Parcel = tuple[
    Mapping[str, Any], float
]  # fields of DK by the standard's names with `outline`; contract area in m2
Points = Mapping[str, Sequence[tuple[str, float, float]]]  # parcel code -> number, easting, northing


def lean_sketch(title: str, parcels: Sequence[Parcel], points: Points) -> bytes:
    """Pages of six parcels each. The same input gives the same bytes."""
    text = _Text()
    per_page = _COLUMNS * _ROWS
    count = max(1, ceil(len(parcels) / per_page))
    pages = []
    for page in range(count):
        content = [
            text.at(_WIDTH / 2 - 56, _HEIGHT - 34, 16, "承包地块示意图"),
            text.at(_MARGIN, _HEIGHT - 54, 9, title),
            text.at(_WIDTH - _MARGIN - 80, 16, 8, f"第 {page + 1} 页，共 {count} 页"),
        ]
        for place, (parcel, area) in enumerate(parcels[page * per_page : (page + 1) * per_page]):
            content += _cell(text, place, parcel, area, points.get(parcel["DKBM"], ()))
        pages.append("\n".join(content))
    return _pdf(pages, text)


def _cell(
    text: "_Text",
    place: int,
    parcel: Mapping[str, Any],
    area: float,
    points: Sequence[tuple[str, float, float]],
) -> Iterator[str]:
    width = (_WIDTH - 2 * _MARGIN) / _COLUMNS
    height = (_HEIGHT - _TOP - _MARGIN) / _ROWS
    left = _MARGIN + (place % _COLUMNS) * width
    low = _MARGIN + (_ROWS - 1 - place // _COLUMNS) * height
    yield f"0.4 w {left:.1f} {low:.1f} {width:.1f} {height:.1f} re S"
    west, south, east, north = parcel["outline"].bounds
    room = min((width - 110) / max(east - west, 0.01), (height - 100) / max(north - south, 0.01))
    scale = next((n for n in _SCALES if _POINTS_OF_A_METRE / n <= room), None)
    factor = _POINTS_OF_A_METRE / scale if scale else room
    middle = left + width / 2, low + 44 + (height - 56) / 2

    def at(x: float, y: float) -> tuple[float, float]:
        return middle[0] + (x - (west + east) / 2) * factor, middle[1] + (y - (south + north) / 2) * factor

    yield "0.8 w"
    for ring in _rings(parcel["outline"]):
        corners = [at(x, y) for x, y, *_ in ring.coords]
        path = " ".join(f"{x:.1f} {y:.1f} l" for x, y in corners[1:])
        yield f"{corners[0][0]:.1f} {corners[0][1]:.1f} m {path} s"
    for number, easting, northing in points:
        x, y = at(easting, northing)
        yield f"{x - 1:.1f} {y - 1:.1f} 2 2 re f"
        yield text.at(x + 2, y + 2, 5, number)
    (x0, y0), (x1, y1) = at(west, south), at(east, north)
    for name, x, y in (
        (parcel["DKBZ"], middle[0] - 12, y1 + 11), (parcel["DKNZ"], middle[0] - 12, y0 - 14),
        (parcel["DKXZ"], max(left + 3, x0 - 44), middle[1]), (parcel["DKDZ"], min(x1 + 14, left + width - 44), middle[1]),
    ):  # fmt: skip
        yield text.at(x, y, 7, (name or "")[:6])
    yield text.at(left + 6, low + 30, 8, f"{parcel['DKBM']}  {parcel['DKMC'] or ''}")
    said = f"实测 {parcel['SCMJ']:.2f} 平方米（{parcel['SCMJM']:.2f} 亩）  合同 {area:.2f} 平方米"
    yield text.at(left + 6, low + 18, 7, said)
    yield text.at(left + 6, low + 6, 7, f"1:{scale}" if scale else "不按比例")
    x, y = left + width - 16, low + height - 38
    yield f"{x:.1f} {y:.1f} m {x:.1f} {y + 14:.1f} l S"
    yield f"{x - 3:.1f} {y + 12:.1f} m {x:.1f} {y + 22:.1f} l {x + 3:.1f} {y + 12:.1f} l f"
    yield text.at(x - 4, y + 25, 7, "北")


def _rings(outline: shapely.Geometry) -> list[shapely.LinearRing]:
    parts = shapely.get_parts(outline).tolist()
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


class _Text:
    """Characters are numbered as they come; each font of the file has so many of them."""

    def __init__(self) -> None:
        self.codes: dict[str, tuple[int, int]] = {}  # character -> font, code

    def at(self, x: float, y: float, size: float, words: str) -> str:
        shown: list[str] = []
        font = None
        for char in words:
            code = self.codes.setdefault(char, (len(self.codes) // _GLYPHS, len(self.codes) % _GLYPHS + 1))
            if code[0] != font:
                font = code[0]
                shown.append(f"{'> Tj ' if shown else ''}/F{font} {size} Tf <")
            shown.append(f"{code[1]:02x}")
        end = "> Tj " if shown else ""
        return f"BT {x:.1f} {y:.1f} Td {''.join(shown)}{end}ET"

    def fonts(self) -> list[dict[int, str]]:
        found: list[dict[int, str]] = []
        for char, (font, code) in self.codes.items():
            if font == len(found):
                found.append({})
            found[font][code] = char
        return found


class _Path(BasePen):
    """A glyph's outline in the operators of PDF; quadratic curves come as cubic ones."""

    def __init__(self, glyphs: Any):
        super().__init__(glyphs)
        self.drawn: list[str] = []

    def _moveTo(self, pt):
        self.drawn.append(f"{pt[0]:.0f} {pt[1]:.0f} m")

    def _lineTo(self, pt):
        self.drawn.append(f"{pt[0]:.0f} {pt[1]:.0f} l")

    def _curveToOne(self, pt1, pt2, pt3):
        self.drawn.append(" ".join(f"{x:.0f} {y:.0f}" for x, y in (pt1, pt2, pt3)) + " c")

    def _closePath(self):
        self.drawn.append("h")


@lru_cache
def _font() -> tuple[Any, Mapping[int, str], int]:
    """Glyphs, character table and units of the sans face."""
    file = next(font for font in installed_fonts() if (font.family, font.style) == (SANS, "Regular"))
    collection = file.path.endswith((".ttc", ".otc"))
    font = (
        TTCollection(file.path, lazy=True).fonts[file.index] if collection else TTFont(file.path, lazy=True)
    )
    return font.getGlyphSet(), font.getBestCmap(), font["head"].unitsPerEm


@lru_cache(10_000)
def _glyph(char: str) -> tuple[float, str]:
    """Width in thousandths of the size, and the outline; a box for what the font does not have."""
    glyphs, characters, units = _font()
    name = characters.get(ord(char)) or characters.get(ord(_ABSENT)) or ".notdef"
    pen = _Path(glyphs)
    glyphs[name].draw(pen)
    width = glyphs[name].width * 1000 / units
    return width, f"{glyphs[name].width} 0 d0 {' '.join(pen.drawn)} f"


def _pdf(pages: list[str], text: _Text) -> bytes:
    """Catalogue and page tree, then pages with their contents, then fonts (Type 3) with their glyphs."""
    objects: list[bytes] = [b"", b""]

    def put(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    fonts = [put(_type3(font, put)) for font in text.fonts()]
    named = " ".join(f"/F{number} {ref} 0 R" for number, ref in enumerate(fonts))
    kids = []
    for content in pages:
        stream = put(_stream(content.encode("ascii")))
        box = f"/MediaBox[0 0 {_WIDTH} {_HEIGHT}]/Resources<</Font<<{named}>>>>"
        kids.append(put(f"<</Type/Page/Parent 2 0 R{box}/Contents {stream} 0 R>>".encode()))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    tree = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<</Type/Pages/Kids[{tree}]/Count {len(kids)}>>".encode()
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n"
    return bytes(out) + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode()


def _type3(characters: Mapping[int, str], put: Any) -> bytes:
    units = _font()[2]
    drawn = {code: _glyph(char) for code, char in characters.items()}
    refs = " ".join(f"/g{code} {put(_stream(body.encode()))} 0 R" for code, (_, body) in drawn.items())
    widths = " ".join(f"{width * units / 1000:.0f}" for width, _ in drawn.values())
    names = " ".join(f"/g{code}" for code in characters)
    return (
        f"<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[{1 / units:g} 0 0 {1 / units:g} 0 0]"
        f"/CharProcs<<{refs}>>/Encoding<</Type/Encoding/Differences[1 {names}]>>/FirstChar 1"
        f"/LastChar {len(characters)}/Widths[{widths}]/ToUnicode {put(_stream(_unicode(characters)))} 0 R>>"
    ).encode()


def _unicode(characters: Mapping[int, str]) -> bytes:
    """What the codes stand for, so that the text can be searched and copied."""
    lines = [f"<{code:02x}> <{char.encode('utf-16-be').hex()}>" for code, char in characters.items()]
    chunks = [lines[i : i + 100] for i in range(0, len(lines), 100)]
    said = "\n".join(f"{len(chunk)} beginbfchar\n" + "\n".join(chunk) + "\nendbfchar" for chunk in chunks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{said}\nendcmap end end"
    ).encode()


def _stream(body: bytes) -> bytes:
    packed = zlib.compress(body, 6)
    return b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (len(packed), packed)
