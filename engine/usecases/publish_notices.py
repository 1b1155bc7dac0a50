"""Publish a case's publicity to the public pages: what is shown, with names masked and outlines generalised.

What was shown stays as it was first shown; afterwards only its end and whether it still hangs change. When it is over
the household's facts are taken down.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.case_type import CaseType
from engine.domain.changes import Change, RecordTransfer, Register, apply_what_fits
from engine.domain.changeset import from_json
from engine.domain.clock import Clock, local_date
from engine.domain.outlines import generalised
from engine.domain.register import mu
from engine.domain.stores import rules_of
from engine.domain.transfers import UNIT
from engine.queries.case_progress import office_of
from engine.store import publicities
from engine.store.changes import register_for
from engine.store.register import county_of, read_household
from engine.store.tables.cases import Case, Changeset, Publicity
from engine.store.tables.portal_public import PublicNotice
from engine.store.tables.reference import Division

SUBJECTS = {
    "contract": {"zh": "承包合同公示", "en": "Public notice of a land contract"},
    "transfer": {
        "zh": "土地经营权流转公示（征询优先权）",
        "en": "Public notice of a transfer of land, for members' priority",
    },
    "survey": {"zh": "权属调查（测绘）成果公示", "en": "Public notice of a survey"},
}


def publish_notices(session: Session, portal: Session, clock: Clock, case: Case, case_type: CaseType) -> None:
    today = local_date(clock.now())
    for row in publicities.of_case(session, case):
        known = portal.get(PublicNotice, row.id)
        if known is None and hangs(case, row):
            known = _notice(session, clock, case, case_type, row, today)
            portal.add(known)
        if known is not None:
            known.ends_on, known.places = row.ends_on, row.places
            if not hangs(case, row):
                take_down(known)


def hangs(case: Case, row: Publicity) -> bool:
    """Its last day may come later yet: while an objection is settled the clock stands still."""
    return case.status == "open" and row.closed_at is None


def take_down(notice: PublicNotice) -> None:
    notice.status, notice.holder, notice.rows, notice.map, notice.terms = "closed", "", [], {}, {}


def _notice(
    session: Session, clock: Clock, case: Case, case_type: CaseType, row: Publicity, today: date
) -> PublicNotice:
    county = county_of(session, case.county)
    changes = _changes(session, case)
    parcels = _parcels(session, case, changes, today)
    decimals = int(county.settings.get("mu_decimals", 2))
    village = case.division[:12]
    place = session.get(Division, village)
    return PublicNotice(
        id=row.id,
        county=case.county,
        division=case.division,
        case_number=case.number,
        subject=row.subject,
        title=SUBJECTS.get(row.subject) or case_type.title,
        place=place.full_name if place else village,
        places=row.places,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        status="open",
        holder=masking.name(case.contractor_name),
        rows=[_row(parcel, decimals) for parcel in parcels],
        map=_drawn(parcels, rules_of(county.settings).grid_m),
        terms=terms_of(changes, case_type, decimals),
        phone=office_of(session, village)[1],
        updated_at=clock.now(),
    )


@dataclass(frozen=True)
class Shown:
    """A parcel as the notice shows it; areas in m2. ``holder``: in a deal of several households, whose it is."""

    code: str
    name: str
    contract_area: Decimal
    measured_area: Decimal
    bounds: tuple[str | None, str | None, str | None, str | None]  # east, south, west, north
    outline: BaseGeometry
    holder: str = ""


def _changes(session: Session, case: Case) -> tuple[Change, ...]:
    """What the case is about to change."""
    row = session.get(Changeset, (case.county, case.id))
    return tuple(from_json(row.changes)) if row is not None and row.applied_at is None else ()


def terms_of(changes: Sequence[Change], case_type: CaseType, decimals: int) -> dict[str, Any]:
    """Of a transfer: what members must know to claim it on the same terms. A person's name is masked, a firm's is not."""
    change = next((one for one in changes if isinstance(one, RecordTransfer)), None)
    if change is None:
        return {}
    ways = {row["code"]: row["label"] for row in case_type.lists.get("ways", [])}
    taker = change.recipient
    return {
        "way": ways.get(change.way, {"zh": change.way, "en": change.way}),
        "recipient": taker.name if taker.kind == UNIT else masking.name(taker.name),
        "term_start": change.term_start.isoformat(),
        "term_end": change.term_end.isoformat(),
        "use": change.use,
        "price": change.price,
        "households": len({one.contractor for one in change.land}),
        "area_mu": str(sum((mu(one.area, decimals) for one in change.land), Decimal(0))),
    }


def _parcels(session: Session, case: Case, changes: Sequence[Change], today: date) -> list[Shown]:
    """The land of a transfer, else those that the household's contract will have by the change, else those that it has."""
    household = read_household(session, case.county, case.contractor_code)
    if changes:
        register = apply_what_fits(changes, register_for(session, case.county, changes, today, case))
        transfer = next((one for one in changes if isinstance(one, RecordTransfer)), None)
        found = _transferred(register, transfer) if transfer else _contracted(register, case.contractor_code)
        if found:
            return found
    if household is None:
        return []
    return [_shown(one, one.contract_area, shapely.from_wkb(one.outline)) for one in household.parcels]


def _contracted(register: Register, contractor: str) -> list[Shown]:
    contract = register.contracts.get(contractor)
    return [
        _shown(parcel, one.area, parcel.outline)
        for one in (contract.parcels if contract else ())
        if (parcel := register.parcels.get(one.parcel)) is not None
    ]


def _transferred(register: Register, transfer: RecordTransfer) -> list[Shown]:
    """Every household's; of a parcel that goes in part, the part."""
    several = len({one.contractor for one in transfer.land}) > 1
    found = []
    for one in transfer.land:
        parcel, household = register.parcels.get(one.parcel), register.contractors.get(one.contractor)
        if parcel is not None:
            outline = shapely.from_wkt(one.outline) if one.outline else parcel.outline
            holder = masking.name(household.name) if several and household else ""
            found.append(replace(_shown(parcel, one.area, outline), holder=holder))
    return found


def _shown(parcel: Any, area: Decimal, outline: BaseGeometry) -> Shown:
    bounds = (parcel.east, parcel.south, parcel.west, parcel.north)
    return Shown(parcel.code, parcel.name, area, parcel.measured_area, bounds, outline)


def _row(parcel: Shown, decimals: int) -> dict[str, Any]:
    """Neighbours named as bounds are people too."""
    return {
        "code": parcel.code,
        "name": parcel.name,
        "area_mu": str(mu(parcel.contract_area, decimals)),
        "measured_mu": str(mu(parcel.measured_area, decimals)),
        "bounds": [masking.bound(text) for text in parcel.bounds],
        "holder": parcel.holder,
    }


def _drawn(parcels: list[Shown], grid: float) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {"code": parcel.code, "name": parcel.name},
            "geometry": shapely.geometry.mapping(generalised(parcel.outline, grid)),
        }
        for parcel in parcels
        if not parcel.outline.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}
