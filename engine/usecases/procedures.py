"""A version ready to run: its case type, its compiled model and its forms."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

import forms
from engine.bpmn import Definition, load_definition
from engine.domain.actor import Actor
from engine.domain.case_type import CaseType
from engine.domain.register import Household
from engine.domain.roles import does
from engine.operations.work import as_case_has_it
from engine.queries.household import form_facts, free_rows
from engine.store.tables.cases import Case
from engine.store.versions import case_type_of, case_types_in_force, version_in_force


@dataclass
class Procedure:
    version_id: str
    case_type: CaseType
    definition: Definition
    _forms: dict[str, forms.Form] = field(default_factory=dict)

    def form(self, name: str) -> forms.Form:
        if name not in self._forms:
            self._forms[name] = forms.load(self.case_type.form_source(name), self.case_type.lists)
        return self._forms[name]

    def start_form(self, origin: str) -> forms.Form:
        return self.form(self.case_type.start_form(origin))

    def facts_for(
        self, session: Session, household: Household | None, case: Case | None = None, day: date | None = None
    ) -> dict[str, Any]:
        """What is known of the household, as forms want it.

        Without a contract: the land that its open case is about (``case``, on ``day``), or what it may pick from,
        where the case type offers that.
        """
        if household is None:
            return {"known": {}, "parcels": [], "members": []}
        if household.contract is not None or not self.case_type.offers_free_land:
            return form_facts(household)
        if case is not None and day is not None:
            return form_facts(as_case_has_it(session, case, household, day))
        return form_facts(household) | {"parcels": free_rows(session, household)}

    def start_facts(self, session: Session, household: Household, form: forms.Form) -> dict[str, Any]:
        """The same for the form with which a case begins, which may ask for land of the collective that nobody holds."""
        free = {"free_parcels": free_rows(session, household)} if form.picks_free_land else {}
        return self.facts_for(session, household) | free


_procedures: dict[str, Procedure] = {}


def procedure(session: Session, version_id: str) -> Procedure:
    """Kept in memory per version, since versions never change."""
    if version_id not in _procedures:
        case_type = case_type_of(session, version_id)
        definition = load_definition(version_id, case_type.model_files())
        _procedures[version_id] = Procedure(version_id, case_type, definition)
    return _procedures[version_id]


def procedure_of(session: Session, case: Case) -> Procedure:
    """The version that the case was started on."""
    return procedure(session, case.version_id)


def current_procedure(session: Session, county: str, case_type: str) -> Procedure:
    """The version that the county's next case runs on."""
    return procedure(session, version_in_force(session, county, case_type))


@dataclass(frozen=True)
class Startable:
    """A case type that a position may start, in one of its ways: ``origin`` says in whose name."""

    case_type: CaseType
    origin: str
    title: dict[str, str]  # of that way
    hint: dict[str, str] | None = None  # what is begun in that way, where the title does not say


def startable(session: Session, actor: Actor) -> list[Startable]:
    found = []
    for _, version in case_types_in_force(session, actor.county):
        known = procedure(session, version).case_type
        for origin, row in known.about["start"]["origins"].items():
            if does(actor.role, known.starter(origin)):
                found.append(Startable(known, origin, row.get("title") or known.title, row.get("hint")))
    return found
