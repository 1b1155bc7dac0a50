"""A case's page: what it is about, where it stands, what happened, its papers and what it changes."""

from collections.abc import Sequence
from typing import Any

from flask import Response, g, render_template, url_for
from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.asked_land import asked_land
from engine.domain.calendar import shipped_calendar
from engine.domain.clock import local_date
from engine.domain.corrections import WAITING
from engine.domain.events import CASE_REMINDED
from engine.domain.register import ParcelFacts
from engine.domain.roles import may
from engine.queries import case_file, feed, registry
from engine.queries.changed import before_and_after, change_features
from engine.queries.deal_parties import signing_parties
from engine.queries.heard import fact_checks
from engine.queries.map import Land, land_features, zone
from engine.queries.parties import done_by_parties, seen_by
from engine.queries.quality import of_case
from engine.queries.scoped import places, visible_case
from engine.queries.timeline import Told
from engine.store.print_settings import settings_on
from engine.store.register import read_household
from engine.store.tables.cases import Case, Paper
from engine.usecases.act_in_case import acts_open
from engine.usecases.comment import may_be_named
from engine.usecases.correct_filed import findings_of, is_filed
from engine.usecases.note_read import note_read
from engine.usecases.procedures import Procedure, procedure_of
from engine.usecases.remind_parties import collecting, may_remind_parties
from engine.usecases.remind_task import may_remind
from engine.usecases.report_death import may_report_death
from engine.usecases.withdraw_case import ON_BEHALF, may_withdraw
from web.auth import needs
from web.db import office_session, running
from web.i18n import lang
from web.inbox.blueprint import blueprint
from web.inbox.changed import things
from web.inbox.history_words import Teller
from web.inbox.words import both, position_words
from web.quality import words as quality_words
from web.registry import feed_words
from web.registry import words as registry_words


@blueprint.get("/cases/<number>")
@needs("cases")
def case(number: str):
    return case_page(number)


def case_page(number: str, remark: str = "", faults: Sequence[str] = ()) -> str:
    """``remark`` is what was typed and is wrong: ``faults`` say how."""
    session, app = office_session(), running()
    found = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "open", f"case:{found.number}", found.division)
    known, told = procedure_of(session, found), Told(session, found)
    page = render_template(
        "case/page.html",
        path=told.path(),
        remark=remark,
        remark_faults=faults,
        may_withdraw=g.actor.role in ON_BEHALF and may_withdraw(session, found),
        may_report_death=may_report_death(session, found),
        **case_facts(session, found, known, told),
    )
    session.commit()
    return page


@blueprint.get("/cases/<number>/diagram.bpmn")
@needs("cases")
def diagram(number: str):
    """The model that this case runs on: its own version's, whatever is in force now."""
    session = office_session()
    found = visible_case(session, g.actor, number)
    answer = Response(
        procedure_of(session, found).case_type.files["process.bpmn"], mimetype="application/xml"
    )
    answer.headers["Cache-Control"] = "private, max-age=3600"
    answer.headers["ETag"] = f'"{found.version_id}"'
    return answer


