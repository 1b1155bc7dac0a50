"""Publish to the portal what a county's households can apply for, and the forms they fill in."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.case_type import CaseType
from engine.domain.guide import guide, place_of
from engine.domain.parties import acts_of
from engine.queries.case_progress import office_of, village_offices
from engine.store.portal import form_names
from engine.store.register import county_of
from engine.store.tables.portal import CountyCard, PublishedForm
from engine.store.versions import case_types_in_force
from engine.usecases.procedures import Procedure, procedure

OWN = "self"  # the origin of cases that households start themselves


def publish_forms(session: Session, portal: Session, county: str, today: date) -> bool:
    """Bring the county's card up to date; gives whether anything changed. The caller commits the portal."""
    in_force = case_types_in_force(session, county)
    card = portal.get(CountyCard, county)
    if card and sorted((row["case_type"], row["version"]) for row in card.guides) == sorted(in_force):
        return False
    offers, guides = [], []
    procedures = [procedure(session, version) for _, version in in_force]
    for running in sorted(procedures, key=lambda one: place_of(one.case_type)):
        publish_version(portal, running)
        guides.append(guide(running.case_type, today) | {"version": running.version_id})
        if running.case_type.starter(OWN):
            offers.append(offer(running))
    _, phone = office_of(session, county)
    if card is None:
        card = CountyCard(code=county, offers=[])
        portal.add(card)
    card.name, card.phone, card.offers = county_of(session, county).name, phone, offers
    card.guides, card.offices = guides, village_offices(session, county)
    portal.flush()
    return True


def offer(running: Procedure) -> dict[str, Any]:
    about = running.case_type.about
    return {
        "case_type": running.case_type.name,
        "version": running.version_id,
        "form": running.case_type.start_form(OWN),
        "title": about["title"],
        "summary": about.get("summary") or about["title"],
    }


def publish_version(portal: Session, running: Procedure) -> None:
    """The household's forms of one version; they never change, so what is there stays."""
    for name in household_forms(running) - form_names(portal, running.version_id):
        portal.add(
            PublishedForm(
                version_id=running.version_id,
                name=name,
                case_type=running.case_type.name,
                title=running.case_type.title,
                source=running.case_type.files[f"forms/{name}.yaml"].decode(),
                options=options_of(running.case_type, name),
            )
        )
    portal.flush()


def household_forms(running: Procedure) -> set[str]:
    """The form an own application starts with, those of tasks that households do, and of what parties to a dispute do."""
    case_type = running.case_type
    found = {
        element.form
        for element in running.definition.elements.values()
        if element.form and element.groups and case_type.is_household(element.groups[0])
    }
    found |= {act.form for act in acts_of(case_type.parties)}
    by_link = case_type.about.get("deal")
    found |= {by_link["form"]} if by_link else set()
    return found | ({case_type.start_form(OWN)} if case_type.starter(OWN) else set())


def options_of(case_type: CaseType, form: str) -> dict[str, Any]:
    """The option lists, and what may be uploaded as each kind of paper."""
    papers = {
        kind: {"media_types": row["media_types"], "max_mb": row["max_mb"]}
        for kind, row in case_type.papers.items()
        if form in row.get("asked_in", {})
    }
    asked = _lists_in(case_type.form_source(form)["fields"])
    return {
        "lists": {name: rows for name, rows in case_type.lists.items() if name in asked},
        "papers": papers,
        "free_land": case_type.offers_free_land,
    }


def _lists_in(fields: list[dict[str, Any]]) -> set[str]:
    """Names of the option lists, those of questions within groups among them."""
    own = {row["options_from"] for row in fields if row.get("options_from")}
    return own.union(*(_lists_in(row["fields"]) for row in fields if row.get("fields")))
