"""Who is a party to a dispute as it stands, what each may do now, and what parties did by the portal."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.case_type import CaseType
from engine.domain.dispute import panel_now
from engine.domain.parties import APPLICANT, Party, PartyAct, acts_of, parties
from engine.store import cases, disputes, event_waits
from engine.store.portal import applicant_by_id
from engine.store.register import read_household
from engine.store.sealed import fingerprint
from engine.store.tables.cases import Case
from engine.store.tables.disputes import PartyAct as Done
from engine.store.tables.portal import Applicant

ARBITRATORS, PANEL = "arbitrators", "panel"
"""Option lists of forms that parties fill in: the county's list, and who sits in this case."""


def parties_of(
    session: Session, portal: Session, case: Case, case_type: CaseType, data: Mapping[str, Any]
) -> dict[bytes, Party]:
    """Keyed hash of the identity number -> the party. Nobody before the dispute was taken in, nor of other case types.

    On the applicant's side it is the household's representative, and whoever applied on line. Agents and third parties are
    found twice: as whom they are, if they have land here, and for this case alone (``for_one_case``). A mandate ends with
    the case.
    """
    if not case_type.parties or disputes.of_case(session, case) is None:
        return {}
    household = read_household(session, case.county, case.contractor_code)
    number = household.id_number if household else ""
    name = case.contractor_name
    applicant = Party(APPLICANT, name, number, name)
    found = parties(case_type.parties, data, case_type.start_variable, applicant)
    found = [one for one in found if one.id_number and (case.status == "open" or not one.agent)]
    known = {fingerprint(one.id_number): one for one in found}
    known |= {for_one_case(case.number, one.id_number): one for one in found if one.joined}
    who = applicant_by_id(portal, case.applicant) if case.applicant else None
    if who is not None:
        known[who.id_number_found] = Party(APPLICANT, who.name, "", name)
    return known


def for_one_case(case_number: str, id_number: str) -> bytes:
    """What an account is found by that sees one case and nothing else: no other case has the same person under it."""
    return fingerprint(f"{case_number}:{id_number}")


def party_of(
    session: Session,
    portal: Session,
    case: Case,
    case_type: CaseType,
    data: Mapping[str, Any],
    person: Applicant,
) -> Party | None:
    return parties_of(session, portal, case, case_type, data).get(person.id_number_found)


def acts_now(session: Session, case: Case, case_type: CaseType) -> list[PartyAct]:
    """What some side may do now: a task that is open, a message that the case waits for, or something to be said in time."""
    known = acts_of(case_type.parties)
    if case.status != "open" or not known:
        return []
    tasks = {task.element for task in cases.open_tasks(session, case)}
    heard = event_waits.heard(session, case)
    return [act for act in known if _open(session, case, case_type, act, tasks, heard)]


def _open(
    session: Session,
    case: Case,
    case_type: CaseType,
    act: PartyAct,
    tasks: Collection[str],
    heard: Collection[str],
) -> bool:
    if act.until and cases.is_done(session, case, act.until):
        return False
    if act.after and not cases.is_done(session, case, act.after):
        return False
    if act.task:
        return act.task in tasks
    return act.act is None or case_type.acts[act.act]["message"] in heard


def options_of(
    session: Session, case: Case, data: Mapping[str, Any], today: date
) -> dict[str, list[dict[str, Any]]]:
    """Whom a party may choose from: the list of arbitrators, and those who sit."""
    listed = disputes.arbitrators(session, case.county, today)
    seated = [one["name"] for one in panel_now(data)]
    return {
        ARBITRATORS: [_option(one.name, f"{one.number} {one.name}") for one in listed],
        PANEL: [_option(name, name) for name in seated],
    }


def _option(value: str, label: str) -> dict[str, Any]:
    return {"code": value, "label": {"zh": label, "en": label}}


def seen_by(actor: Actor, case_type: CaseType) -> bool:
    """What parties say goes to who mediates or hears: a village that is itself a party must not read the other side's offer."""
    kind = case_type.about.get("dispute", {}).get("kind")
    return kind == "mediation" or (
        kind is not None and actor.role in ("arbitration_secretary", "arbitration_chair")
    )


def done_by_parties(session: Session, case: Case) -> Sequence[Done]:
    """The last one first."""
    query = select(Done).where(Done.county == case.county, Done.case_id == case.id)
    return session.scalars(query.order_by(Done.said_at.desc(), Done.id)).all()
