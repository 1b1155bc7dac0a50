"""How rows of the queries are written as JSON. Nothing is decided here."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely

from engine.domain import masking
from engine.domain.changes import as_json
from engine.domain.changes.difference import facts
from engine.queries.case_file import Awaited, ProposedChange
from engine.queries.changed import BeforeAndAfter
from engine.queries.inbox import Row
from engine.queries.periods import Period
from engine.queries.register import Line
from engine.queries.timeline import Opinion
from engine.store.tables.cases import Case, Paper, Publicity, Task
from forms import Form, Text


def plain(value: Any) -> Any:
    """JSON values: instants and days as ISO text, numbers with decimals as text."""
    if isinstance(value, Text):
        return {"zh": str(value), "en": value.en}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(inner) for inner in value]
    return value


def period(found: Period | None) -> dict[str, Any] | None:
    if found is None:
        return None
    shown = plain(asdict(found))
    shown["task"] = shown.pop("task_number")
    return shown


def awaited(found: Awaited) -> dict[str, Any]:
    return asdict(found)


def row(found: Row) -> dict[str, Any]:
    return {
        "case": found.number,
        "case_type": found.case_type,
        "contractor": found.contractor,
        "contractor_code": found.contractor_code,
        "place": found.place,
        "status": found.status,
        "task": found.task,
        "element": found.element,
        "form": found.form,
        "step": found.step,
        "deadline": period(found.period),
        "assignee": found.assignee,
        "at": plain(found.at),
        "decision": found.decision,
    }


def task(found: Task, assignee: str | None) -> dict[str, Any]:
    return {
        "number": found.number,
        "element": found.element,
        "name": found.name,
        "form": found.form,
        "role": found.role,
        "office": found.office,
        "status": found.status,
        "assignee": assignee,
        "opened_at": plain(found.opened_at),
    }


def case(found: Case, title: Any, place: str) -> dict[str, Any]:
    return {
        "number": found.number,
        "case_type": found.case_type,
        "title": title,
        "version": found.version_id,
        "county": found.county,
        "division": found.division,
        "place": place,
        "contractor": found.contractor_name,
        "contractor_code": found.contractor_code,
        "origin": found.origin,
        "status": found.status,
        "outcome": found.outcome,
        "started_at": plain(found.started_at),
        "ended_at": plain(found.ended_at),
        "revision": found.revision,
    }


def change(found: ProposedChange | None, told: BeforeAndAfter | None) -> dict[str, Any] | None:
    if found is None or told is None:
        return None
    return {
        "changes": as_json(found.changes),
        "findings": plain(list(found.findings)),
        "applied_at": plain(found.applied_at),
        "parcels": [
            plain(asdict(row)) | {"state": row.state, "changed": row.state != "same"} for row in told.parcels
        ],
        "transferred": [plain(asdict(row)) for row in told.transferred],
        "differences": [
            {
                "kind": one.kind,
                "code": one.code,
                "before": masking.answers(facts(one.before)),
                "after": masking.answers(facts(one.after)),
            }
            for one in told.things
        ],
        "contract_before": plain(asdict(found.before.contract)) if found.before.contract else None,
    }


def publicity(found: Publicity) -> dict[str, Any]:
    names = ("subject", "places", "starts_on", "ends_on", "result")
    return {name: plain(getattr(found, name)) for name in names}


def opinion(found: Opinion) -> dict[str, Any]:
    return plain(asdict(found))


def paper(found: Paper, by: str) -> dict[str, Any]:
    names = ("id", "source", "kind", "title", "number", "status", "media_type", "size", "sha256", "file_name")
    shown = {name: plain(getattr(found, name)) for name in names}
    more = {
        "created_at": plain(found.created_at),
        "task": found.task_number,
        "verify_code": found.verify_code,
        "pages": found.facts.get("pages"),
    }
    return shown | more | {"by": by}


def form(found: Form, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": found.name, "title": plain(found.title), "intro": plain(found.intro), "schema": schema}


def line(found: Line) -> dict[str, Any]:
    return plain(asdict(found))


def geojson(outline: bytes) -> dict[str, Any]:
    """Metres in the county's zone, east first."""
    return shapely.geometry.mapping(shapely.from_wkb(outline))
