"""The applicants' side: sign in, own facts, apply, supply, follow, download. Reads the portal's schema alone."""

from typing import Any
from uuid import UUID

from flask import Response, g, request, url_for
from flask_babel import gettext as _
from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound as NotThere
from werkzeug.exceptions import PreconditionFailed

from engine.domain.errors import Conflict, Invalid, NotFound
from engine.queries import portal_pages
from engine.queries.portal_parties import act_of, dispute_of
from engine.store.tables.portal import PortalDraft, Submission
from engine.usecases.portal_drafts import (
    drop_draft,
    forget_lookup_code,
    save_answers,
    start_act,
    start_application,
    start_supplement,
    submit_draft,
)
from engine.usecases.portal_sign_in import ask_sign_in
from engine.usecases.portal_uploads import keep_upload
from web.api import portal_schemas as out
from web.api.access import applicant, documents
from web.api.blueprint import ETAG, MAY_MATCH, blueprint, etag
from web.api.form_schemas import json_schema
from web.api.once import portal_once
from web.api.papers import file_answer
from web.api.schemas import DraftIn, UploadedOut
from web.api.shapes import plain
from web.api.uploads import posted_upload, upload_body
from web.db import portal_session, running
from web.i18n import errors_said, lang
from web.limits import limiter
from web.portal.filling import Filling, filling, filling_of, form_of
from web.portal.signing_in import WHO

blp = blueprint("portal", "承包方 / Applicants")
MINE = "/portal/drafts/<uuid:draft_id>"


def own() -> str:
    return str(g.applicant.id)


def stranger() -> str:
    return ""


@blp.route("/portal/sign-ins", methods=["POST"])
@limiter.limit("10/minute;40/hour")
@blp.arguments(out.SignInIn)
@blp.response(202, out.SignInOut)
@portal_once(stranger)
def sign_in(args: dict[str, Any]):
    """Ask for a one-time code. The answer is the same whether or not the register knows the person."""
    data, errors = WHO.read(args, lang=lang())
    if errors:
        raise Invalid(errors)
    asked = ask_sign_in(portal_session(), running().clock, data["name"], data["id_number"], data["phone"])
    return {"id": str(asked)}, 202


@blp.route("/portal/me")
@applicant
@blp.response(200, out.ApplicantOut)
def me():
    """Who one is, and what is known of the household."""
    person = g.applicant
    names = ("id", "name", "county", "contractor_code", "phone", "facts")
    return {name: plain(getattr(person, name)) for name in names}


@blp.route("/portal/offers")
@applicant
@blp.response(200, out.OfferOut(many=True))
def offers():
    """What one can apply for, with the form to fill in."""
    found = portal_pages.offers(portal_session(), g.applicant.county)
    return [offer | {"schema": _schema(offer["version"], offer["form"])} for offer in found]


def _schema(version: str, name: str) -> dict[str, Any] | None:
    published = portal_pages.published_form(portal_session(), version, name)
    return json_schema(form_of(published)) if published else None


class UploadKind(Schema):
    kind = fields.String(required=True, metadata={"description": "kind of paper, from the form"})
    case_type = fields.String(metadata={"description": "for an application"})
    case = fields.String(metadata={"description": "for what a case asks for"})
    act = fields.String(metadata={"description": "with case: for what a party does in a dispute"})


@blp.route("/portal/uploads", methods=["POST"])
@applicant
@limiter.limit("60/minute")
@documents(
    requestBody=upload_body(
        kind="of paper, from the form",
        case_type="of an application",
        case="of a supplement",
        act="with case: of what a party does in a dispute",
    )
)
@blp.response(201, UploadedOut)
@portal_once(own)
def upload():
    """Hand in a file; its id then goes among the answers."""
    args, given = posted_upload(UploadKind)
    here = _begun(args)
    limits = here.limits(args["kind"])
    body = given.stream.read(int(limits["max_mb"]) * 1024 * 1024 + 1)
    kept = keep_upload(
        portal_session(), running().clock, g.applicant, args["kind"], body, given.filename or "file", limits
    )
    return {"id": str(kept), "kind": args["kind"]}, 201


