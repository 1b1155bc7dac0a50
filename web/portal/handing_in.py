"""What became of a submission: a moment of waiting, then the case number with its code, or why not."""

from uuid import UUID

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from engine.queries import portal_pages
from engine.usecases.portal_drafts import forget_lookup_code
from web.db import portal_session
from web.portal.access import own
from web.portal.waiting import no_store, waiting_page

DONE = {
    "remind": lambda: _("已催办，经办单位会看到"),
    "withdrawal": lambda: _("已撤回"),
    "correct": lambda: _("已转给村民委员会核对，结果会告诉您"),
}


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/submissions/<uuid:submission_id>")(own(submitted))
    blueprint.post("/portal/submissions/<uuid:submission_id>/noted")(own(noted))


def submitted(submission_id: UUID):
    row = portal_pages.submission(portal_session(), g.applicant, submission_id)
    if row is None:
        abort(404)
    if row.status == "waiting":
        here = url_for("portal.submitted", submission_id=submission_id)
        return waiting_page(
            _("正在提交"), _("您的内容已经收到，正在登记，一般几秒钟就好。可以关掉这一页，过后再看。"), here
        )
    answer = row.answer or {}
    if row.status == "refused":
        return render_template("portal/refused.html", row=row, answer=answer)
    if row.kind == "confirm":
        return redirect(url_for("portal.household"))
    if row.kind in DONE:
        flash(DONE[row.kind](), "success")
        return redirect(url_for("portal.case_page", number=answer["case"]))
    if row.kind == "party":
        flash(_("已经交上，仲裁委员会或者调解组织马上看得到"), "success")
        return redirect(url_for("portal.my_dispute", number=answer["case"]))
    if row.kind == "supply":
        flash(_("补正材料已经交上，接着由要求补正的单位办理"), "success")
        return redirect(url_for("portal.case_page", number=answer["case"]))
    return no_store(make_response(render_template("portal/taken.html", row=row, answer=answer)))


def noted(submission_id: UUID):
    """The lookup code was written down: it is shown no more."""
    session = portal_session()
    row = portal_pages.submission(session, g.applicant, submission_id)
    if row is None or row.status != "taken":
        abort(404)
    forget_lookup_code(session, g.applicant, row)
    return redirect(url_for("portal.case_page", number=(row.answer or {})["case"]))
