"""An application: its list of parts, one question a page, everything read again before it is sent."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from engine.domain.errors import Conflict, NotFound
from engine.queries import portal_pages
from engine.store.tables.portal import Submission
from engine.usecases.portal_drafts import drop_draft, save_answers, start_application, submit_draft
from web.db import portal_session, running
from web.i18n import lang
from web.limits import limiter
from web.portal.access import own
from web.portal.asking import said_of_facts
from web.portal.filling import Filling, filling
from web.portal.pages import Page, declarations, errors_of, find, following, on_page
from web.portal.summary import read_back


def add_routes(blueprint: Blueprint) -> None:
    at = "/portal/applications/<uuid:draft_id>"
    blueprint.post("/portal/apply/<case_type>")(own(start))
    blueprint.get(at)(own(parts))
    blueprint.post(f"{at}/drop")(own(drop))
    blueprint.get(f"{at}/check")(own(check))
    blueprint.post(f"{at}/check")(limiter.limit("20/minute")(own(send)))
    blueprint.get(f"{at}/<slug>")(own(question))
    blueprint.post(f"{at}/<slug>")(limiter.limit("60/minute")(own(answer)))


def start(case_type: str):
    session = portal_session()
    offer = portal_pages.offer(session, g.applicant.county, case_type)
    if offer is None:
        abort(404)
    draft = start_application(session, running().clock, g.applicant, offer)
    return redirect(url_for("portal.parts", draft_id=draft.id))


def parts(draft_id: UUID):
    """The application's parts; the whole row is the link, the last one checks and submits."""
    here = filling(draft_id)
    if here.draft.submitted:
        return _to_submission(here)
    if here.draft.case_number and not here.draft.act:
        return redirect(url_for("portal.supply", number=here.draft.case_number))
    last = portal_pages.last_submission(portal_session(), draft_id)
    rows, done = task_rows(here), not here.open_slugs()
    if not here.draft.act and not any(
        page.beside for page in here.pages
    ):  # a form that does not ask itself whether the facts are right
        rows.insert(0, _facts_row(here))
    return render_template("portal/parts.html", here=here, rows=rows, ready=done, refused=_why(last))


def task_rows(here: Filling) -> list[dict[str, Any]]:
    """A row for each part, as ui.task_list draws it."""
    _data, errors = here.read()
    return [_row(here, page, errors) for page in here.pages]


def _facts_row(here: Filling) -> dict[str, Any]:
    said = said_of_facts()
    words = {"right": _("无误"), "wrong": _("有误")}
    return {
        "title": _("核对登记的信息"),
        "href": url_for("portal.facts", draft=here.draft.id),
        "status": words[said.data["answer"]] if said else _("还没核对"),
        "tone": None if said else "water",
        "paper": None,
    }


def _why(last: Submission | None) -> dict[str, Any] | None:
    """Why the last try was refused, for as long as the draft is open again."""
    return last.answer if last is not None and last.status == "refused" else None


def _row(here: Filling, page: Page, errors: dict[str, list[str]]) -> dict[str, Any]:
    faults = errors_of(page, errors)
    seen = any(name in here.draft.data for name in page.fields)
    if page.paper is not None:
        kept = (here.draft.data.get(page.fields[0]) or {}).get(page.paper) or []
        seen = bool(kept)
        status = (
            _("已上传 %(n)s 个文件", n=len(kept))
            if kept
            else _("必交，还没上传")
            if page.required
            else _("没有可以不交")
        )
        tone = None if kept or not page.required else "water"
    else:
        open_words = (_("还没填"), "water") if page.required else (_("可以不填"), None)
        status, tone = (_("已填好"), None) if seen and not faults else open_words
    if seen and faults:
        status, tone = _("需要更正"), "red"
    href = url_for("portal.question", draft_id=here.draft.id, slug=page.slug)
    return {
        "title": page.title.for_lang(lang()),
        "href": href,
        "status": status,
        "tone": tone,
        "paper": page.paper,
    }


def question(draft_id: UUID, slug: str):
    here = filling(draft_id)
    if here.draft.submitted:
        return _to_submission(here)
    return _draw(here, _page(here, slug), here.draft.data, {})


def _page(here: Filling, slug: str) -> Page:
    page = find(here.pages, slug)
    if page is None:
        raise NotFound("page", "没有这一页，请核对地址")
    return page


