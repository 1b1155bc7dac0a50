"""What papers say of a survey: who surveys what, who points out boundaries, the land before and after, what is wrong.

Layouts after the annexes of NY/T 2537 as two shipped products have them (domain.md 5.4); to be verified by a county.
"""

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from engine.domain import events
from engine.domain.changes import Register, Touched, apply_what_fits, differences, named
from engine.domain.changes.register import Parcel
from engine.domain.register import mu
from engine.exchange.standard import label
from engine.operations.work import Work
from engine.store.changes import register_of, seeing_the_county
from engine.store.register import neighbours
from engine.store.registry import valid_certificates

MARKS = {"stake": "木桩", "stone": "埋石", "none": "无"}
LINES = {"ridge": "田埂", "ditch": "沟渠", "road": "道路", "trees": "行树", "wall": "围墙、墙壁", "fence": "栅栏", "points": "两点连线"}  # fmt: skip
HOW = {"present": "本人到场", "mandate": "代理人（持委托书）", "absent": "没有到场"}
CONFIRMED = {"signed": "补签", "mandate": "代理人补签"}
DEFAULT = "违约缺席"


def is_survey(work: Work) -> bool:
    return "accept_survey_request" in work.data


def survey_context(work: Work) -> dict[str, Any]:
    """Nothing for a case that is no survey."""
    if not is_survey(work):
        return {}
    asked = work.data["accept_survey_request"]
    given = work.data.get("give_survey") or {}
    form = work.data.get("field_survey") or {}
    decided = work.data.get("assign_survey") or {}
    now, after = before_and_after(work)
    rows = [_parcel(code, now, after, work) for code in surveyed(work, now, after)]
    found: dict[str, Any] = {
        "boundary": {"parcels": asked["parcels"], "neighbours": asked["neighbours"]},
        "survey": {
            "asked_by": asked["asked_by"],
            "unit": given.get("name"),
            "by_firm": given.get("to") == "firm",
            "instructions": decided.get("instructions"),
            "spare_codes": (work.data.get("prepare_field_package") or {}).get("codes") or [],
            "surveyed_on": form.get("surveyed_on"),
            "surveyors": form.get("surveyors"),
            "note": form.get("note"),
            "mark": MARKS.get(form.get("marks") or "", ""),
            "line": LINES.get(form.get("line") or "", ""),
            "parcels": rows,
            "witnesses": witnesses(work),
            "findings": findings(work),
            "problems": problems(work),
            "contract": contract_held(work),
            "certificate": "、".join(certificates_held(work)) or None,
        },
    }
    if work.data.get("open_publicity"):
        found["parcels"] = [_shown(row) for row in rows]
        found["contract"] = {}
    return found


def contract_held(work: Work) -> dict[str, Any] | None:
    """As the survey form of the household has it; None without a contract in force."""
    held = work.household(work.case.contractor_code).contract
    if held is None:
        return None
    term = {"term_start": held.term_start.isoformat(), "term_end": held.term_end.isoformat()}
    return {"code": held.code, "way": label("C.10", held.way)} | term


def certificates_held(work: Work) -> list[str]:
    rows = valid_certificates(work.session, work.case.county, work.case.contractor_code)
    return [version.serial for _, version in rows if version.serial]


def before_and_after(work: Work) -> tuple[Register, Register]:
    """The asked-for parcels and what they become."""
    if work.stands is None:
        changes = work.changes()
        codes = frozenset(work.data["accept_survey_request"]["parcels"])
        now = register_of(work.session, work.case, named(changes) | Touched(parcels=codes), work.today)
        work.stands = now, apply_what_fits(changes, now)
    return work.stands


def surveyed(work: Work, now: Register, after: Register) -> list[str]:
    """The parcels that changed; before anything did, those that are asked for."""
    changed = [one.code for one in differences(now, after) if one.kind == "parcels" and one.after is not None]
    return sorted(changed) or [
        code for code in work.data["accept_survey_request"]["parcels"] if code in now.parcels
    ]


