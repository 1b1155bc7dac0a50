"""Fill a page's form with what was typed into it before: the page itself needs to know nothing of it.

Works on the page's HTML as our templates write it. Only controls that a person fills are filled; what finds no control
(a row that was added, a question that the page no longer asks) is shown beside the form, so that nothing is lost.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

TYPED = ("text", "search", "tel", "email", "number", "date", "month", "url")
CHOSEN = ("checkbox", "radio")
Edit = tuple[int, int, str]


class _Filler(HTMLParser):
    """Collects edits of the page's text, by place; nothing else of the page is touched."""

    def __init__(self, page: str, here: str, action: str, fields: Mapping[str, list[str]]):
        super().__init__(convert_charrefs=True)
        self.page, self.here, self.action = page, here, action
        self.left = {name: list(values) for name, values in fields.items()}
        self.chosen: set[str] = set()  # names whose values are picked, not typed
        self.own: set[str] = set()  # names of what the page says itself: buttons, hidden marks
        self.edits: list[Edit] = []
        self.inside = False
        self.form_at: int | None = None  # where the form's content begins
        self.main_at: int | None = None  # and the page's
        self._select: str | None = None
        self._area: tuple[str, int] | None = None
        self._lines = [0]
        for line in page.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "main" and self.main_at is None:
            self.main_at = self.place() + len(self.get_starttag_text() or "")
        elif tag == "form":
            action = urlsplit(said.get("action", "") or self.here).path
            self.inside = said.get("method", "").lower() == "post" and action == self.action
            if self.inside and self.form_at is None:
                self.form_at = self.place() + len(self.get_starttag_text() or "")
        elif self.inside:
            self._control(tag, said)

    def _control(self, tag: str, said: dict[str, str]) -> None:
        name, kind = said.get("name", ""), said.get("type", "text")
        if tag == "option" and self._select is not None:
            self._mark("selected", said.get("value", "") in self.left.get(self._select, []))
        elif tag == "button" or (tag == "input" and kind in ("hidden", "submit", "file")):
            self.own.add(name)
        elif name not in self.left:
            return
        elif tag == "input" and kind in CHOSEN:
            self.chosen.add(name)
            self._mark("checked", said.get("value", "on") in self.left[name])
        elif tag == "input" and kind in TYPED and self.left[name]:
            value = self.left[name].pop(0)
            self._rewrite(lambda text: _set(text, "value", value))
        elif tag == "textarea":
            self._area = name, self.place() + len(self.get_starttag_text() or "")
        elif tag == "select":
            self.chosen.add(name)
            self._select = name

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._area is not None:
            name, start = self._area
            self._area = None
            if self.left[name]:
                self.edits.append((start, self.place(), escape(self.left[name].pop(0))))

    def _mark(self, attribute: str, chosen: bool) -> None:
        self._rewrite(lambda text: _set(text, attribute, "" if chosen else None))

    def _rewrite(self, change: Callable[[str], str]) -> None:
        text, start = self.get_starttag_text() or "", self.place()
        self.edits.append((start, start + len(text), change(text)))

    def lost(self) -> list[str]:
        """What was typed and found no control to stand in; where there is no form, what looks typed."""
        left = [
            text.strip()
            for name, texts in self.left.items()
            if name not in self.chosen | self.own
            for text in texts
        ]
        there = self.form_at is not None
        return [text for text in left if text and (there or not text.isascii() or " " in text)]


def _set(tag: str, attribute: str, value: str | None) -> str:
    """The start tag with that attribute (None: without it)."""
    bare = re.sub(rf"\s{attribute}(?:=(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?(?=[\s/>])", "", tag, count=1)
    if value is None:
        return bare
    end = len(bare) - (2 if bare.endswith("/>") else 1)
    return f'{bare[:end]} {attribute}="{escape(value)}"{bare[end:]}'


def refill(
    page: str, here: str, action: str, fields: Mapping[str, list[str]], note: str, note_lost: str
) -> str:
    """The page with its form for ``action`` filled, and ``note`` at its head.

    ``here``: the page's own path, which a form without an action goes to. ``note_lost``: said before what found no place.
    """
    filler = _Filler(page, here, action, fields)
    filler.feed(page)
    place = filler.form_at if filler.form_at is not None else filler.main_at
    if place is None:
        return page
    told = f'<p class="govuk-body">{escape(note)}</p>'
    if lost := filler.lost():
        items = "".join(f"<li>{escape(text)}</li>" for text in lost)
        told += f'<p class="govuk-body">{escape(note_lost)}</p><ul class="govuk-list govuk-list--bullet">{items}</ul>'
    edits = [*filler.edits, (place, place, f'<div class="govuk-inset-text" role="status">{told}</div>')]
    for start, end, text in sorted(edits, reverse=True):
        page = page[:start] + text + page[end:]
    return page
