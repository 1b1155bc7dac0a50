"""立卷: put an ended case in order for the archive, and make the package that the archive takes in.

The package is a zip: the list and the note as PDF, every paper's file, the procedure's model as it was in force, the events,
and a signed manifest that says the record's source, procedure and elements (档案法 art 37) with a hash of each file.
"""

import hashlib
import io
import json
import zipfile
from typing import Any

from sqlalchemy.orm import Session

from engine.documents.sheets import render_sheet
from engine.domain.actor import Actor
from engine.domain.archive import retentions
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, Invalid, Refused
from engine.domain.said import say
from engine.queries.archive import Archive, read_archive, sheet_context
from engine.queries.scoped import full_place, visible_case
from engine.store import history, serials
from engine.store.signing import exchange_key, public_key_hex
from engine.store.tables.cases import Case
from engine.store.tables.registry import CaseArchive
from engine.usecases.procedures import procedure_of
from engine.usecases.wiring import Wiring

FORMAT = "tianqi-archive/1"
SIGNER = "archive"
ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "application/zip": "zip"}


def file_archive(
    session: Session,
    clock: Clock,
    actor: Actor,
    number: str,
    retention: str,
    checked_by: str,
    remark: str | None = None,
) -> CaseArchive:
    """Once for an ended case. Invalid by field; Conflict where it was done. Commits nothing."""
    case = visible_case(session, actor, number, lock=True)
    wrong: dict[str, list[str]] = {}
    checked_by, remark = checked_by.strip(), (remark or "").strip() or None
    if retention not in retentions():
        wrong["retention"] = [say("请选择保管期限")]
    if not checked_by or len(checked_by) > 50:
        wrong["checked_by"] = [say("请填写检查人姓名")]
    elif checked_by == actor.name:
        wrong["checked_by"] = [say("检查人不能是立卷人本人")]
    if remark and len(remark) > 1000:
        wrong["remark"] = [say("说明不超过1000字")]
    if wrong:
        raise Invalid(wrong)
    if case.status == "open":
        raise Refused("not_ended", "办件 %(number)s 还没有办结，不能立卷", number=case.number)
    if session.get(CaseArchive, (case.county, case.id)) is not None:
        raise Conflict("archived", "办件 %(number)s 已经立卷", number=case.number)
    at = clock.now()
    year = str(local_date(at).year)
    row = CaseArchive(
        county=case.county,
        case_id=case.id,
        number=f"{case.county}-TDCB-{year}-{serials.take(session, case.county, 'archive', year):05d}",
        retention=retention,
        remark=remark,
        filed_at=at,
        filed_by=actor.id,
        filed_by_name=actor.name,
        checked_by=checked_by,
        division=case.division,
    )
    session.add(row)
    session.flush()
    return row


def archive_of(app: Wiring, session: Session, case: Case) -> Archive:
    return read_archive(session, app.files, case, paper_titles(session, case))


def paper_titles(session: Session, case: Case) -> dict[str, str]:
    about = procedure_of(session, case).case_type
    handed = {kind: row["label"]["zh"] for kind, row in about.papers.items()}
    return handed | {kind: title["zh"] for kind, title in about.documents.items()}


def archive_sheet(app: Wiring, session: Session, case: Case) -> bytes:
    """卷内目录 and 备考表 as PDF, as they stand."""
    about = procedure_of(session, case).case_type
    words = (about.statuses.get(case.outcome or "") or {}).get("text", {}).get("zh", "办理中")
    return render_sheet(
        "archive", sheet_context(session, archive_of(app, session, case), about.title["zh"], words)
    )


def archive_package(app: Wiring, session: Session, actor: Actor, case: Case) -> bytes:
    """Refused while the case is open, a paper is not printed, or its record is not whole."""
    archive = archive_of(app, session, case)
    if case.status == "open":
        raise Refused("not_ended", "办件 %(number)s 还没有办结，不能导出档案", number=case.number)
    if any(entry.item.sha256 is None for entry in archive.entries):
        raise Conflict("waiting", "有文书还在生成，请过一会儿再导出")
    if archive.broken is not None:
        raise Refused("broken", "办理记录不完整，不能导出：%(why)s", why=archive.broken)
    members = {"卷内目录和备考表.pdf": archive_sheet(app, session, case)}
    elements = []
    for entry in archive.entries:
        item = entry.item
        name = f"papers/{entry.order:03d}.{ENDINGS.get(item.media_type, 'bin')}"
        members[name] = app.files.get(item.sha256 or "")
        elements.append(
            {
                "order": entry.order, "file": name, "title": item.title, "number": item.number, "author": item.author,
                "date": item.day.isoformat(), "pages": item.pages, "span": entry.span, "kind": item.kind,
                "source": "issued" if item.issued else "material", "media_type": item.media_type,
                "size": item.size, "sha256": item.sha256, "verify_code": item.verify_code,
            }
        )  # fmt: skip
    members["procedure/process.bpmn"] = procedure_of(session, case).case_type.files["process.bpmn"]
    members["procedure/events.jsonl"] = _events(session, case)
    return _packed(members, manifest_of(app, session, actor, archive, elements), app)


def manifest_of(
    app: Wiring, session: Session, actor: Actor, archive: Archive, elements: list[Any]
) -> dict[str, Any]:
    case, filed = archive.case, archive.filed
    return {
        "format": FORMAT,
        "source": {
            "system": "田契 Tianqi",
            "address": app.settings.public_url,
            "county": case.county,
            "office": f"{full_place(session, case.county)}农业农村局",
            "made_at": app.clock.now().isoformat(),
            "made_by": actor.name,
            "signed_with": public_key_hex(exchange_key(app.settings.var, SIGNER)),
        },
        "procedure": {
            "case": case.number,
            "case_type": case.case_type,
            "version": case.version_id,
            "contractor": {"code": case.contractor_code, "name": case.contractor_name},
            "started_at": case.started_at.isoformat(),
            "ended_at": case.ended_at.isoformat() if case.ended_at else None,
            "status": case.status,
            "outcome": case.outcome,
            "events": archive.events,
            "chain_head": archive.head,
            "archive_number": filed.number if filed else None,
            "retention": filed.retention if filed else None,
            "filed_by": filed.filed_by_name if filed else None,
            "checked_by": filed.checked_by if filed else None,
            "remark": filed.remark if filed else None,
        },
        "elements": elements,
    }


def _events(session: Session, case: Case) -> bytes:
    """One event a line with its hash, as the chain has it."""
    lines = []
    for link, digest, salt, body in history.chained_rows(session, case.county, case.id):
        row = {
            "seq": link.seq, "at": link.at.isoformat(), "actor": link.actor, "name": link.actor_name,
            "position": link.position, "kind": link.kind, "element": link.element, "task": link.task_number,
            "payload_hash": link.payload_hash.hex(), "hash": digest.hex(),
            "salt": salt.hex() if salt else None, "body": body,
        }  # fmt: skip
        lines.append(json.dumps(row, ensure_ascii=False, sort_keys=True))
    return "\n".join(lines).encode() + b"\n"


def _packed(members: dict[str, bytes], manifest: dict[str, Any], app: Wiring) -> bytes:
    manifest["sha256"] = {name: hashlib.sha256(body).hexdigest() for name, body in members.items()}
    said = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", said)
        archive.writestr("signature", exchange_key(app.settings.var, SIGNER).sign(said))
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()
