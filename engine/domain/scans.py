"""Whether a scan is of the contract that was issued: judged from what was read off it. Pure.

What a scan must be is the county's dated parameter; what was read off it is measured once, when it is handed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.domain.said import Said, say

KINDS = frozenset({"signed_contract"})
"""Kinds of paper that are read as scans when they are handed in."""

A4_SHORT, A4_LONG = 210 / 25.4, 297 / 25.4  # inches


@dataclass(frozen=True)
class Page:
    """``dpi``: of the picture as it would lie on A4, 0 where the page is no picture; ``codes``: of papers' QR codes."""

    dpi: int
    codes: tuple[str, ...]

    @staticmethod
    def read(row: Mapping[str, Any]) -> "Page":
        return Page(int(row["dpi"]), tuple(row["codes"]))

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"codes": list(self.codes)}


@dataclass(frozen=True)
class Wanted:
    """The contract as issued: its number of pages (None: not counted when it was printed), its check code."""

    pages: int | None
    code: str
    dpi: int


def dpi_on_a4(width: float, height: float) -> int:
    """Dots per inch of a picture of so many pixels, if it shows a sheet of A4 whole."""
    return int(min(max(width, height) / A4_LONG, min(width, height) / A4_SHORT))


def faults(pages: Sequence[Page], wanted: Wanted) -> list[Said]:
    """What stands against the scan, in the words of whoever has to scan again; none: it is good."""
    found: list[Said] = []
    if not pages:
        return [say("文件里没有能打开的页面，请重新扫描")]
    drawn = [number for number, page in enumerate(pages, 1) if page.dpi == 0]
    if drawn:
        found.append(
            say(
                "第%(pages)s页不是扫描的图像（例如未签字的电子文本），请扫描签字盖章后的纸质合同",
                pages=listed(drawn),
            )
        )
    if wanted.pages is not None and len(pages) != wanted.pages:
        found.append(
            say(
                "合同共%(wanted)s页，扫描件有%(found)s页，请逐页扫描后重新上传",
                wanted=wanted.pages,
                found=len(pages),
            )
        )
    coarse = [number for number, page in enumerate(pages, 1) if 0 < page.dpi < wanted.dpi]
    if coarse:
        least = min(pages[number - 1].dpi for number in coarse)
        found.append(
            say(
                "第%(pages)s页不够清晰（%(least)s dpi，应不低于%(dpi)s dpi），请提高扫描分辨率",
                pages=listed(coarse),
                least=least,
                dpi=wanted.dpi,
            )
        )
    others = [number for number, page in enumerate(pages, 1) if page.codes and wanted.code not in page.codes]
    if others:
        found.append(say("第%(pages)s页的二维码是另一份文书的，请核对后重新扫描", pages=listed(others)))
    elif not any(wanted.code in page.codes for page in pages):
        found.append(say("没有一页能读出合同的二维码，请平整放置、对准页脚后重新扫描"))
    return found


def listed(numbers: Sequence[int]) -> str:
    """At most ten of them."""
    return "、".join(map(str, numbers[:10])) + ("……" if len(numbers) > 10 else "")