def _parcel(code: str, now: Register, after: Register, work: Work) -> dict[str, Any]:
    parcel = after.parcels.get(code) or now.parcels[code]
    before, decimals = now.parcels.get(code), work.mu_decimals
    holder = after.holder(code)
    row = holder.row(code) if holder else None
    return {
        "code": code,
        "name": parcel.name,
        "east": parcel.east,
        "south": parcel.south,
        "west": parcel.west,
        "north": parcel.north,
        "grade": parcel.grade,
        "use": label("C.9", parcel.use),
        "land_use": label("GB/T 21010", parcel.land_use) if parcel.land_use else None,
        "basic_farmland": parcel.basic_farmland,
        "note": parcel.note,
        "area_m2": str(parcel.measured_area),
        "area_mu": str(mu(parcel.measured_area, decimals)),
        "before_m2": str(before.measured_area) if before else None,
        "before_mu": str(mu(before.measured_area, decimals)) if before else None,
        "contract_mu": str(mu(row.area, decimals)) if row else None,
        "points": points(parcel),
        "neighbours": beside(work, parcel, now),
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """As the publicity sheet lists it: measured areas, the earlier one beside it."""
    kept = ("code", "name", "east", "south", "west", "north", "grade", "note", "area_mu", "area_m2")
    told = {name: row[name] for name in kept}
    changed = row["before_mu"] is not None and row["before_mu"] != row["area_mu"]
    return told | ({"previous_area_mu": row["before_mu"]} if changed else {})


def points(parcel: Parcel) -> list[dict[str, Any]]:
    """界址点 from the north-western corner clockwise: number, X (north), Y (east), length of the edge to the next."""
    ring = shapely.get_coordinates(shapely.geometry.polygon.orient(parcel.outline, -1).exterior)[:-1].tolist()
    first = max(range(len(ring)), key=lambda place: ring[place][1] - ring[place][0])
    ring = ring[first:] + ring[:first]
    found = []
    for number, (east, north) in enumerate(ring, 1):
        onward = ring[number % len(ring)]
        length = ((onward[0] - east) ** 2 + (onward[1] - north) ** 2) ** 0.5
        found.append(
            {"number": f"J{number}", "x": f"{north:.3f}", "y": f"{east:.3f}", "length": f"{length:.2f}"}
        )
    return found


def beside(work: Work, parcel: Parcel, now: Register) -> list[dict[str, str]]:
    """Who signs for the neighbouring side: the adjoining parcels among those that were asked."""
    metres = float(work.case_type.number("adjoining_metres", work.today, 2))
    known = {one["code"]: one["name"] for one in work.data["accept_survey_request"]["neighbours"]}
    found = []
    for code, name in known.items():
        other = now.parcels.get(code)
        if other is None or _near(other.outline, parcel.outline, metres):
            found.append({"code": code, "name": name})
    return found


def _near(one: BaseGeometry, other: BaseGeometry, metres: float) -> bool:
    return bool(one.distance(other) <= metres)


def witnesses(work: Work) -> list[dict[str, Any]]:
    """Everybody who was to point out a boundary, and how they did, or that they stayed away in the end."""
    form = work.data.get("field_survey") or {}
    later = {row["parcel"]: row for row in (work.data.get("confirm_boundaries") or {}).get("neighbours", [])}
    found = []
    for row in form.get("witnesses") or []:
        how = HOW[row["how"]]
        if row["how"] == "absent":
            confirmed = later.get(row.get("parcel"))
            how = CONFIRMED[confirmed["how"]] if confirmed else DEFAULT if _defaulted(work) else how
        found.append(
            {
                "name": row["name"],
                "side": "本宗" if row["side"] == "own" else "毗邻",
                "parcel": row.get("parcel"),
                "how": how,
                "agent": row.get("agent"),
                "absent": row["how"] == "absent",
            }
        )
    return found


def _defaulted(work: Work) -> bool:
    """The period after the second notice is over: the paper that says so is made by the deadline itself."""
    asked = work.data.get("read_survey_return") or {}
    return bool(asked.get("absent")) and (
        "check_survey_quality" in work.data or any(fact.kind == events.TIMER_FIRED for fact in work.happened)
    )


def findings(work: Work) -> list[dict[str, Any]]:
    row = work.changeset_row()
    return [
        {
            "rule": one["rule"],
            "record": one["record"],
            "message": one["message"],
            "severity": "错误" if one["severity"] == "error" else "提醒",
        }
        for one in (row.findings if row else [])
    ]


def problems(work: Work) -> list[dict[str, Any]]:
    """What the officer who sends the result back wants mended, or what an upheld objection found."""
    latest = work.data.get(work.last_form or "") or {}
    found = [
        {"parcel": row["parcel"], "problem": row["problem"], "todo": row["todo"]}
        for row in latest.get("problems") or []
    ]
    settled = work.data.get("settle_objection") or {}
    if (work.data.get("answer_objection") or {}).get("outcome") == "upheld" and not found:
        found.append(
            {"parcel": "", "problem": f"公示异议成立：{settled.get('finding', '')}", "todo": "按核实情况重测"}
        )
    return found


def survey_sketch(work: Work) -> dict[str, Any] | None:
    """Outlines of the surveyed parcels as they will be, and of what lies beside them."""
    now, after = before_and_after(work)
    codes = surveyed(work, now, after)
    plots = [after.parcels.get(code) or now.parcels[code] for code in codes]
    known = [code for code in codes if code in now.parcels] or work.data["accept_survey_request"]["parcels"]
    with seeing_the_county(work.session, work.case.county):
        around = neighbours(work.session, work.case.county, known)
    gone = set(after.retired) | set(codes)
    return {
        "parcels": [[plot.code, plot.name, plot.outline.wkt] for plot in plots],
        "neighbours": [
            [code, name, shapely.from_wkb(outline).wkt] for code, name, outline in around if code not in gone
        ],
    }
