"""What a paper says: the case, the household, the parcels as they will be, and who signs for the office.

The keys are those of processes/<case_type>/documents/README.md. Everything is JSON, so that what a paper said can be
read again without the register; the sketch is kept as outlines and drawn when the paper is printed.
"""

from datetime import datetime, timedelta
from typing import Any

import shapely

from engine.domain import events, registry
from engine.domain.changes import NewParcel
from engine.domain.changeset import Change, RemeasureParcel, SignContract
from engine.domain.clock import local_date
from engine.domain.deadline import Deadline
from engine.domain.register import Household, mu
from engine.domain.signing import signed
from engine.exchange.standard import label
from engine.operations.accept_case import is_other_way
from engine.operations.capital.context import REVIEWING, capital_context, reviewing_level
from engine.operations.change_context import COPIES, change_context, person
from engine.operations.disputes.context import dispute_context
from engine.operations.publicity import the_objection
from engine.operations.survey_papers import survey_context
from engine.operations.transfers.context import transfer_context
from engine.operations.work import Work
from engine.store import cases
from engine.store.register import beside_outlines, neighbours
from engine.store.registry import hand_overs, valid_certificates
from engine.store.tables.cases import Objection, Publicity

SKETCHED = ("publicity_sheet", "contract", "coordinate_sheet")
PROTECTED = "farmland_notice"  # says which parcels are basic farmland, whatever the county prints elsewhere
NO_PHONE = "—"  # an office whose telephone nobody entered yet still issues its papers