def _begun(args: dict[str, Any]) -> Filling:
    """The open draft of an application, or of what a case asks for; begun where there is none."""
    portal, clock = portal_session(), running().clock
    if ("case_type" in args) == ("case" in args):
        raise Invalid({"case_type": [_("请填 case_type 或 case 其中一项")]})
    if "case" in args and "act" in args:
        return _of_party(args["case"], args["act"])
    if "case" in args:
        view = portal_pages.case_of(portal, g.applicant, args["case"])
        if view is None:
            raise NotFound("case", "没有找到办件 %(number)s，请核对编号", number=args["case"][:40])
        draft = start_supplement(portal, clock, g.applicant, view)
        return filling_of(draft, (view.todo or {})["version"])
    offer = portal_pages.offer(portal, g.applicant.county, args["case_type"])
    if offer is None:
        raise NotFound("offer", "这项业务暂时不能在网上办理，请到村委会办理")
    return filling_of(start_application(portal, clock, g.applicant, offer), offer["version"])


def _of_party(number: str, name: str) -> Filling:
    """Something that a party does in a dispute."""
    view = dispute_of(portal_session(), g.applicant, number)
    asked = act_of(view, name) if view else None
    if view is None or asked is None:
        raise NotFound("act", "这一项现在不能办：可能已经办过、期限已过，或者案件已经往下办了")
    return filling_of(start_act(portal_session(), running().clock, g.applicant, view, asked), view.version)


@blp.route("/portal/drafts")
@applicant
@blp.response(200, out.PortalDraftOut(many=True))
def drafts():
    """Applications begun and not submitted."""
    return [draft_shape(draft) for draft in portal_pages.drafts(portal_session(), g.applicant)]


@blp.route("/portal/drafts", methods=["POST"])
@applicant
@blp.arguments(out.PortalDraftIn)
@blp.response(201, out.PortalDraftOut, headers=ETAG)
@portal_once(own)
def begin(args: dict[str, Any]):
    """Begin an application or a supplement; the one that was begun before is given again."""
    here = _begun(args)
    where = {"Location": url_for("api-portal.draft", draft_id=here.draft.id)}
    return draft_shape(here.draft), 201, where | etag(stamp(here.draft))


@blp.route(MINE)
@applicant
@blp.response(200, out.PortalDraftOut, headers=ETAG)
def draft(draft_id: UUID):
    """One's own draft."""
    found = portal_pages.draft(portal_session(), g.applicant, draft_id)
    if found is None:
        raise NotFound("draft", "没有找到这份申请")
    return draft_shape(found), 200, etag(stamp(found))


@blp.route(MINE, methods=["PUT"])
@applicant
@blp.arguments(DraftIn)
@blp.response(200, out.PortalDraftOut, headers=ETAG)
@documents(parameters=[MAY_MATCH])
def keep(args: dict[str, Any], draft_id: UUID):
    """Keep answers, right or wrong; fields that are not sent stay. If-Match as for staff's drafts."""
    here, portal = filling(draft_id), portal_session()
    asked = request.headers.get("If-Match")
    if asked is not None and asked.strip() not in ("*", f'"{stamp(here.draft)}"'):
        raise PreconditionFailed
    kept = save_answers(portal, running().clock, g.applicant, draft_id, here.form.draft(args["data"]))
    portal.settle()  # type: ignore[attr-defined]
    return draft_shape(kept), 200, etag(stamp(kept))


@blp.route(MINE, methods=["DELETE"])
@applicant
@blp.response(204)
def drop(draft_id: UUID):
    """Throw it away."""
    portal = portal_session()
    drop_draft(portal, g.applicant, draft_id)
    portal.settle()  # type: ignore[attr-defined]
    return ""


@blp.route(f"{MINE}/submission", methods=["POST"])
@applicant
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def submit(draft_id: UUID):
    """Check everything and hand it in. Handed in before: the submission it became."""
    here = filling(draft_id)
    if here.draft.submitted:
        last = portal_pages.last_submission(portal_session(), draft_id)
        if last is None:
            raise Conflict("submitted", "这份内容已经提交，不能再改")
        return _handed_in(last)
    return send(here, here.draft.data)


