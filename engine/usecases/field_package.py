"""Hand out what surveyors need in the field: made anew each time, from the register as it stands."""

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Refused
from engine.domain.register import ParcelFacts
from engine.domain.roles import FIRM
from engine.exchange.field_package import package
from engine.operations.surveying import check_qualified
from engine.queries.scoped import visible_case
from engine.store import cases
from engine.store.changes import seeing_the_county
from engine.store.register import county_of, neighbours, read_household
from engine.usecases.note_read import note_read
from engine.usecases.procedures import procedure_of


def field_package(session: Session, clock: Clock, actor: Actor, number: str) -> bytes:
    """A zip with the parcels to be surveyed, those beside them, spare codes and what to write. It is recorded who took it.

    NotFound for who does not see the case; Refused where it is no survey, not given to anybody yet, or over, and for a
    firm that is no longer qualified.
    """
    case = visible_case(session, actor, number)
    variables = cases.read_state(session, case)[1]
    asked, spare = variables.get("accept_survey_request"), variables.get("prepare_field_package")
    if asked is None or spare is None:
        raise Refused("no_field_package", "此件没有外业资料包：不是测绘，或者还没有交办")
    if case.status != "open":
        raise Refused("survey_over", "测绘已经办结，外业资料包不再提供")
    kind, today = procedure_of(session, case).case_type, local_date(clock.now())
    if actor.role == FIRM:
        check_qualified(session, kind, case.county, actor.division, today)
    metres = float(kind.number("adjoining_metres", today, 2))
    with seeing_the_county(session, case.county):
        household = read_household(session, case.county, case.contractor_code)
        if household is None:
            raise Refused("no_household", "登记簿中没有承包方 %(code)s", code=case.contractor_code)
        around = neighbours(session, case.county, asked["parcels"], metres)
        epsg = county_of(session, case.county).srid
        body = package(
            case.number,
            household.name,
            epsg,
            [_row(parcel) for parcel in household.parcels if parcel.code in asked["parcels"]],
            [{"DKBM": code, "QLR": name, "outline": outline} for code, name, outline in around],
            spare["codes"],
        )
    note_read(session, clock, actor, "download", f"case:{case.number}", case.division)
    return body


def _row(parcel: ParcelFacts) -> dict[str, object]:
    return {
        "DKBM": parcel.code,
        "DKMC": parcel.name,
        "DKDZ": parcel.east,
        "DKNZ": parcel.south,
        "DKXZ": parcel.west,
        "DKBZ": parcel.north,
        "SCMJ": parcel.measured_area,
        "HTMJ": parcel.contract_area,
        "outline": parcel.outline,
    }
