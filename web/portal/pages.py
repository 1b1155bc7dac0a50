"""An application as a list of pages, one question each, made from its form. Pure.

A question that depends on the one above it shares its page, while those are few; otherwise it has its own, which is
listed once the answers ask for it. Every named paper has a page of its own; a choice with a single option is a
declaration, made on the last page, where everything is checked.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from forms import Form, Text
from forms.spec import Field
from forms.view import FieldView

MOST_BESIDE = 3  # questions that may share the page of the one they depend on
TABLES = ("members", "parcels")  # what is known of the household and shown beside the questions about it


@dataclass(frozen=True)
class Page:
    """``fields`` are drawn and saved together; ``paper`` is the kind of paper that the page asks for."""

    slug: str
    title: Text
    fields: tuple[str, ...]
    paper: str | None = None
    required: bool = True
    beside: str | None = None  # one of TABLES

    def owns(self, name: str) -> bool:
        """Whether an error's HTML field name belongs to this page."""
        if self.paper is not None:
            return name == self.slug
        return any(name == field or name.startswith(f"{field}-") for field in self.fields)


def pages_of(form: Form, data: Mapping[str, Any]) -> tuple[Page, ...]:
    """The pages that these answers ask for, right or wrong as they are."""
    asked = form.asked(data)
    wanted = {p.kind for f in form.fields for p in f.papers if form.wants(p, data)}
    return tuple(
        page
        for page in _all_pages(form)
        if asked & set(page.fields) and (page.paper is None or page.paper in wanted)
    )


def _all_pages(form: Form) -> tuple[Page, ...]:
    pages: list[Page] = []
    for asked in form.fields:
        if asked.kind == "files" and asked.papers:
            pages.extend(_paper_pages(asked))
        elif asked.kind == "note" or is_declaration(asked):
            continue
        elif pages and _depends(asked, pages[-1]) and _few(form, pages[-1]):
            last = pages.pop()
            pages.append(
                Page(last.slug, last.title, (*last.fields, asked.name), None, last.required, last.beside)
            )
        else:
            required = asked.required or bool(asked.required_if)
            pages.append(Page(asked.name, asked.label, (asked.name,), None, required, _beside(asked)))
    return tuple(pages)


def declarations(form: Form) -> tuple[Field, ...]:
    return tuple(asked for asked in form.fields if is_declaration(asked))


def is_declaration(asked: Field) -> bool:
    return asked.kind == "choice" and asked.required and len(asked.options) == 1


def _depends(asked: Field, page: Page) -> bool:
    return (
        bool(asked.show_if) and page.paper is None and {name for name, _ in asked.show_if} <= set(page.fields)
    )


def _few(form: Form, page: Page) -> bool:
    return sum(page.fields[0] in dict(asked.show_if) for asked in form.fields) <= MOST_BESIDE


def on_page(view: FieldView, page: Page) -> FieldView:
    """Asked already where the condition is answered on a page before; the browser looks at this page alone."""
    if view.show_if is None:
        return view
    here = {name: values for name, values in json.loads(view.show_if).items() if name in page.fields}
    return replace(view, show_if=json.dumps(here, ensure_ascii=False) if here else None)


def _paper_pages(asked: Field) -> Iterable[Page]:
    for paper in asked.papers:
        yield Page(
            f"{asked.name}-{paper.kind}",
            paper.label,
            (asked.name,),
            paper.kind,
            paper.required or bool(paper.required_if),
        )


def _beside(asked: Field) -> str | None:
    """``members_right`` is asked beside the table of members; a list to pick from is its own table."""
    return next((name for name in TABLES if asked.name.startswith(f"{name}_")), None)


def find(pages: Iterable[Page], slug: str) -> Page | None:
    return next((page for page in pages if page.slug == slug), None)


def following(pages: tuple[Page, ...], page: Page, open_slugs: set[str]) -> Page | None:
    """The next page that must be filled in and is not: after this one first, then from the start."""
    at = pages.index(page)
    order = (*pages[at + 1 :], *pages[:at])
    return next((p for p in order if p.required and p.slug in open_slugs), None)


def errors_of(page: Page, errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: texts for name, texts in errors.items() if page.owns(name)}
