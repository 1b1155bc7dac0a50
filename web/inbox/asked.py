"""What the inbox's address asks for, and what there is to choose from. An odd address gives the whole list."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.calendar import shipped_calendar
from engine.queries.inbox import CASE_TABS, TABS
from engine.queries.inbox_asked import CASE_SORTS, DUES, MOST_CORNERS, TASK_SORTS, Asked, Point
from engine.store.register import county_of
from engine.store.versions import case_types_in_force
from engine.usecases.procedures import procedure
from web.db import office_session, running
from web.i18n import N_
from web.inbox.shell import searched
from web.inbox.words import case_title, element_name

COLUMNS = {
    "type": N_("业务类型"),
    "contractor": N_("承包方"),
    "place": N_("村组"),
    "step": N_("环节"),
    "due": N_("期限"),
    "assignee": N_("经办人"),
    "code": N_("承包方编码"),
    "status": N_("状态"),
    "at": N_("时间"),
}
USUAL = ("type", "contractor", "place", "step", "due", "assignee")
KEPT = ("tab", "q", "type", "step", "division", "due", "sort", "area", "columns")
_POLYGON = re.compile(r"POLYGON\s*\(\(([-0-9. ,e]{1,8000})\)\)")
FARTHEST = 2e8  # metres


@dataclass(frozen=True)
class Choices:
    """``steps``: element -> name, of the case types in force; a step's name does not hang on a version."""

    types: dict[str, str]
    steps: dict[str, str]


def asked_tab() -> str:
    tab = request.args.get("tab", "mine")
    return tab if tab in TABS else "mine"


def asked_list(tab: str) -> Asked:
    """Read off the address; what is not understood is left out."""
    return read(request.args, tab, g.actor, office_session(), searched())


def read(given: Mapping[str, Any], tab: str, actor: Actor, session: Session, words: str) -> Asked:
    name = {key: str(given.get(key) or "")[:100] for key in ("type", "step", "division", "due", "sort")}
    division, sorts = name["division"], CASE_SORTS if tab in CASE_TABS else TASK_SORTS
    inside = division.isascii() and division.isdigit() and division.startswith(actor.division)
    return Asked(
        words=words,
        case_type=name["type"] if name["type"].isidentifier() else "",
        step=name["step"] if name["step"].isidentifier() and tab != "done" else "",
        division=division[:14] if inside else "",
        due=name["due"] if name["due"] in DUES and tab != "done" else "",
        sort=name["sort"] if name["sort"] in sorts else "",
        area=corners(str(given.get("area") or "")),
        srid=county_of(session, actor.county).srid,
    ).on(shipped_calendar(), running().clock.now())


def corners(text: str) -> tuple[Point, ...]:
    """``east,north;east,north;...`` in metres: at least three, or two of a box; a drawn area comes as WKT.

    Nothing where it is no area.
    """
    if drawn := _POLYGON.fullmatch(text.strip()):
        text = ";".join(",".join(pair.split()) for pair in drawn[1].split(",")[:-1])
    try:
        points = [tuple(float(part) for part in pair.split(",")) for pair in text.split(";")] if text else []
    except ValueError:
        return ()
    if not 2 <= len(points) <= MOST_CORNERS or any(len(point) != 2 for point in points):
        return ()
    if not all(isfinite(side) and abs(side) <= FARTHEST for point in points for side in point):
        return ()
    if len(points) == 2:
        (west, south), (east, north) = points
        points = [(west, south), (east, south), (east, north), (west, north)]
    return tuple((point[0], point[1]) for point in points) if len(set(points)) >= 3 else ()


def asked_columns() -> list[str]:
    given = ",".join(request.args.getlist("columns")).split(",")
    return [name for name in COLUMNS if name in given] or list(USUAL)


def kept() -> dict[str, str]:
    """The list's state as its address says it, without the page and the language."""
    found = {name: request.args.get(name, "") for name in KEPT}
    found["area"] = ";".join(f"{x:.2f},{y:.2f}" for x, y in corners(found["area"]))
    found["columns"] = ",".join(asked_columns()) if "columns" in request.args else ""
    if found["columns"] == ",".join(USUAL):
        found["columns"] = ""
    return {name: value for name, value in found.items() if value}


def same(**changes: Any) -> str:
    """This list's address with something changed; None takes a part away."""
    parts = {key: value for key, value in (kept() | changes).items() if value not in (None, "")}
    return f"{request.path}?{urlencode(parts)}" if parts else request.path


def choices(session: Session, actor: Actor) -> Choices:
    """What the county works with, in the reader's language."""
    types, steps = {}, {}
    for name, version in case_types_in_force(session, actor.county):
        types[name] = case_title(version)
        known = procedure(session, version)
        for element in known.definition.elements.values():
            if element.type == "userTask":
                steps[element.id] = element_name(known, element.id)
    return Choices(types, steps)