def case_facts(session: Session, found: Case, known: Procedure, told: Told) -> dict[str, Any]:
    """What the pages of a case and of its tasks have in common."""
    moments = told.moments()
    tasks = case_file.tasks(session, found)
    named = places(
        session,
        {found.division}
        | {moment.position.partition("@")[2] for moment in moments if "@" in moment.position}
        | {task.office for task, _ in tasks}
        | {
            fact.payload["office"]
            for m in moments
            for fact in (m.first, *m.then)
            if fact.payload.get("office")
        },
    )
    papers = [shown(paper, by, known, found.status) for paper, by in case_file.papers(session, found)]
    addresses = {paper["id"]: (paper["title"], paper["url"]) for paper in papers}
    teller = Teller(known, addresses, named)
    change = case_file.proposed_change(session, found)
    waiting = collecting(session, found)
    now = running().clock.now()
    asked = told.application().get(known.case_type.start_variable)
    told_change = (
        before_and_after(session, g.actor, found, change, local_date(now), asked) if change else None
    )
    household = change.before if change else read_household(session, found.county, found.contractor_code)
    land = asked_land(household, told.application()) if household and not change else []
    return {
        "case": found,
        "case_type": known.case_type,
        "linked": case_file.linked(session, g.actor, found),
        "filed": is_filed(session, found),
        "corrections": sum(one.state == WAITING for one in findings_of(session, found)),
        "version_number": case_file.version_number(session, found),
        "named": named,
        "tasks": tasks,
        "periods": case_file.periods(session, found, shipped_calendar(), now),
        "awaited": case_file.awaited(session, found),
        "papers": papers,
        "moments": [teller.told(moment) for moment in reversed(moments)],
        "remarks": told.remarks(),
        "may_be_named": [person.name for person in may_be_named(session, found, now)],
        "quality": of_case(session, g.actor, found) if may(g.actor.role, "quality") else [],
        "quality_words": quality_words,
        "hand_overs": registry.of_case(session, g.actor, found.id),
        "registry_words": registry_words,
        "feed": feed.of_case(session, g.actor, found.id),
        "feed_words": feed_words,
        "acts": [act for act in acts_open(session, g.actor, found, known) if act.may],
        "remindable": {task.number for task, _name in tasks if may_remind(g.actor, task)},
        "office_words": lambda task: position_words(f"{task.role}@{task.office}", named),
        "fact_checks": fact_checks(session, found),
        "party_acts": party_acts(session, found, known),
        "signing_parties": signing_parties(session, found),
        "may_remind_parties": waiting is not None and may_remind_parties(g.actor, waiting),
        "reminded": [moment.at for moment in moments if moment.first.kind == CASE_REMINDED],
        "change": change,
        "check_findings": case_file.check_findings(session, found),
        "changed": told_change,
        "changed_things": things(
            told_change, change, settings_on(session, found.county, local_date(now)).mu_decimals
        )
        if told_change and change
        else [],
        "change_map": change_features(session, g.actor, told_change) if told_change else None,
        "party_name": household.issuing_party.name if household else None,
        "asked_land": land,
        "asked_map": land_features(session, g.actor, [_drawn(one) for one in land], around=True)
        if land
        else None,
        "zone": zone(session, found.county),  # a survey draws before there is any change
    }


def _drawn(parcel: ParcelFacts) -> Land:
    return parcel.code, parcel.name, parcel.measured_area, parcel.outline


def party_acts(session: Session, found: Case, known: Procedure) -> list[dict[str, Any]]:
    """What the parties to a dispute did by the portal, the last first, for whoever handles it."""
    if not seen_by(g.actor, known.case_type):
        return []
    return [
        {"row": row, "lines": known.form(row.form).summary(masking.answers(row.said), lang(), {"files": {}})}
        for row in done_by_parties(session, found)
    ]


def shown(paper: Paper, by: str, known: Procedure, status: str | None = None) -> dict[str, Any]:
    """A paper as lists show it: what it is, its number or file name, and where it opens.

    ``status``: the case's, where what came to nothing is marked.
    """
    kinds = known.case_type.papers
    label = known.case_type.documents.get(paper.kind) or (kinds.get(paper.kind) or {}).get("label")
    return {
        "id": str(paper.id),
        "issued": paper.source == "issued",
        "kind": paper.kind,
        "title": both(label, paper.title),
        "number": paper.number,
        "name": paper.file_name,
        "size": paper.size,
        "media_type": paper.media_type,
        "ready": paper.status == "ready",
        "status": paper.status,
        "by": by,
        "when": paper.created_at,
        "void": status is not None and known.case_type.voided(paper.kind, status),
        "task_number": paper.task_number,
        "url": url_for("inbox.paper", paper_id=paper.id, inline=1),
        "download": url_for("inbox.paper", paper_id=paper.id),
    }
