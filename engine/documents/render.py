"""From a template and its context to the PDF that is issued.

The same input gives the same bytes: no clock, no random identifier, no network, no file of the machine
but the fonts. Archive form: PDF/A-2u with tags is asked of the renderer.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from engine.documents import fonts
from engine.documents.templates import BASE, fill
from engine.domain.errors import Refused
from engine.domain.print_settings import PAGE_SIZES
from engine.domain.scans import page_url

# The renderer turned this on for the whole process: half a photograph that somebody hands in would pass as one.
ImageFile.LOAD_TRUNCATED_IMAGES = False

NOWHERE = "outside:///"
"""Base address of every paper, so that a relative address is fetched, and refused, too."""

UNSEEN = {"script", "style", "title", "head"}


def render_document(
    template: str, context: Mapping[str, Any], *, verify_url: str | None, each_page: bool = False
) -> bytes:
    """A paper as PDF bytes. ``each_page``: its pages carry their own numbers in their QR codes; it is laid out twice.

    ``template`` is the text of a case type's ``documents/*.html``; what its context must hold stands in the
    README beside it. ``verify_url`` is where the QR code at the foot leads; without it there is none.
    Errors: ``Refused`` with code ``missing_value``, ``bad_value``, ``bad_template``, ``bad_drawing``,
    ``missing_glyphs`` (facts: ``chars``), ``fonts_not_installed``, ``outside_address``, ``not_drawn``,
    ``font_substituted``.
    """
    size = PAGE_SIZES[(context.get("print") or {}).get("page_size", "A4")]
    told = {**context, "verify_url": verify_url}
    if verify_url and each_page:
        pages = _count_pages(fill(template, told), size)
        told["sheets"] = [page_url(verify_url, number) for number in range(1, pages + 1)]
    return render_pdf(fill(template, told), size)


def render_pdf(html: str, page: str = "") -> bytes:
    """A complete page of HTML as PDF bytes, in the house's print style. Errors as above, from the fonts on.

    ``page``: width and height of the paper, where it is not the style's.
    """
    inside = OnlyInside()
    with _complaints() as complaints:
        try:
            pdf = _drawn(HTML(string=html, base_url=NOWHERE, url_fetcher=inside), page)
        except OutsideAddress:
            pdf = b""
    if inside.refused:
        message = "文书模板不得引用外部文件或网址：%(url)s"
        raise Refused("outside_address", message, url=inside.refused[0].removeprefix(NOWHERE)[:200])
    if complaints:
        raise Refused("not_drawn", "文书有内容未能排入：%(fault)s", fault=complaints[0][:200])
    return pdf


def _count_pages(html: str, page: str) -> int:
    """0 where it cannot be laid out; drawing it says why."""
    laid = HTML(string=html, base_url=NOWHERE, url_fetcher=OnlyInside())
    try:
        return len(laid.render(stylesheets=[_print_style(page)]).pages)
    except OutsideAddress:
        return 0


def _drawn(paper: HTML, page: str) -> bytes:
    _refuse_missing_glyphs(paper.etree_element)
    return paper.write_pdf(
        stylesheets=[_print_style(page)],
        finisher=_refuse_other_fonts,
        pdf_variant="pdf/a-2u",
        pdf_tags=True,
    )


class OutsideAddress(FatalURLFetchingError):
    """Passes through the renderer, which swallows every ordinary error of a fetch."""


class OnlyInside(URLFetcher):
    """Reads ``data:`` addresses and nothing else; any other stops the paper instead of leaving a gap in it."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url.lower().startswith("data:"):
            return super().fetch(url, headers)
        self.refused.append(url)
        raise OutsideAddress(url)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What the renderer could not draw on this thread. It only logs that and leaves a gap."""
    heard: list[str] = []
    listener, thread = logging.Handler(logging.ERROR), threading.get_ident()

    def listen(record: logging.LogRecord) -> None:
        if record.thread == thread and str(record.msg).startswith("Failed to"):
            heard.append(record.getMessage())

    listener.emit = listen  # type: ignore[method-assign]
    logger = logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield heard
    finally:
        logger.removeHandler(listener)


def _print_style(page: str) -> CSS:
    size = f"@page {{ size: {page}; }}" if page else ""
    return CSS(
        string=Path(BASE / "print.css").read_text("utf-8") + size, base_url=NOWHERE, url_fetcher=OnlyInside()
    )


def _refuse_missing_glyphs(page: Element) -> None:
    missing = fonts.missing_glyphs("".join(_seen_text(page)))
    if missing:
        raise Refused(
            "missing_glyphs",
            "字库缺少下列字符，不能出具文书：%(chars)s。请核对用字，或由管理员补充字库",
            chars=fonts.describe(missing),
        )


def _seen_text(node: Element) -> Iterator[str]:
    if isinstance(node.tag, str) and node.tag.rpartition("}")[2] not in UNSEEN:
        yield node.text or ""
        for child in node:
            yield from _seen_text(child)
            yield child.tail or ""


def _refuse_other_fonts(_document: Any, pdf: Any) -> None:
    """The last guard: whatever the character tables promised, look at what was really embedded."""
    allowed = {f"{family} {style}".removesuffix(" Regular") for family, style in fonts.FACES}
    used = {
        _plain_name(thing["BaseFont"])
        for thing in pdf.objects
        if isinstance(thing, dict) and "BaseFont" in thing
    }
    if used - allowed:
        raise Refused(
            "font_substituted",
            "排版时混入了其他字体：%(fonts)s，文书未出具",
            fonts="、".join(sorted(used - allowed)),
        )


def _plain_name(base_font: bytes | str) -> str:
    text = base_font.decode() if isinstance(base_font, bytes) else base_font
    return text.lstrip("/").rpartition("+")[2].replace("-", " ")
