"""The fonts that papers are drawn with, found on this machine, and the characters they can draw.

A PDF without a CJK font shows boxes while its text extracts perfectly, and a font that lacks a rare
character of a name lets another font step in unseen. So the character tables (cmap) of the installed
files are asked before anything is issued.
"""

import subprocess
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from fontTools.ttLib import TTCollection, TTFont

from engine.domain.errors import Refused

SERIF = "Noto Serif CJK SC"
SANS = "Noto Sans CJK SC"
FACES = ((SERIF, "Regular"), (SERIF, "Bold"), (SANS, "Regular"), (SANS, "Bold"))
"""Both weights of ``fonts-noto-cjk``; nothing else may be used on a paper."""

WEIGHTS = {"Regular": 80, "Bold": 200}
"""Fontconfig's numbers. Not its style names: the Black and Light files call themselves "Regular", too."""

NOT_PRINTED = {"\n", "\r", "\t"}
SELECTORS = [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]


@dataclass(frozen=True)
class FontFile:
    family: str
    style: str
    path: str
    index: int


@lru_cache
def installed_fonts() -> tuple[FontFile, ...]:
    """The faces as fontconfig, and so the PDF renderer, finds them. Refuses when one is not installed.

    A failure is not remembered: installing the font is enough.
    """
    found = tuple(_ask_fontconfig(family, style) for family, style in FACES)
    missing = sorted(
        {f"{family} {style}" for (family, style), font in zip(FACES, found, strict=True) if font is None}
    )
    if missing:
        raise Refused(
            "fonts_not_installed",
            "本机缺少打印中文文书所需的字体：%(fonts)s。请安装 fonts-noto-cjk 后重试",
            fonts="、".join(missing),
        )
    return tuple(font for font in found if font)


def _ask_fontconfig(family: str, style: str) -> FontFile | None:
    pattern = f"{family}:weight={WEIGHTS[style]}:slant=0"
    answer = subprocess.run(
        ["fc-list", "--format", "%{file}|%{index}\n", pattern], capture_output=True, text=True, check=True
    )
    lines = sorted(answer.stdout.split("\n"))
    for path, _, index in (line.rpartition("|") for line in lines if line):
        return FontFile(family, style, path, int(index) & 0xFFFF)
    return None


@lru_cache
def drawable() -> frozenset[int]:
    """Code points that every face can draw: text may change between serif and black, light and bold."""
    return frozenset.intersection(*(frozenset(_cmap(font)) for font in installed_fonts()))


def _cmap(font: FontFile) -> Iterable[int]:
    if font.path.endswith((".ttc", ".otc")):
        with TTCollection(font.path, lazy=True) as collection:
            return collection.fonts[font.index].getBestCmap().keys()
    with TTFont(font.path, lazy=True) as single:
        return single.getBestCmap().keys()


def missing_glyphs(text: str) -> list[str]:
    """The characters of ``text`` that the installed fonts cannot draw, each once, in order.

    Besides characters the fonts lack (𪨊), these are what would print as nothing or as something else:
    private-use codes (rare names typed with old GBK tools), variation selectors, control and invisible
    format characters (a right-to-left override turns a name round).
    """
    return [char for char in dict.fromkeys(text) if not _is_drawable(char)]


def _is_drawable(char: str) -> bool:
    if char in NOT_PRINTED:
        return True
    if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn"} or ord(char) in SELECTORS:
        return False
    return ord(char) in drawable()


def describe(chars: Iterable[str]) -> str:
    """``𪨊（U+2AA0A）``; an invisible one by its code alone."""
    return "、".join(_describe_each(chars))


def _describe_each(chars: Iterable[str]) -> Iterator[str]:
    for char in chars:
        visible = unicodedata.category(char)[0] != "C" and ord(char) not in SELECTORS
        code = f"U+{ord(char):04X}"
        yield f"{char}（{code}）" if visible else code
