"""Hand in what is missing: what, why, until when, and the place to upload it, on one page."""

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import Conflict
from engine.queries import portal_pages
from engine.store.tables.portal import CaseView
from engine.usecases.portal_drafts import save_answers, start_supplement, submit_draft
from web.db import portal_session, running
from web.i18n import elder, lang
from web.limits import limiter
from web.portal.access import own
from web.portal.applying import task_rows
from web.portal.filling import Filling, filling_of

MOST_QUESTIONS = 3  # on one page, beside the papers


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/cases/<number>/supply")(own(supply))
    blueprint.post("/portal/cases/<number>/supply")(limiter.limit("60/minute")(own(hand_in)))


def _open(number: str) -> tuple[CaseView, Filling] | None:
    """The case with the person's draft for its open task; None when nothing is asked of them."""
    session = portal_session()
    view = portal_pages.case_of(session, g.applicant, number)
    if view is None:
        abort(404)
    if not view.todo or view.todo.get("signs") or view.applicant_id != g.applicant.id:
        return None
    draft = start_supplement(session, running().clock, g.applicant, view)
    return view, filling_of(draft, view.todo["version"])


def supply(number: str):
    found = _open(number)
    if found is None:
        return redirect(url_for("portal.case_page", number=number))
    view, here = found
    return _draw(view, here, here.draft.data, {})


def _draw(
    view: CaseView, here: Filling, data: dict[str, Any], errors: dict[str, list[str]], status: int = 200
):
    last = portal_pages.last_submission(portal_session(), here.draft.id)
    by_page = _by_page(here)
    html = render_template(
        "portal/supply.html",
        view=view,
        here=here,
        views=here.form.view(data, errors, lang(), here.context(data)),
        errors=errors,
        rows=task_rows(here) if by_page else None,
        ready=by_page and not here.open_slugs(),
        refused=last.answer if last is not None and last.status == "refused" else None,
    )
    return html, status


def _by_page(here: Filling) -> bool:
    """A form of many questions is filled in like an application; so is any where few things are wanted at once."""
    questions = [page for page in here.pages if page.paper is None]
    return len(questions) > MOST_QUESTIONS or elder()


def hand_in(number: str):
    """Uploads are kept whether or not the rest is right; 保存 comes back to the page, 提交 sends it."""
    found = _open(number)
    if found is None:
        return redirect(url_for("portal.case_page", number=number))
    view, here = found
    data, errors = here.form.read(request.form, lang=lang(), files=request.files, store=here.store)
    uploads = portal_pages.uploads(portal_session(), g.applicant, _ids(here, data))
    data = _own_files(here, data, uploads)
    here.draft = save_answers(portal_session(), running().clock, g.applicant, here.draft.id, data)
    if "save" in request.form:
        refused = {name: texts for name, texts in errors.items() if _is_upload(name)}
        if refused:
            return _draw(view, here, data, refused, 422)
        flash(_("已保存，还没有提交"), "note")
        return redirect(url_for("portal.supply", number=number))
    if errors:
        return _draw(view, here, data, errors, 422)
    try:
        submitted = submit_draft(portal_session(), running().clock, g.applicant, here.draft.id, data)
    except Conflict:
        return redirect(url_for("portal.case_page", number=number))
    return redirect(url_for("portal.submitted", submission_id=submitted))


def _ids(here: Filling, data: dict[str, Any]) -> list[str]:
    return [file_id for _, _, file_id in here.form.files_in(data)]


def _own_files(here: Filling, data: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The answers without files that are not the person's own."""
    asked = {field.name for field in here.form.fields if field.kind == "files"}
    kept = dict(data)
    for name in asked & set(kept):
        value = kept[name]
        if isinstance(value, dict):
            kept[name] = {kind: [i for i in ids if i in known] for kind, ids in value.items()}
        elif isinstance(value, list):
            kept[name] = [i for i in value if i in known]
    return kept


def _is_upload(name: str) -> bool:
    posted = request.files.getlist(f"{name}-upload")
    return any(upload and upload.filename for upload in posted)
