"""办事指南: what a case type tells people who want to apply: who, which papers, how long, by which law, where. Pure.

Everything is read off the case type itself, so that the guide cannot say other than what the procedure does. What it
cannot know (who may apply, where to go in words of the county) may stand under ``guide:`` in case_type.yaml.
"""

from datetime import date
from typing import Any

from engine.domain.case_type import CaseType

NAMES = {
    "image/jpeg": "JPG",
    "image/png": "PNG",
    "application/pdf": "PDF",
    "application/zip": "ZIP",
}


def place_of(case_type: CaseType) -> tuple[int, str]:
    """Where it stands among a county's procedures: by ``order``, those without one last, by name."""
    order = (case_type.about.get("guide") or {}).get("order")
    return (order if isinstance(order, int) else 1_000, case_type.name)


def guide(case_type: CaseType, on: date) -> dict[str, Any]:
    """JSON-able; texts as {zh, en}. The periods are those in force on that day."""
    about, said = case_type.about, case_type.about.get("guide") or {}
    return {
        "case_type": case_type.name,
        "title": case_type.title,
        "summary": about.get("summary") or case_type.title,
        "online": bool(case_type.starter("self")),
        "who": said.get("who"),
        "where": said.get("where"),
        "fee": said.get("fee"),
        "origins": [row["title"] for row in about["start"]["origins"].values() if row.get("title")],
        "papers": papers(case_type),
        "steps": [
            {"title": step["title"], "office": step["office"], "periods": periods(case_type, step, on)}
            for step in case_type.steps
        ],
        "whole": [period(case_type, name, on) for name in case_type.case_limits()],
        "documents": list(case_type.documents.values()),
        "law": [_law(row) for row in about.get("law", [])],
    }


def papers(case_type: CaseType) -> list[dict[str, Any]]:
    """What is asked for at the start, the compulsory ones first."""
    starts = {row["form"] for row in case_type.about["start"]["origins"].values()}
    own = case_type.start_form("self") if case_type.starter("self") else None
    hints = _hints(case_type, own or "")
    found = []
    for kind, row in case_type.papers.items():
        asked = {form: how for form, how in row.get("asked_in", {}).items() if form in starts}
        if not asked:
            continue
        how = asked.get(own or "") or next(iter(asked.values()))
        found.append(
            {
                "label": row["label"],
                "hint": hints.get(kind),
                "required": how == "required",
                "only_by_village": bool(own) and own not in asked,
                "kinds": [NAMES.get(kind, kind) for kind in row["media_types"]],
                "max_mb": row["max_mb"],
            }
        )
    return sorted(found, key=lambda paper: (paper["only_by_village"], not paper["required"]))


def _hints(case_type: CaseType, form: str) -> dict[str, Any]:
    """What the form says beside each paper: when it is wanted."""
    fields = case_type.form_source(form)["fields"] if form else []
    asked = [paper for field in fields for paper in field.get("papers") or ()]
    return {paper["kind"]: paper["hint"] for paper in asked if paper.get("hint")}


def periods(case_type: CaseType, step: dict[str, Any], on: date) -> list[dict[str, Any]]:
    """Of the elements that an ordinary case goes through."""
    names = step.get("usual") or step["elements"]
    return [period(case_type, name, on) for name in names if name in case_type.deadlines]


def period(case_type: CaseType, name: str, on: date) -> dict[str, Any]:
    rule = case_type.deadline(name, on)
    return {"title": rule.title, "days": rule.length, "unit": rule.unit.value, "source": rule.source}


def _law(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": row["title"],
        "articles": [str(a) for a in row.get("articles", [])],
        "what": row.get("what"),
    }
