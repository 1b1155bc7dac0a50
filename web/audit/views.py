"""The auditor's place: every case can be replayed on its diagram, and the whole record be verified."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from engine.queries import audit, case_file
from engine.queries.accounts import events as account_events
from engine.queries.scoped import places, visible_case
from engine.store.history import checkpoints
from engine.store.scope import one_view
from engine.store.signing import public_key_hex
from engine.store.tables.history import Checkpoint
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.note_read import note_read
from engine.usecases.procedures import procedure_of
from engine.usecases.replay_case import Replay, replay_case
from engine.usecases.verify_history import make_checkpoint, verify_history
from web.accounts.words import event_words
from web.audit.words import Recorded, subject_words
from web.auth import needs
from web.db import office_session, running
from web.i18n import FILTERS, N_
from web.inbox.shell import asked_page, same_list, searched, staff_shell
from web.inbox.words import case_title, element_name, position_words
from web.jobs.words import phase_words

blueprint = Blueprint("audit", __name__)
blueprint.context_processor(staff_shell)


blueprint.add_app_template_global(case_title, "audit_case_title")

# what verification finds, in the auditor's words
REASONS = {
    "missing event": N_("缺少记录"),
    "payload altered": N_("记录的内容被改动"),
    "event altered": N_("记录被改动"),
    "case without events": N_("办件没有任何记录"),
    "checkpoint missing before this one": N_("之前缺少检查点"),
    "heads altered": N_("检查点的内容被改动"),
    "signature does not match": N_("检查点的签名不符"),
    "events differ from the signed checkpoint": N_("记录与签名的检查点不符"),
    "case vanished since the checkpoint": N_("检查点之后整个办件不见了"),
    "file is missing": N_("文书文件不见了"),
    "file was altered": N_("文书文件被改动"),
    "file is not the recorded one": N_("文书换成了另一份文件"),
    "paper is gone": N_("文书不见了"),
    "events without a case": N_("有记录却没有办件"),
}


def fault_words(reason: str) -> str:
    return _(REASONS.get(reason, reason))


@blueprint.get("/audit")
@needs("audit")
def overview():
    session, words, page = office_session(), searched(), asked_page()
    rows, more = audit.cases_to_audit(session, g.actor, words, page)
    return render_template(
        "audit/overview.html",
        rows=rows,
        words=words,
        counts=audit.counted(session, g.actor),
        checkpoints=list(reversed(checkpoints(session, g.actor.county)))[:10],
        previous=same_list(page=page - 1) if page > 1 else None,
        next=same_list(page=page + 1) if more else None,
        verified=None,
    )


@blueprint.post("/audit/verify")
@needs("audit")
def verify():
    """Check every chain, checkpoint and paper of the county, and say what does not hold."""
    app = running()
    with app.sessions(g.actor.scope) as session:
        one_view(session)
        found = verify_history(session, g.actor.county, app.files, app.signing_key.public_key())
    return render_template(
        "audit/verified.html", found=found, fault_words=fault_words, key=public_key_hex(app.signing_key)
    )


@blueprint.post("/audit/verifications")
@needs("audit")
def verify_later():
    """The same as long work: for a county whose record takes minutes."""
    session = office_session()
    work = ask_long_work(session, running().clock, g.actor, "verify_history", {})
    session.commit()
    return redirect(url_for("audit.verification", work_id=work), 303)


@blueprint.get("/audit/verifications/<uuid:work_id>")
@needs("audit")
def verification(work_id: UUID):
    """How far it is, and then what it found. Comes again by itself, by a response header."""
    work = read_long_work(office_session(), g.actor.county, work_id)
    answer = make_response(
        render_template(
            "audit/verification.html",
            work=work,
            phase=phase_words(work),
            fault_words=fault_words,
            key=public_key_hex(running().signing_key),
        )
    )
    if work.ended_at is None:
        answer.headers["Refresh"] = f"2; url={url_for('audit.verification', work_id=work_id)}"
    return answer


@blueprint.post("/audit/verifications/<uuid:work_id>/cancel")
@needs("audit")
def cancel_verification(work_id: UUID):
    session = office_session()
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return redirect(url_for("audit.verification", work_id=work_id), 303)


@blueprint.post("/audit/checkpoints")
@needs("audit")
def checkpoint():
    session, app = office_session(), running()
    made = make_checkpoint(session, g.actor.county, app.signing_key, app.clock.now())
    session.commit()
    flash(_("已签署第%(n)s号检查点，请下载后保存到本机之外", n=made.seq))
    return redirect(url_for("audit.overview"))


@blueprint.get("/audit/checkpoints/<int:seq>.json")
@needs("audit")
def checkpoint_file(seq: int):
    """The checkpoint as a file to keep elsewhere."""
    session, app = office_session(), running()
    found = next((c for c in checkpoints(session, g.actor.county) if c.seq == seq), None)
    if found is None:
        return render_template(
            "errors/error.html", status=404, detail=_("没有这个检查点"), shell="staff.html"
        ), 404
    body = checkpoint_body(found, public_key_hex(app.signing_key))
    answer = Response(json.dumps(body, ensure_ascii=False, indent=1), mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="checkpoint-{found.county}-{seq}.json"'
    return answer


def checkpoint_body(found: Checkpoint, key: str) -> dict[str, Any]:
    return {
        "county": found.county,
        "seq": found.seq,
        "at": found.at.isoformat(),
        "cases": found.cases,
        "events": found.events,
        "heads": found.heads,
        "previous": found.previous.hex(),
        "root": found.root.hex(),
        "signature": found.signature.hex(),
        "public_key": key,
    }


@blueprint.get("/audit/cases/<number>")
@needs("audit")
def case(number: str):
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "open", f"audit:{found.number}", found.division)
    known, records = procedure_of(session, found), audit.records(session, found)
    named = places(session, {r.link.position.partition("@")[2] for r in records if "@" in r.link.position})
    replay = replay_case(session, found.county, found.number)
    files = {str(paper.id): paper.file_name or paper.title for paper, _by in case_file.papers(session, found)}
    rows = Recorded(known, named, files).rows(records)
    page = render_template(
        "audit/case.html",
        case=found,
        version_number=case_file.version_number(session, found),
        replay=replay,
        steps=slider_steps(replay, known, {row.seq: row.title for row in rows}),
        rows=rows,
        faults=[record for record in records if record.fault],
        place_of_command={step.seq: place for place, step in enumerate(replay.steps)},
        position_words=lambda position: position_words(position, named),
    )
    session.commit()
    return page


def slider_steps(replay: Replay, known: Any, titles: dict[int, str]) -> list[dict[str, Any]]:
    """For the slider: after each command, what is waited for and what was finished by then."""
    steps, done = [], dict[str, None]()
    for step in replay.steps:
        done |= dict.fromkeys(step.left)
        now = [element_name(known, element) for element in step.current]
        at = FILTERS["moment"](datetime.fromisoformat(step.at))
        text = _("%(at)s %(who)s：%(what)s", at=at, who=step.actor, what=titles.get(step.seq, step.kind))
        if now:
            text += _("；接着等待：%(now)s", now=_("、").join(now))
        finished = [element for element in done if element not in step.current]
        steps.append({"current": step.current, "done": finished, "bad": [], "text": text})
    return steps


@blueprint.get("/audit/reads")
@needs("audit")
def reads():
    session, words, page = office_session(), searched(), asked_page()
    rows, more = audit.reads(session, g.actor, words, page)
    named = places(session, {row[0].position.partition("@")[2] for row in rows})
    return render_template(
        "audit/reads.html",
        rows=rows,
        words=words,
        subject_words=subject_words,
        position_words=lambda position: position_words(position, named),
        previous=same_list(page=page - 1) if page > 1 else None,
        next=same_list(page=page + 1) if more else None,
        path=request.path,
    )


@blueprint.get("/audit/accounts")
@needs("audit")
def accounts():
    """What the two other administrators did to accounts, newest first."""
    session, page = office_session(), asked_page()
    rows, more = account_events(session, g.actor.county, page=page)
    return render_template(
        "audit/accounts.html",
        rows=rows,
        event_words=event_words,
        previous=same_list(page=page - 1) if page > 1 else None,
        next=same_list(page=page + 1) if more else None,
    )