def context_of(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    household, changes = paper_household(work, inputs.get("contractor")), work.changes()
    issuing = office(work, deciding_level(work, inputs.get("level")))
    rows = parcels(household, changes, work.mu_decimals)
    context: dict[str, Any] = {
        "case": {
            "number": work.case.number,
            "type_title": work.case_type.title["zh"],
            "started_on": local_date(work.case.started_at).isoformat(),
            "applicant": household.name,
            "origin": work.case.origin,
        },
        "county": {"code": work.county.code, "name": work.county.name, "mu_decimals": work.mu_decimals},
        "print": work.printing.as_json(),
        "office": issuing,
        "issuing_party": {
            "code": household.issuing_party.code,
            "name": household.issuing_party.name,
            "head": household.issuing_party.head_name,
            "head_id_number": household.issuing_party.head_id_number,
            "phone": household.issuing_party.phone,
            "address": household.issuing_party.address,
        },
        "contractor": person(household, lambda member: member.note or ""),
        "parcels": rows if inputs.get("template") == PROTECTED else _as_shown(rows, work),
        "contract": contract(work, changes, household),
        "deadline": deadline(work, inputs.get("deadline")),
    }
    context |= farmland(household, work) | registered(work, household.code) | certificate_change(work)
    context |= answers(work) | course(work)
    context |= survey_context(work) | capital_context(work) | transfer_context(work)
    if work.case_type.changes is not None:
        context |= change_context(work, changes, inputs.get("contractor", work.case.contractor_code))
    return context | dispute_context(work, issuing, inputs)


def paper_household(work: Work, contractor: str | None) -> Household:
    """Whom the paper is about: once the changes are made, the household as it stands, since the case's own may have ended."""
    if work.filed() and contractor:
        return work.household(contractor)
    return work.household_as_drawn()


def farmland(household: Household, work: Work) -> dict[str, Any]:
    """The sum of the protected parcels' areas as the paper rounds them; nothing where there is none."""
    protected = [parcel for parcel in household.parcels if parcel.basic_farmland == "1"]
    if not protected:
        return {}
    total = sum(mu(parcel.contract_area, work.mu_decimals) for parcel in protected)
    return {"farmland": {"total_mu": str(total), "parcel_count": len(protected)}}


def registered(work: Work, contractor: str) -> dict[str, Any]:
    """What the registry's receipt says of entry and certificate, and the certificate that is still valid."""
    if not work.data.get(registry.MESSAGE):
        return {}
    rows = hand_overs(work.session, work.case)
    receipt = next(
        (row.receipt for row in reversed(rows) if row.receipt and row.facts["CBFDM"] == contractor), None
    )
    if not receipt:
        return {}
    old = valid_certificates(work.session, work.case.county, contractor)
    return {"registry": receipt | {"old_certificate": old[-1][1].serial if old else None}}


CHANGES = {"reissue": ("补发", "遗失作废"), "replace": ("换发", "已收回"), "cancel": ("注销", "已注销")}


def certificate_change(work: Work) -> dict[str, Any]:
    """What a case about a certificate asks, the certificate as it stands, and the new one once it is handed out."""
    asked = work.data.get(work.case_type.start_variable) or {}
    accepted = work.data.get("accept_certificate_change")
    if accepted is None:
        return {}
    title, old_state = CHANGES[asked["kind"]]
    handed_out = work.data.get("hand_out_certificate") or {}
    valid = valid_certificates(work.session, work.case.county, work.case.contractor_code)
    told: dict[str, Any] = {
        "application": {
            "kind": asked["kind"],
            "kind_title": title,
            "reason": asked.get("reason"),
            "old_serial": "、".join(accepted.get("certificates", [])),
            "old_state": old_state,
            "new_serial": handed_out.get("certificate_serial"),
            "handed_on": handed_out.get("handed_on"),
        }
    }
    if valid:
        version = valid[-1][1]
        told["certificate"] = {
            "serial": version.serial,
            "issuer": version.issuer,
            "issued_on": version.issued_on.isoformat(),
        }
    return told


def office(work: Work, level: str) -> dict[str, Any]:
    """The office that issues the paper; its handler is who acts now, or the office where the system acts."""
    division = work.office(level)
    names = {"village": "村民委员会", "township": "人民政府", "county": "农业农村局"}
    handler = work.actor.name if work.actor.role not in ("applicant", "system") else "经办窗口"
    return {
        "name": division.full_name + names[level],
        "phone": division.phone or NO_PHONE,
        "handler": handler,
        "level": level,
    }


def deciding_level(work: Work, asked: str | None) -> str:
    if asked == REVIEWING:
        return reviewing_level(work)
    if asked in ("village", "township", "county"):
        return asked
    length = len(work.actor.division)
    return (
        {12: "village", 9: "township"}.get(length, "county") if work.actor.role != "applicant" else "county"
    )


def parcels(household: Household, changes: tuple[Change, ...], decimals: int) -> list[dict[str, Any]]:
    """The parcels of the contract to be, with the area it will state and the one before; else as they stand."""
    to_be = signed_in(changes)
    if to_be:
        asked = {parcel.parcel_code: parcel.area for parcel in to_be.parcels}
    else:
        asked = {parcel.code: parcel.contract_area for parcel in household.parcels}
    notes = {c.parcel_code: c.note for c in changes if isinstance(c, RemeasureParcel)}
    return [
        {
            "code": parcel.code,
            "name": parcel.name,
            "east": parcel.east,
            "south": parcel.south,
            "west": parcel.west,
            "north": parcel.north,
            "area_m2": str(asked[parcel.code]),
            "area_mu": str(mu(asked[parcel.code], decimals)),
            "grade": parcel.grade,
            "use": label("C.9", parcel.use),
            "land_use": label("GB/T 21010", parcel.land_use) if parcel.land_use else "",
            "basic_farmland": parcel.basic_farmland,
            "note": notes.get(parcel.code) or parcel.note,
        }
        | (
            {"previous_area_mu": str(mu(parcel.contract_area, decimals))}
            if asked[parcel.code] != parcel.contract_area
            else {}
        )
        for parcel in household.parcels
        if parcel.code in asked
    ]


def _as_shown(rows: list[dict[str, Any]], work: Work) -> list[dict[str, Any]]:
    """Without what the county does not print."""
    hidden = {"basic_farmland"} if work.printing.hide_basic_farmland else set()
    return [{name: value for name, value in row.items() if name not in hidden} for row in rows]


def signed_in(changes: tuple[Change, ...]) -> SignContract | None:
    """The contract that the case signs, where that is what it is about."""
    return next((change for change in changes if isinstance(change, SignContract)), None)


def contract(work: Work, changes: tuple[Change, ...], household: Household) -> dict[str, Any]:
    """The contract that the case signs; else the one in force."""
    to_be, in_force = signed_in(changes), household.contract
    when = signed(work.data)
    if to_be:
        start, end, way = to_be.term_start, to_be.term_end, to_be.way
        areas = [parcel.area for parcel in to_be.parcels]
        codes = {"code": to_be.code, "previous_code": to_be.previous_code}
    elif in_force:
        start, end, way = in_force.term_start, in_force.term_end, in_force.way
        areas = [parcel.contract_area for parcel in household.parcels]
        codes = {"code": in_force.code, "previous_code": None}
        when = {"signed_on": in_force.signed_on.isoformat()}
    else:
        return {}
    return (
        codes
        | {
            "term_start": start.isoformat(),
            "term_end": end.isoformat(),
            "years": (end + timedelta(days=1)).year - start.year,
            "signed_on": when.get("signed_on"),
            "signed_at": when.get("place"),
            "filed_on": work.today.isoformat(),
            # the sum of the rows as printed: a total of its own could differ from them in the last digit
            "total_mu": str(sum(mu(area, work.mu_decimals) for area in areas)),
            "parcel_count": len(areas),
            "copies": COPIES,
            "extra_terms": list(work.printing.clauses),
        }
        | other_way(work, way)
    )


def other_way(work: Work, way: str) -> dict[str, Any]:
    """What a contract says of itself that was not made by household contracting."""
    if not is_other_way(way):
        return {}
    price = (work.data.get("village_check") or {}).get("price")
    return {"way_name": label("C.10", way), "other_way": True, "price": price}


def deadline(work: Work, name: str | None) -> dict[str, Any] | None:
    """The limit that the paper names; without a name the limit of the whole case."""
    if name is None:
        for row in cases.active_deadlines(work.session, work.case):
            if row.task_number is None and row.due_at:
                return {"due_on": local_date(row.due_at).isoformat(), "days": row.length, "unit": row.unit}
        name = next(iter(work.case_type.case_limits()), None)
    if name is None:
        return None
    rule = work.case_type.deadline(name, work.today)
    running = Deadline(kind=rule.kind, unit=rule.unit, length=rule.length, started_at=work.at)
    last = running.last_day(work.calendar)
    return {"due_on": last.isoformat() if last else None, "days": rule.length, "unit": rule.unit.value}


def answers(work: Work) -> dict[str, Any]:
    """Reasons, items and opinion of the last check, and the publicity, where the case has them."""
    latest = work.data.get(work.last_form or "") or {}
    found: dict[str, Any] = {}
    if latest.get("reasons"):
        reasons = work.case_type.reasons(latest["reasons"])
        found["reasons"] = [
            {"code": row["code"], "text": row["label"]["zh"], "law": row.get("law")} for row in reasons
        ]
    if latest.get("supplement_items"):
        found["supplement_items"] = [
            {"name": item["paper"], "reason": item["reason"], "action": item["todo"]}
            for item in latest["supplement_items"]
        ]
    if latest.get("opinion"):
        found["opinion"] = latest["opinion"]
    return found | publicity(work)


CATEGORIES = {
    "head": "户主（承包方代表）",
    "member": "家庭成员",
    "parcel": "承包地块",
    "priority": "主张优先权",
    "other": "其他",
}
CHANNELS = {"counter": "到村委会当面提出", "portal": "网上提出", "api": "其他系统转来"}


PLOT_GAP = 2  # metres between outlines that still count as side by side: a ridge


def course(work: Work) -> dict[str, Any]:
    """What interrupted or ended the course: an objection, a withdrawal, a period that passed."""
    found: dict[str, Any] = {}
    if (row := the_objection(work)) is not None:
        found["objection"] = objection(work, row)
    if work.data.get("change_representative"):
        told, form = work.data["change_representative"], work.data["choose_representative"]
        found["representative"] = told | {"died_on": form["died_on"]}
    if (told := boundary(work)) is not None:
        found["boundary"] = told
    if work.data.get("withdrawal"):
        found["withdrawal"] = work.data["withdrawal"]
    fired = [fact for fact in work.happened if fact.kind == events.TIMER_FIRED]
    if fired and (name := fired[-1].payload["name"]) in work.case_type.deadlines:
        rule = work.case_type.deadline(name, work.today)
        last = local_date(datetime.fromisoformat(fired[-1].payload["due_at"])) - timedelta(days=1)
        found["passed"] = {
            "title": rule.title["zh"],
            "days": rule.length,
            "unit": rule.unit.value,
            "last_day": last.isoformat(),
            "source": rule.source,
        }
    return found


def boundary(work: Work) -> dict[str, Any] | None:
    """Whose boundaries are to be pointed out: the parcels that the county has surveyed, and land that is new."""
    decided = work.data.get("county_decision") or {}
    asked, to_draw = decided.get("parcels_to_survey") or [], bool(decided.get("new_land"))
    if not asked and not to_draw:
        return None
    codes = [row["code"] if isinstance(row, dict) else row for row in asked]
    new = [change for change in work.changes() if isinstance(change, NewParcel)]
    around = neighbours(work.session, work.case.county, codes, PLOT_GAP)
    if new:
        outlines = [bytes(shapely.to_wkb(change.polygon)) for change in new]
        around += beside_outlines(work.session, work.case.county, outlines, PLOT_GAP)
    told: dict[str, Any] = {
        "parcels": codes + [change.code for change in new],
        "neighbours": [
            {"code": code, "name": name} for code, name in {one[0]: one[1] for one in around}.items()
        ],
    }
    application = work.data.get(work.case_type.start_variable) or {}
    return told | ({"new_land": application.get("new_land")} if to_draw else {})


def objection(work: Work, row: Objection) -> dict[str, Any]:
    shown = work.session.get_one(Publicity, (row.county, row.publicity_id))
    return {
        "number": row.number,
        "subject": shown.subject,
        "shown_from": shown.starts_on.isoformat(),
        "shown_to": shown.ends_on.isoformat(),
        "objector": row.objector,
        "phone": row.phone,
        "category": CATEGORIES[row.category],
        "channel": CHANNELS[row.channel],
        "raised_on": row.raised_on.isoformat(),
        "text": row.text,
        "evidence": len(row.evidence) or None,
        "finding": row.finding,
        "answer": row.answer,
        "outcome": row.status,
    }


def publicity(work: Work) -> dict[str, Any]:
    shown = work.data.get("open_publicity")
    if not shown:
        return {}
    village = work.office("village")
    return {
        "publicity": {
            "subject": shown["subject"],
            "places": shown["places"],
            "start": shown["starts_on"],
            "end": shown["ends_on"],
            "days": shown["length"],
            "unit": shown["unit"],
            "objection_office": f"{village.full_name}村民委员会",
            "phone": village.phone or NO_PHONE,
        }
    }