@blp.route("/portal/applications", methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.arguments(out.ApplicationIn)
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def apply(args: dict[str, Any]):
    """Apply in one go. The inside takes it in within seconds: follow Location."""
    return send(_begun({"case_type": args["case_type"]}), args["answers"])


@blp.route("/portal/cases/<number>/supplements", methods=["POST"])
@applicant
@limiter.limit("20/minute")
@blp.arguments(Schema.from_dict({"answers": fields.Dict(required=True)}, name="SupplementIn"))
@blp.response(202, out.SubmissionOut)
@portal_once(own)
def supply(args: dict[str, Any], number: str):
    """Hand in what the case asks for, in one go."""
    return send(_begun({"case": number}), args["answers"])


def send(here: Filling, answers: dict[str, Any]):
    data, errors = here.read(answers)
    if errors:
        raise Invalid(errors)
    portal = portal_session()
    submitted = submit_draft(portal, running().clock, g.applicant, here.draft.id, data)
    return _handed_in(portal.get_one(Submission, submitted))


def _handed_in(row: Submission):
    return submission_shape(row), 202, {"Location": url_for("api-portal.submission", submission_id=row.id)}


@blp.route("/portal/submissions/<uuid:submission_id>")
@applicant
@blp.response(200, out.SubmissionOut)
def submission(submission_id: UUID):
    """Whether the inside has taken it in, and as which case."""
    return submission_shape(_submission(submission_id))


@blp.route("/portal/submissions/<uuid:submission_id>/lookup-code", methods=["DELETE"])
@applicant
@blp.response(204)
def noted(submission_id: UUID):
    """The lookup code was noted: from now on it is nowhere but with its owner."""
    portal = portal_session()
    forget_lookup_code(portal, g.applicant, _submission(submission_id))
    portal.settle()  # type: ignore[attr-defined]
    return ""


def _submission(submission_id: UUID) -> Submission:
    found = portal_pages.submission(portal_session(), g.applicant, submission_id)
    if found is None:
        raise NotFound("submission", "没有找到这次提交")
    return found


@blp.route("/portal/cases")
@applicant
@blp.response(200, out.CaseViewOut(many=True))
def cases():
    """The household's cases, the newest first."""
    return [view_shape(view) for view in portal_pages.cases_of(portal_session(), g.applicant)]


@blp.route("/portal/cases/<number>")
@applicant
@blp.response(200, out.CaseViewOut)
def case(number: str):
    """Whose turn it is, until when, and what one must do."""
    view = portal_pages.case_of(portal_session(), g.applicant, number)
    if view is None:
        raise NotThere
    return view_shape(view)


@blp.route("/portal/cases/<number>/papers")
@applicant
@blp.response(200, out.PaperViewOut(many=True))
def papers(number: str):
    """What one may download."""
    portal = portal_session()
    if portal_pages.case_of(portal, g.applicant, number) is None:
        raise NotThere
    return [paper_shape(paper) for paper in portal_pages.papers_of(portal, number)]


@blp.route("/portal/cases/<number>/papers/<code>/file")
@applicant
@blp.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def paper_file(number: str, code: str) -> Response:
    """The PDF itself."""
    portal = portal_session()
    if portal_pages.case_of(portal, g.applicant, number) is None:
        raise NotThere
    found = portal_pages.paper_file(portal, number, code)
    if found is None or found.body is None:
        raise NotThere
    return file_answer(bytes(found.body), "application/pdf", f"{found.title}{found.number}.pdf")


def stamp(found: PortalDraft) -> int:
    return int(found.saved_at.timestamp() * 1_000_000)


def draft_shape(found: PortalDraft) -> dict[str, Any]:
    names = ("id", "case_type", "form", "data", "saved_at", "submitted")
    return {name: plain(getattr(found, name)) for name in names} | {
        "case": found.case_number,
        "task": found.task_number,
        "act": found.act,
    }


def submission_shape(found: Submission) -> dict[str, Any]:
    answer = found.answer or {}
    if "errors" in answer:
        answer = answer | {"errors": errors_said(answer)}
    return {
        "id": str(found.id),
        "kind": found.kind,
        "status": found.status,
        "case": answer.get("case") or found.case_number,
        "lookup_code": answer.get("lookup_code"),
        "answer": answer if found.status == "refused" else None,
        "submitted_at": plain(found.submitted_at),
    }


def view_shape(view: Any) -> dict[str, Any]:
    names = ("number", "title", "status", "turn", "steps", "todo", "may", "updated_at")
    return {name: plain(getattr(view, name)) for name in names}


def paper_shape(paper: Any) -> dict[str, Any]:
    names = ("verify_code", "kind", "title", "number", "dated", "office", "sha256")
    shown = {name: plain(getattr(paper, name)) for name in names}
    return shown | {"case": paper.case_number, "facts": paper.facts}
