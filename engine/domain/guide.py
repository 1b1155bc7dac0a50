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
    found = []
    for row in case_type.papers.values():
        asked = {form: how for form, how in row.get("asked_in", {}).items() if form in starts}
        if not asked:
            continue
        how = asked.get(own or "") or next(iter(asked.values()))
        found.append(
            {
                "label": row["label"],
                "required": how == "required",
                "only_by_village": bool(own) and own not in asked,
                "kinds": [NAMES.get(kind, kind) for kind in row["media_types"]],
                "max_mb": row["max_mb"],
            }
        )
    return sorted(found, key=lambda paper: (paper["only_by_village"], not paper["required"]))


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
