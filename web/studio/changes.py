"""What a draft changes, whether it may be published, and the two persons who publish it."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.errors import DomainError, Invalid
from engine.usecases import edit_process as edit
from engine.usecases.publish_forms import publish_forms
from web.auth import needs
from web.db import office_session, portal_session, running
from web.errors import message_of, status_of
from web.studio.blueprint import MODEL, blueprint, desk, page
from web.studio.compare import file_changes, model_changes
from web.studio.words import problem_told


@blueprint.get("/studio/<case_type>/changes")
@needs("studio")
def changes(case_type: str):
    return _page(case_type)


@blueprint.post("/studio/<case_type>/changes/<any(submit, approve, give_back, withdraw, discard):act>")
@needs("studio")
def act(case_type: str, act: str):
    """A refusal shows the same page with the reason and what was typed."""
    desk(case_type)
    session, note = office_session(), request.form.get("note", "")
    try:
        told = ACTS[act](session, case_type, note, request.form.get("tag", ""))
        session.commit()
    except DomainError as error:
        session.rollback()
        fields = error.fields if isinstance(error, Invalid) else {}
        errors = {name: [_(text) for text in texts] for name, texts in fields.items()}
        return _page(case_type, errors or {"": [message_of(error)]}, note, act), status_of(error)
    if act == "approve":
        tell_portal()
    flash(told, "success")
    endpoint = "studio.versions" if act == "approve" else "studio.changes"
    return redirect(url_for(endpoint, case_type=case_type), 303)


def _page(case_type: str, errors=None, note: str = "", act: str = "") -> str:
    found = desk(case_type)
    draft = found.draft
    changed = bool(draft.changed)
    problems = edit.problems_of(draft) if changed else []
    return page(
        "changes.html",
        found,
        "changes",
        files=file_changes(draft.base_files, draft.files),
        model=model_changes(draft.base_files, draft.files) if changed else [],
        problems=[problem_told(problem, MODEL) for problem in problems],
        wrong=any(problem.severity == "error" for problem in problems),
        errors=errors or {},
        note=note,
        act=act,
    )


def _submit(session, case_type: str, note: str, tag: str) -> str:
    edit.submit_draft(session, running().clock, g.actor, case_type, note, tag)
    return _("已提交，等待另一人复核")


def _approve(session, case_type: str, note: str, tag: str) -> str:
    edit.approve_draft(session, running().clock, g.actor, case_type, tag)
    return _("已发布。新收的办件按新版办理，办理中的仍按原来的版本办完")


def _give_back(session, case_type: str, note: str, tag: str) -> str:
    edit.return_draft(session, running().clock, g.actor, case_type, note, tag)
    return _("已退回修改")


def _withdraw(session, case_type: str, note: str, tag: str) -> str:
    edit.withdraw_draft(session, running().clock, g.actor, case_type)
    return _("已撤回，可以继续修改")


def _discard(session, case_type: str, note: str, tag: str) -> str:
    edit.discard_draft(session, running().clock, g.actor, case_type, tag)
    return _("已放弃这份修改")


ACTS = {
    "submit": _submit,
    "approve": _approve,
    "give_back": _give_back,
    "withdraw": _withdraw,
    "discard": _discard,
}


def tell_portal() -> None:
    """Households see the new forms at once; where the portal cannot be reached the ticker brings them later."""
    portal = portal_session()
    try:
        publish_forms(office_session(), portal, g.actor.county, local_date(running().clock.now()))
        portal.commit()
    except Exception:  # the version is published either way
        portal.rollback()
        from flask import current_app

        current_app.logger.exception("the portal was not told of a new version")
