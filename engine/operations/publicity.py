"""公示: open one for the period that the parameters name, and record what came of it."""

from datetime import date
from typing import Any
from uuid import UUID

from engine.domain import events
from engine.domain.case_type import DeadlineRule
from engine.domain.deadline import Deadline
from engine.domain.errors import Refused
from engine.operations.work import Work
from engine.store import publicities
from engine.store.tables.cases import Objection, Publicity

PHOTOS = "publicity_photo"


def open_publicity(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: subject (contract or survey), deadline (a row of the parameters).

    Result: {publicity, round, subject, places, starts_on, ends_on, length, unit}. It hangs in the own village, in
    every neighbouring collective (found from the register: whose land lies beside the own collective's), and at
    the township's office. One that was given up for this one is closed.
    """
    rule = work.case_type.deadline(inputs["deadline"], work.today)
    ends_on = last_day(rule, work)
    give_up_earlier(work)
    postings = where_it_hangs(work)
    row = Publicity(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        subject=inputs["subject"],
        places=[posting["place"] for posting in postings],
        starts_on=work.today,
        ends_on=ends_on,
        division=work.case.division,
        round=publicities.next_round(work.session, work.case, inputs["subject"]),
        deadline=inputs["deadline"],
        postings=postings,
    )
    work.session.add(row)
    work.session.flush()
    result = {
        "publicity": str(row.id),
        "round": row.round,
        "subject": row.subject,
        "places": row.places,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "length": rule.length,
        "unit": rule.unit.value,
    }
    work.say(events.PUBLICITY_OPENED, result)
    return result


def where_it_hangs(work: Work) -> list[dict[str, Any]]:
    village, township = work.office("village"), work.office("township")
    metres = float(work.case_type.number("neighbour_distance", work.today, 50))
    around = publicities.neighbouring_parties(
        work.session, work.case.county, work.case.issuing_party_code, metres
    )
    own = {"place": f"{village.full_name}村务公开栏", "kind": "own", "division": village.code}
    beside = [
        {"place": f"{name}（相邻集体经济组织）公开栏", "kind": "neighbour", "division": division}
        for _, name, division in around
    ]
    centre = {"place": f"{township.name}便民服务中心", "kind": "township", "division": township.code}
    return [posting | {"photo": None} for posting in (own, *beside, centre)]


def last_day(rule: DeadlineRule, work: Work) -> date:
    running = Deadline(kind=rule.kind, unit=rule.unit, length=rule.length, started_at=work.at)
    last = running.last_day(work.calendar)
    assert last is not None
    return last


def give_up_earlier(work: Work) -> None:
    """An upheld objection changed what was shown: that display is over, and this one begins anew."""
    earlier = publicities.open_of(work.session, work.case)
    if earlier is not None:
        earlier.closed_at, earlier.result = work.at, {"outcome": "repeated"}


def record_publicity(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (whose answers say where it hung). Result: {publicity, outcome: none|dismissed|upheld}.

    Refused while an objection is not settled, and where the form says otherwise than the objections' records.
    """
    form = work.data[inputs["form"]]
    row = publicities.open_of(work.session, work.case)
    if row is None:  # of a case that was opened before publicities were closed
        return {"publicity": None, "outcome": form["outcome"]}
    objections = publicities.objections_to(work.session, row)
    outcome = outcome_of(objections)
    said = form["outcome"]
    if said != outcome and (
        outcome == "upheld" or said == "upheld" or (said == "none") != (outcome == "none")
    ):
        raise Refused(
            "publicity_outcome",
            "公示结果与异议登记不符：已登记异议 %(count)s 件，按登记应选“%(outcome)s”。有新的异议请先在“公示和异议”中登记",
            count=len(objections),
            outcome=OUTCOMES[outcome],
        )
    photos = (form.get("papers") or {}).get(PHOTOS) or []
    row.postings = with_photos(row.postings, form.get("places") or [], photos)
    if work.case_type.number("publicity_photo_every_place", work.today, 0):
        bare = [posting["place"] for posting in row.postings if not posting["photo"]]
        if bare:
            raise Refused(
                "no_photo",
                "还没有现场照片的公示地点：%(places)s。请在“公示和异议”中逐处上传",
                places="、".join(bare),
            )
    row.closed_at = work.at
    row.result = {
        "outcome": outcome,
        "objections": len(objections),
        "places": form.get("places") or [],
        "note": form.get("note"),
        "closed_on": work.today.isoformat(),
    }
    work.session.flush()
    told = {"publicity": str(row.id), "outcome": outcome}
    work.say(events.PUBLICITY_CLOSED, told | {"objections": len(objections)})
    return told


OUTCOMES = {"none": "无异议", "dismissed": "有异议，经核实不成立", "upheld": "有异议，经核实成立"}


def outcome_of(objections: list[Objection]) -> str:
    waiting = [objection for objection in objections if objection.status == "open"]
    if waiting:
        raise Refused(
            "objection_open",
            "还有 %(count)s 件异议没有处理（%(numbers)s），请先处理异议，再登记公示结果",
            count=len(waiting),
            numbers="、".join(f"第{objection.number}号" for objection in waiting),
        )
    if any(objection.status == "upheld" for objection in objections):
        return "upheld"
    return "dismissed" if any(objection.status == "dismissed" for objection in objections) else "none"


def with_photos(postings: list[Any], kinds: list[str], photos: list[str]) -> list[dict[str, Any]]:
    """A photograph handed in with the result proves the own place that has none of its own yet."""
    found = [dict(posting) for posting in postings]
    for posting in found:
        if photos and posting["kind"] == "own" and not posting["photo"] and "own" in kinds:
            posting["photo"] = photos[0]
    return found


def answer_objection(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """What the task found goes into the objection's row. Result: {objection, publicity, number, outcome}."""
    [number] = [fact.task_number for fact in work.happened if fact.kind == events.TASK_COMPLETED]
    assert number is not None
    row = publicities.objection_of_task(work.session, work.case, number)
    if row is None:
        raise Refused("no_objection", "没有找到这项任务所处理的异议")
    form = work.data[work.last_form or "settle_objection"]
    settle(row, form, work)
    told = {
        "objection": str(row.id),
        "publicity": str(row.publicity_id),
        "number": row.number,
        "outcome": row.status,
    }
    work.say(events.OBJECTION_SETTLED, told)
    return told


def settle(row: Objection, form: dict[str, Any], work: Work) -> None:
    row.status, row.finding, row.answer = form["outcome"], form["finding"], form["answer"]
    row.settled_at, row.settled_by = work.at, work.actor.name
    handed = (form.get("papers") or {}).get("objection_record") or []
    row.evidence = [*row.evidence, *handed]
    work.session.flush()


def the_objection(work: Work) -> Objection | None:
    """The one that the papers of this step are about: just answered, or just raised."""
    settled = [f for f in work.happened if f.kind == events.OBJECTION_SETTLED]
    name = (
        settled[-1].payload["objection"] if settled else (work.data.get("objection") or {}).get("objection")
    )
    return publicities.objection_by_id(work.session, work.case.county, UUID(name)) if name else None
