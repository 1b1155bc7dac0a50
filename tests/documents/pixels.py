"""Reads what a paper really shows: pixels, not the text layer, which lies when a font is wrong."""

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from engine.documents.fonts import installed_fonts

DPI = 400


@dataclass(frozen=True)
class Word:
    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float
    """In points from the page's top left corner."""


def page_image(pdf: bytes, page: int = 1, dpi: int = DPI, colour: bool = False) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "a.pdf", Path(folder) / "a"
        source.write_bytes(pdf)
        command = ["pdftoppm", "-r", str(dpi), "-f", str(page), "-l", str(page), "-png", "-singlefile"]
        subprocess.run([*command, str(source), str(target)], check=True)
        return Image.open(target.with_suffix(".png")).convert("RGB" if colour else "L").copy()


def words(pdf: bytes, pages: int = 99) -> list[Word]:
    """The text layer of the first pages, with places."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as source:
        source.write(pdf)
        source.flush()
        answer = subprocess.run(["pdftotext", "-bbox", source.name, "-"], capture_output=True, check=True)
    found = []
    read = ElementTree.fromstring(answer.stdout).iter("{http://www.w3.org/1999/xhtml}page")
    for number, page in enumerate(read, 1):
        for word in page:
            box = [float(word.attrib[key]) for key in ("xMin", "yMin", "xMax", "yMax")]
            found.append(Word(word.text or "", number, *box))
    return found


def shown_characters(pdf: bytes, text: str) -> list[np.ndarray]:
    """The ink of each character of the first word that reads ``text`` (full-width characters only)."""
    word = next(word for word in words(pdf, pages=2) if word.text == text)
    image = page_image(pdf, word.page)
    scale, width = DPI / 72, (word.right - word.left) / len(text)
    cells = [
        image.crop(
            (
                round((word.left + place * width) * scale),
                round(word.top * scale),
                round((word.left + (place + 1) * width) * scale),
                round(word.bottom * scale),
            )
        )
        for place in range(len(text))
    ]
    return [_ink(cell) for cell in cells]


def drawn_character(char: str, family: str, style: str) -> np.ndarray:
    """The same character drawn straight from the font file."""
    file = next(font for font in installed_fonts() if (font.family, font.style) == (family, style))
    font = ImageFont.truetype(file.path, 80, index=file.index)
    image = Image.new("L", (160, 160), 255)
    ImageDraw.Draw(image).text((40, 20), char, font=font, fill=0)
    return _ink(image)


def _ink(image: Image.Image) -> np.ndarray:
    """Dark where there is ink, cut to its bounds and brought to 64 x 64."""
    dark = np.asarray(image) < 128
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not rows.size:
        return np.zeros((64, 64), dtype=bool)
    cut = image.crop((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
    return np.asarray(cut.resize((64, 64), Image.Resampling.BOX)) < 128


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The share of either's ink that lies within a pixel of the other's: 1 is the same drawing."""
    if not one.any() or not other.any():
        return 0.0
    return float(min((one & _thick(other)).sum() / one.sum(), (other & _thick(one)).sum() / other.sum()))


def _thick(ink: np.ndarray) -> np.ndarray:
    wide = np.pad(ink, 1)
    height, width = ink.shape
    return np.logical_or.reduce([wide[y : y + height, x : x + width] for y in range(3) for x in range(3)])


def recognised(ink: np.ndarray, among: Iterable[str], family: str, style: str) -> tuple[str, float]:
    """Which of some characters a piece of ink is most like, and how much."""
    scores = {char: likeness(ink, drawn_character(char, family, style)) for char in among}
    best = max(scores, key=lambda char: scores[char])
    return best, scores[best]
