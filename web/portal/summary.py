"""Answers read back before they are sent: one row a page, each with a way to change it."""

from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from web.i18n import gettext as _
from web.i18n import lang
from web.portal.filling import Filling
from web.portal.pages import Page


def read_back(here: Filling) -> list[dict[str, Any]]:
    lines = {line.name: line for line in here.form.summary(here.draft.data, lang(), here.context())}
    rows = []
    for page in here.pages:
        change = url_for("portal.question", draft_id=here.draft.id, slug=page.slug) + "?from=check"
        rows.append(
            {"key": page.title.for_lang(lang()), "value": _value(here, page, lines), "change": change}
        )
    return rows


def _value(here: Filling, page: Page, lines: dict[str, Any]) -> Markup:
    if page.paper is not None:
        return _files(here, page)
    given = [lines[name] for name in page.fields if name in lines]
    if not given:
        return Markup('<span class="tq-soft">{}</span>').format(_("还没填"))
    return Markup("<br>").join(_answer(here, line) for line in given)


def _answer(here: Filling, line: Any) -> Markup:
    if line.kind == "parcels":
        return _parcels(here, line)
    return Markup("<br>").join(_row(row) for row in line.rows) if line.rows else _lines(line.value)


def _row(row: list[Any]) -> Markup:
    """One of several: a respondent, a piece of evidence, a witness."""
    return Markup(_("；")).join(escape(f"{cell.label}{_('：')}{cell.value}") for cell in row)


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(part) for part in text.split("\n"))


def _parcels(here: Filling, line: Any) -> Markup:
    """Names and areas, and how many in all, instead of bare codes."""
    known = {parcel["code"]: parcel for parcel in here.person.facts.get("parcels", [])}
    codes = here.draft.data.get(line.name) or []
    rows = [known[code] for code in codes if code in known]
    said = [
        Markup("{name} {area}").format(name=row["name"] or row["code"], area=_("%(mu)s亩", mu=row["area_mu"]))
        for row in rows
    ]
    return Markup("<br>").join([escape(_("共 %(n)s 块", n=len(codes))), *said])


def _files(here: Filling, page: Page) -> Markup:
    ids = (here.draft.data.get(page.fields[0]) or {}).get(page.paper or "") or []
    files = here.context()["files"]
    named = [escape(files[i]["name"]) for i in ids if i in files]
    if named:
        return Markup("<br>").join(named)
    missing = _("还没上传") if page.required else _("不交")
    return Markup('<span class="tq-soft">{}</span>').format(missing)
