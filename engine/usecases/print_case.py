"""Print what belongs to a case at one place: the application, and what goes onto the certificate's paper.

Drawn when it is asked for, with the county's settings of that day; nothing is numbered or kept. What was issued lies
beside them as it was issued.
"""

import base64
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.documents import render_document
from engine.documents.templates import BASE
from engine.domain.clock import local_date
from engine.domain.errors import Refused
from engine.domain.print_settings import PrintSettings
from engine.domain.register import Household, ParcelFacts, mu
from engine.exchange.standard import label
from engine.queries.scoped import full_place
from engine.queries.timeline import Told
from engine.store.files import FileStore
from engine.store.print_settings import settings_on
from engine.store.register import read_household
from engine.store.tables.cases import Case
from engine.usecases.procedures import procedure_of

KINDS = ("application", "certificate")


def print_case(session: Session, files: FileStore, case: Case, kind: str, today: date) -> bytes:
    """As PDF. Refused where there is nothing to print."""
    household = read_household(session, case.county, case.contractor_code)
    if household is None:
        raise Refused("no_household", "登记簿中没有承包方 %(code)s", code=case.contractor_code)
    settings = settings_on(session, case.county, today)
    context = _common(session, case, household, settings, files, today)
    context |= _application(session, case) if kind == "application" else _certificate(household, settings)
    template = (BASE / f"{kind}_print.html").read_text("utf-8")
    return render_document(template, context, verify_url=None)


def _common(
    session: Session, case: Case, household: Household, settings: PrintSettings, files: FileStore, today: date
) -> dict[str, Any]:
    return {
        "document": {"number": case.number, "date": today.isoformat()},
        "office": {"name": full_place(session, case.division)},
        "case": {
            "number": case.number,
            "type_title": procedure_of(session, case).case_type.title["zh"],
            "started_on": local_date(case.started_at).isoformat(),
        },
        "contractor": {
            "name": household.name,
            "code": household.code,
            "id_number": household.id_number,
            "address": household.address,
            "phone": household.phone,
            "members": [
                {"name": one.name, "relation": label("GB/T 4761", one.relation)} for one in household.members
            ],
        },
        "issuing_party": {"name": household.issuing_party.name},
        "print": settings.as_json() | {"picture": _picture(files, settings.background)},
    }


def _picture(files: FileStore, sha256: str) -> str | None:
    if not sha256:
        return None
    body = files.get(sha256)
    kind = "png" if body.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(body).decode()}"


def _application(session: Session, case: Case) -> dict[str, Any]:
    known = procedure_of(session, case)
    answers = Told(session, case).application().get(known.case_type.start_variable) or {}
    lines = known.start_form(case.origin).summary(answers, "zh", {"files": {}})
    return {"answers": [{"label": str(line.label), "value": str(line.value)} for line in lines if line.value]}


def _certificate(household: Household, settings: PrintSettings) -> dict[str, Any]:
    rows = [_parcel(one, settings) for one in household.parcels]
    size, contract = settings.parcels_per_page, household.contract
    return {
        "pages": [rows[at : at + size] for at in range(0, len(rows), size)] or [[]],
        "parcel_count": len(rows),
        "total_mu": str(_total(household.parcels, settings.mu_decimals)),
        "contract": {
            "code": contract.code,
            "way": label("C.10", contract.way),
            "term_start": contract.term_start.isoformat(),
            "term_end": contract.term_end.isoformat() if contract.term_end else None,
        }
        if contract
        else {},
    }


def _total(parcels: Iterable[ParcelFacts], decimals: int) -> Any:
    """The sum of the rows as printed: a total of its own could differ from them in the last digit."""
    return sum(mu(one.contract_area, decimals) for one in parcels)


def _parcel(one: ParcelFacts, settings: PrintSettings) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "area_mu": str(mu(one.contract_area, settings.mu_decimals)),
        "east": one.east,
        "south": one.south,
        "west": one.west,
        "north": one.north,
        "land_use": label("GB/T 21010", one.land_use) if one.land_use else None,
        "use": label("C.9", one.use) if one.use else None,
        "basic_farmland": one.basic_farmland,
        "grade": one.grade,
    }
