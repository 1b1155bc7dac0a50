"""仲裁庭: who sits, and 回避 (调解仲裁法 art 27 to 29)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.clock import SHANGHAI, local_date
from engine.domain.dispute import SOLE, panel_faults, panel_now, who_decides
from engine.domain.errors import Invalid, Refused
from engine.domain.said import say
from engine.operations.work import Work
from engine.store import disputes
from engine.store.tables.disputes import CommissionMember


def form_panel(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (kind, chair or sole, by_applicant, by_respondent, both_agreed, formed_on).

    Result: {kind, formed_on, members: [{id, name, role, chosen}]}. Invalid where somebody is not on the list.
    """
    form = work.data[inputs["form"]]
    asked = places(form)
    fault = panel_faults(form["kind"], [name for _, name, _, _ in asked], bool(form.get("both_agreed")))
    if fault:
        raise Invalid({"kind": [fault]})
    if form["formed_on"] > work.today.isoformat():
        raise Invalid({"formed_on": [say("组庭日期不能晚于今天")]})
    members = []
    for field, name, role, chosen in asked:
        one = on_the_list(work, name, field)
        members.append({"id": str(one.id), "name": one.name, "role": role, "chosen": chosen})
    return {"kind": form["kind"], "formed_on": form["formed_on"], "members": members}


def places(form: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(field, name, role, how chosen) of each seat that the form fills."""
    if form["kind"] == SOLE:
        return [("sole", form["sole"], "sole", form.get("sole_chosen") or "appointed")]
    rows = [
        ("chair", "chair", form.get("chair_chosen")),
        ("by_applicant", "arbitrator", form.get("applicant_chosen")),
        ("by_respondent", "arbitrator", form.get("respondent_chosen")),
    ]
    return [(field, form[field], role, chosen or "appointed") for field, role, chosen in rows]


def on_the_list(work: Work, name: str, field: str) -> CommissionMember:
    """By name or number, as the list of arbitrators has it today."""
    known = disputes.arbitrators(work.session, work.case.county, work.today)
    found = [one for one in known if name in (one.name, one.number)]
    if len(found) != 1:
        names = [one.name for one in known] or say("（名册为空）")
        raise Invalid(
            {field: [say("仲裁员名册中没有“%(name)s”。现任仲裁员：%(names)s", name=name, names=names)]}
        )
    return found[0]


def check_award(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (awarded_on, vote), hearing (the form with held_on). Result: {awarded_on}. Invalid where the award comes
    before the hearing, or the vote is not that of such a panel (art 44).
    """
    form, held_on = work.data[inputs["form"]], work.data[inputs["hearing"]]["held_on"]
    if form["awarded_on"] < held_on:
        raise Invalid({"awarded_on": [say("裁决日期不能早于开庭日期%(day)s", day=held_on)]})
    alone = len(members(work)) == 1
    if alone and form["vote"] != SOLE:
        raise Invalid({"vote": [say("本案由一名仲裁员仲裁，请选“独任仲裁员”")]})
    if not alone and form["vote"] == SOLE:
        raise Invalid({"vote": [say("本案由三名仲裁员仲裁，不能选“独任仲裁员”")]})
    return {"awarded_on": form["awarded_on"]}


def check_challenge(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form. A challenge comes before the first hearing begins; on grounds that became known later, before the last
    one ends (art 28). Result: {arbitrator, role, decided_by: chair, or commission where its chair sits (art 29)}. Refused
    when it is too late, and for somebody who does not sit.
    """
    form = work.data[inputs["form"]]
    seated = members(work)
    found = next((one for one in seated if one["name"] == form["arbitrator"]), None)
    if found is None:
        names = "、".join(one["name"] for one in seated) or "（还没有组庭）"
        raise Refused(
            "not_on_panel",
            "%(name)s不在本案仲裁庭中。仲裁庭：%(names)s",
            name=form["arbitrator"],
            names=names,
        )
    held = [row for row in disputes.hearings_of(work.session, work.case) if row.status == "held"]
    if held and not form.get("known_later"):
        raise Refused("challenge_late", "首次开庭后才提出的，只限于首次开庭后才知道回避事由的情形")
    if work.data.get("make_award"):
        raise Refused("challenge_late", "最后一次开庭终结后不能再申请回避")
    known = disputes.arbitrators(work.session, work.case.county, work.today)
    by = who_decides([one["id"] for one in seated], [str(one.id) for one in known if one.post == "chair"])
    return {"arbitrator": found["name"], "role": found["role"], "decided_by": by}


def members(work: Work) -> list[dict[str, Any]]:
    """The panel as it sits now."""
    return panel_now(work.data)


def replace_arbitrator(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (the decision, with ``replacement``). Whoever steps in sits in the hearings to come, and must be free then.

    Result: {rows: [{id, by}]}, everybody who was ever replaced.
    """
    name, form = work.data["challenged"]["arbitrator"], work.data[inputs["form"]]
    old = next(one for one in members(work) if one["name"] == name)
    new = on_the_list(work, form["replacement"], "replacement")
    if any(one["id"] == str(new.id) for one in members(work)):
        raise Invalid({"replacement": [say("%(name)s已在本案仲裁庭中", name=new.name)]})
    seat = {"id": str(new.id), "name": new.name, "role": old["role"], "chosen": "appointed"}
    for hearing in disputes.hearings_of(work.session, work.case):
        if hearing.status == "called":
            refuse_conflict(work, [seat], hearing.starts_at, hearing.ends_at)
            hearing.panel = [seat if one["id"] == old["id"] else one for one in hearing.panel]
    work.session.flush()
    earlier = (work.data.get("replaced") or {}).get("rows") or []
    return {"rows": [*earlier, {"id": old["id"], "by": seat}]}


def refuse_conflict(work: Work, seated: list[dict[str, Any]], starts: datetime, ends: datetime) -> None:
    """Two hearings called at once wait for each other on the arbitrators' rows, so that one of them is refused."""
    ids = [UUID(one["id"]) for one in seated]
    if not ids:
        raise Refused("no_panel", "还没有组庭")
    disputes.hold_arbitrators(work.session, work.case.county, ids)
    for hearing, dispute in disputes.sitting(work.session, work.case.county, ids, starts, ends):
        if hearing.case_id == work.case.id:
            continue
        taken = {row["id"] for row in hearing.panel}
        names = "、".join(one["name"] for one in seated if one["id"] in taken)
        when = f"{local_date(hearing.starts_at).isoformat()} {hearing.starts_at.astimezone(SHANGHAI):%H:%M}"
        raise Refused(
            "arbitrator_taken",
            "仲裁员%(names)s在%(when)s另有开庭（%(number)s），请另选时间",
            names=names,
            when=when,
            number=dispute.number,
        )