def _draw(here: Filling, page: Page, data: dict[str, Any], errors: dict[str, list[str]], status: int = 200):
    drawn = here.form.view(data, errors, lang(), here.context(data))
    views = [on_page(view, page) for view in drawn if view.name in page.fields]
    paper = next((p for v in views for p in v.papers if p.name == page.slug), None) if page.paper else None
    limits = here.limits(page.paper) if page.paper else None
    page_html = render_template(
        "portal/question.html",
        here=here,
        page=page,
        views=views,
        paper=paper,
        limits=limits,
        errors=errors,
        number=here.pages.index(page) + 1,
        back=_back(here),
        from_check=request.values.get("from") == "check",
    )
    return page_html, status


def _back(here: Filling) -> str:
    endpoint = "portal.check" if request.values.get("from") == "check" else "portal.parts"
    return url_for(endpoint, draft_id=here.draft.id)


def answer(draft_id: UUID, slug: str):
    """Save what was typed, right or wrong; go on when it is right."""
    here = filling(draft_id)
    if here.draft.submitted:
        return _to_submission(here)
    page = _page(here, slug)
    session, clock = portal_session(), running().clock
    refused: dict[str, list[str]] = {}
    if page.paper is None:
        here.draft = save_answers(session, clock, g.applicant, draft_id, _typed(here, page, request.form))
    else:
        kept, refused = _uploaded(here, page)
        papers = {page.fields[0]: {page.paper: kept}}
        here.draft = save_answers(session, clock, g.applicant, draft_id, {}, papers)
    errors = here.errors(page)
    if page.paper is not None and not page.required:
        errors = {}
    errors = errors | refused
    if errors:
        return _draw(here, page, here.draft.data, errors, 422)
    if request.values.get("from") == "check":
        return redirect(url_for("portal.check", draft_id=draft_id))
    after = following(here.pages, page, here.open_slugs())
    if after is None:
        return redirect(url_for("portal.parts", draft_id=draft_id))
    return redirect(url_for("portal.question", draft_id=draft_id, slug=after.slug))


def _typed(here: Filling, page: Page, form: MultiDict[str, str]) -> dict[str, Any]:
    """The answers of this page, as typed."""
    typed = here.form.draft(form)
    return {name: typed.get(name) for name in page.fields}


def _uploaded(here: Filling, page: Page) -> tuple[list[str], dict[str, list[str]]]:
    """(ids of the files now kept for this paper, uploads that were refused)."""
    data, errors = here.form.read(request.form, lang=lang(), files=request.files, store=here.store)
    posted = (data.get(page.fields[0]) or {}).get(page.paper or "") or []
    known = portal_pages.uploads(portal_session(), g.applicant, posted)
    chosen = any(upload and upload.filename for upload in request.files.getlist(f"{page.slug}-upload"))
    refused = {page.slug: errors[page.slug][:1]} if chosen and page.slug in errors else {}
    return [i for i in posted if i in known], refused


def check(draft_id: UUID):
    here = filling(draft_id)
    if here.draft.submitted:
        return _to_submission(here)
    return _check_page(here, {})


def _check_page(here: Filling, errors: dict[str, list[str]], status: int = 200):
    _data, found = here.read()
    lacking = [page for page in here.pages if errors_of(page, found)]
    html = render_template(
        "portal/check.html",
        here=here,
        rows=read_back(here),
        lacking=[(page.title.for_lang(lang()), page.slug) for page in lacking],
        declared=[
            v for v in here.form.view({}, {}, lang()) if v.name in {d.name for d in declarations(here.form)}
        ],
        errors=errors,
    )
    return html, status


def send(draft_id: UUID):
    here = filling(draft_id)
    if here.draft.submitted:
        return _to_submission(here)
    names = [declared.name for declared in declarations(here.form)]
    typed = here.draft.data | {name: request.form.get(name) for name in names}
    data, errors = here.read(typed)
    for name in names:
        if name in errors:
            errors[name] = [_("请先勾选声明，再提交")]
    if errors:
        return _check_page(here, errors, 422)
    try:
        submitted = submit_draft(portal_session(), running().clock, g.applicant, draft_id, data)
    except Conflict:
        return _to_submission(here)
    return redirect(url_for("portal.submitted", submission_id=submitted))


def _to_submission(here: Filling):
    last = portal_pages.last_submission(portal_session(), here.draft.id)
    if last is None:
        abort(404)
    return redirect(url_for("portal.submitted", submission_id=last.id))


def drop(draft_id: UUID):
    here = portal_pages.draft(portal_session(), g.applicant, draft_id)
    back = (
        url_for("portal.my_dispute", number=here.case_number) if here and here.act else url_for("portal.home")
    )
    drop_draft(portal_session(), g.applicant, draft_id)
    flash(_("草稿已删除"), "success")
    return redirect(back)
