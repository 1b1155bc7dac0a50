"""Whether a scan is of the contract that was issued: judged from what was read off it. Pure.

What a scan must be is the county's dated parameter; what was read off it is measured once, when it is handed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.domain.said import Said, say

KINDS = frozenset({"signed_contract"})
"""Kinds of paper that are read as scans when they are handed in."""

NUMBERED = frozenset({"contract"})
"""Kinds of paper whose pages carry their own numbers in their QR codes, so that a scan of them can be told apart."""

A4_SHORT, A4_LONG = 210 / 25.4, 297 / 25.4  # inches


@dataclass(frozen=True)
class Page:
    """``dpi``: of the picture as it would lie on A4, 0 where the page is no picture; ``codes``: of papers' QR codes,
    with the page's number behind a stroke where the code tells it (``7F3K92QM4XWD/3``).
    """

    dpi: int
    codes: tuple[str, ...]

    @staticmethod
    def read(row: Mapping[str, Any]) -> "Page":
        return Page(int(row["dpi"]), tuple(row["codes"]))

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"codes": list(self.codes)}


@dataclass(frozen=True)
class Wanted:
    """One contract as issued: its number of pages (None: not counted when it was printed), its check code, whether
    its pages' codes tell their numbers (those printed by earlier releases do not), and whose it is.
    """

    pages: int | None
    code: str
    numbered: bool = False
    name: str = ""


def dpi_on_a4(width: float, height: float) -> int:
    """Dots per inch of a picture of so many pixels, if it shows a sheet of A4 whole."""
    return int(min(max(width, height) / A4_LONG, min(width, height) / A4_SHORT))


def faults(pages: Sequence[Page], wanted: Sequence[Wanted], dpi: int) -> list[Said]:
    """What stands against the scan of these contracts, each judged by its own pages, in the words of whoever has to
    scan again; none: it is good. ``dpi``: the least that counts as sharp.
    """
    if not pages:
        return [say("文件里没有能打开的页面，请重新扫描")]
    found = _pictures(pages, dpi)
    counted = [one.pages for one in wanted if one.pages is not None]
    if len(counted) == len(wanted) and len(pages) != sum(counted):
        found.append(
            say(
                "合同共%(wanted)s页，扫描件有%(found)s页，请逐页扫描后重新上传",
                wanted=sum(counted),
                found=len(pages),
            )
        )
    return [*found, *_strange(pages, wanted)]


def _pictures(pages: Sequence[Page], dpi: int) -> list[Said]:
    """What is no picture, or not sharp enough."""
    found: list[Said] = []
    drawn = [number for number, page in enumerate(pages, 1) if page.dpi == 0]
    if drawn:
        found.append(
            say(
                "第%(pages)s页不是扫描的图像（例如未签字的电子文本），请扫描签字盖章后的纸质合同",
                pages=listed(drawn),
            )
        )
    coarse = [number for number, page in enumerate(pages, 1) if 0 < page.dpi < dpi]
    if coarse:
        least = min(pages[number - 1].dpi for number in coarse)
        found.append(
            say(
                "第%(pages)s页不够清晰（%(least)s dpi，应不低于%(dpi)s dpi），请提高扫描分辨率",
                pages=listed(coarse),
                least=least,
                dpi=dpi,
            )
        )
    return found


def _strange(pages: Sequence[Page], wanted: Sequence[Wanted]) -> list[Said]:
    """What the codes say against it: pages without, pages of other papers, contracts and pages that lack or come twice."""
    found: list[Said] = []
    own = {one.code: [_numbers(page, one.code) for page in pages] for one in wanted}
    others = [
        at for at, page in enumerate(pages, 1) if any(one.partition("/")[0] not in own for one in page.codes)
    ]
    if others:
        found.append(say("第%(pages)s页的二维码是另一份文书的，请核对后重新扫描", pages=listed(others)))
    blank = [at for at, page in enumerate(pages, 1) if not page.codes]
    if blank:
        found.append(
            say("第%(pages)s页读不出合同的二维码，请平整放置、不要遮住页脚，重新扫描", pages=listed(blank))
        )
        return found
    there = [one for one in wanted if any(own[one.code])]
    if len(there) < len(wanted) and len(wanted) > 1:
        found.append(
            say(
                "要签的合同有%(wanted)s份，扫描件里只读出%(found)s份的二维码，请把每一份都扫描上传",
                wanted=len(wanted),
                found=len(there),
            )
        )
    for one in there if len(wanted) > 1 else wanted:
        found += _of_one([numbers for numbers in own[one.code] if numbers], one, len(wanted) > 1)
    return found


def _of_one(own: Sequence[Sequence[int]], one: Wanted, several: bool) -> list[Said]:
    """What lacks or comes twice of one contract. ``own``: for each of its sheets, the page numbers that its code tells;
    ``several``: others are signed with it, so that it is said whose it is.
    """
    if not one.numbered:
        wrong = several and one.pages is not None and len(own) != one.pages
        return [_miscounted(one, len(own))] if wrong else []
    found: list[Said] = []
    seen = [number for numbers in own for number in numbers if number]
    lacking = listed([number for number in range(1, (one.pages or 0) + 1) if number not in seen])
    twice = listed(sorted({number for number in seen if seen.count(number) > 1}))
    if lacking and several:
        found.append(
            say("缺少%(name)s户合同的第%(pages)s页，请补扫后整份重新上传", name=one.name, pages=lacking)
        )
    elif lacking:
        found.append(say("缺少合同的第%(pages)s页，请补扫后整份重新上传", pages=lacking))
    if twice and several:
        found.append(
            say("%(name)s户合同的第%(pages)s页扫描了不止一次，请每页只留一张", name=one.name, pages=twice)
        )
    elif twice:
        found.append(say("合同的第%(pages)s页扫描了不止一次，请每页只留一张", pages=twice))
    return found


def _miscounted(one: Wanted, found: int) -> Said:
    return say(
        "%(name)s户的合同共%(wanted)s页，扫描件里有%(found)s页，请逐页扫描后重新上传",
        name=one.name,
        wanted=one.pages,
        found=found,
    )


def _numbers(page: Page, code: str) -> list[int]:
    """Of the contract's codes on the page: the page numbers that they tell, 0 where one tells none."""
    told = [one.partition("/") for one in page.codes]
    return [int(number or 0) for name, _, number in told if name == code]


def page_url(verify_url: str, number: int) -> str:
    """Where the QR code on that page leads."""
    return f"{verify_url}?p={number}"


def coded(code: str, number: str | None) -> str:
    """A code as ``Page`` keeps it."""
    return f"{code}/{number}" if number else code


def listed(numbers: Sequence[int]) -> str:
    """At most ten of them."""
    return "、".join(map(str, numbers[:10])) + ("……" if len(numbers) > 10 else "")
