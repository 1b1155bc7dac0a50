"""An objection to a public notice: who, what about, in words, with papers. Anybody may; addresses are limited."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

import forms
from engine.domain.errors import Refused
from engine.domain.portal_rules import rules
from engine.queries import portal_public
from engine.store.tables.portal_public import PublicNotice
from engine.usecases.portal_objections import MEDIA_TYPES, object_to
from web.db import portal_session, running
from web.errors import message_of
from web.i18n import lang
from web.limits import limiter
from web.portal.public import hanging, over
from web.portal.waiting import waiting_page

OBJECTION = forms.load(
    {
        "form": "objection",
        "title": {"zh": "提出异议", "en": "Object"},
        "fields": [
            {
                "name": "name",
                "kind": "text",
                "label": {"zh": "您的姓名", "en": "Your name"},
                "required": True,
                "max_length": 40,
                "autocomplete": "name",
            },
            {
                "name": "phone",
                "kind": "phone",
                "label": {"zh": "您的电话", "en": "Your telephone"},
                "hint": {"zh": "核实和答复时联系您", "en": "To ask you, and to tell you the answer"},
                "required": True,
                "autocomplete": "tel",
            },
            {
                "name": "relation",
                "kind": "choice",
                "label": {"zh": "您是", "en": "You are"},
                "required": True,
                "options": [
                    {"value": "household", "label": {"zh": "公示的这一户的成员", "en": "a member of this household"}},
                    {"value": "neighbour", "label": {"zh": "相邻地块的承包方", "en": "the holder of neighbouring land"}},
                    {"value": "collective", "label": {"zh": "本集体的其他成员", "en": "another member of this collective"}},
                    {"value": "other", "label": {"zh": "其他人", "en": "somebody else"}},
                ],
            },
            {
                "name": "category",
                "kind": "choice",
                "label": {"zh": "对什么有异议", "en": "What do you object to?"},
                "required": True,
                "options": [
                    {"value": "head", "label": {"zh": "户主", "en": "Head of the household"}},
                    {"value": "member", "label": {"zh": "成员", "en": "Members"}},
                    {"value": "parcel", "label": {"zh": "地块（面积、界址、归属）", "en": "Parcels (area, boundary, who holds them)"}},
                    {"value": "other", "label": {"zh": "其他", "en": "Something else"}},
                ],
            },
            {
                "name": "text",
                "kind": "textarea",
                "label": {"zh": "异议的内容和理由", "en": "What is wrong, and why"},
                "required": True,
                "max_length": 1000,
            },
        ],
    }
)  # fmt: skip


def add_routes(blueprint: Blueprint) -> None:
    at = "/portal/notices/<uuid:notice_id>/object"
    blueprint.get(at)(objection)
    blueprint.post(at)(limiter.limit("3/minute;10/hour")(object_now))
    blueprint.get("/portal/objections/<uuid:submission_id>")(limiter.limit("60/minute")(objected))


def objection(notice_id: UUID):
    notice = hanging(notice_id)
    if notice is None:
        return over()
    known = {"name": g.applicant.name, "phone": g.applicant.phone} if g.applicant else {}
    return _page(notice, known, {})


def _page(notice: PublicNotice, data: dict[str, Any], errors: dict[str, list[str]], status: int = 200):
    limits = rules()["objection"]
    views = OBJECTION.view(data, errors, lang())
    html = render_template(
        "portal/objection.html", notice=notice, views=views, errors=errors, limits=limits, types=MEDIA_TYPES
    )
    return html, status


def object_now(notice_id: UUID):
    notice = hanging(notice_id)
    if notice is None:
        return over()
    data, errors = OBJECTION.read(request.form, lang=lang())
    if errors:
        return _page(notice, OBJECTION.draft(request.form), errors, 422)
    try:
        sent = object_to(portal_session(), running().clock, notice, data, posted_files(), g.applicant)
    except Refused as refused:
        portal_session().rollback()
        if refused.code == "over":
            return over()
        return _page(notice, data, {"files-upload": [message_of(refused)]}, 422)
    return redirect(url_for("portal.objected", submission_id=sent))


def posted_files(name: str = "files-upload") -> list[tuple[str, bytes]]:
    """At most one byte more than allowed is read of each, and one file more than allowed."""
    limits = rules()["objection"]
    posted = [upload for upload in request.files.getlist(name) if upload.filename]
    most = limits["max_mb"] * 1024 * 1024 + 1
    return [
        (upload.filename or "", upload.stream.read(most)) for upload in posted[: limits["most_files"] + 1]
    ]


def objected(submission_id: UUID):
    row = portal_public.objection(portal_session(), submission_id)
    if row is None:
        abort(404)
    if row.status == "waiting":
        here = url_for("portal.objected", submission_id=submission_id)
        return waiting_page(
            _("正在提交"), _("您的异议已经收到，正在登记。可以记下这一页的网址，过后再看。"), here
        )
    return render_template("portal/objected.html", row=row, answer=row.answer or {})
