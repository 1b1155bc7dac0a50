"""Set the stage with households that have no contract: one that gave its land back, and newcomers."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from engine.domain.changes import SurrenderParcels
from engine.domain.clock import local_date
from engine.domain.register import Household
from engine.store import changes as register
from engine.store.contractor_codes import next_households
from engine.store.register import Cause, read_household
from engine.store.sealed import fingerprint
from engine.store.tables import register as t

BORN = (date(1990, 5, 1), date(1992, 8, 1))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
CHECKS = "10X98765432"


def give_land_back(session: Session, household: Household, at: datetime) -> None:
    """All of it, by a notice that was early enough: its contract has ended, the land is reserved land."""
    day = local_date(at)
    codes = tuple(parcel.code for parcel in household.parcels)
    change = SurrenderParcels(household.code, codes, day - timedelta(days=200))
    register.make(session, household.county, [change], Cause("case", "stage", day, at), None)


def new_household(session: Session, county: str, party: str, at: datetime) -> Household:
    """A couple of the collective that never had a contract."""
    code = next(next_households(session, county, party))
    issuing = session.query(t.IssuingParty).filter_by(county=county, code=party).one()
    day, serial = local_date(at), int(code[-4:])
    numbers = [id_number(county, born, 2 * serial + n) for n, born in enumerate(BORN)]
    contractor = t.Contractor(
        county=county, code=code, issuing_party_id=issuing.id, division=issuing.division
    )
    session.add(contractor)
    session.flush()
    version = t.ContractorVersion(
        contractor_id=contractor.id,
        kind="1",
        name=f"新立户{serial}",
        id_kind="1",
        id_number=numbers[0],
        id_number_found=fingerprint(numbers[0]),
        address="本村",
        postcode="000000",
        phone=f"139{serial:08d}",
        member_count=2,
        **Cause("case", "stage", day, at).columns() | {"county": county},
    )
    session.add(version)
    session.flush()
    for position, (number, relation) in enumerate(zip(numbers, ("02", "10"), strict=True), 1):
        session.add(
            t.Member(
                county=county,
                contractor_version_id=version.id,
                position=position,
                name=f"新立户{serial}" if position == 1 else f"配偶{serial}",
                sex=str(position),
                id_kind="1",
                id_number=number,
                id_number_found=fingerprint(number),
                relation=relation,
            )
        )
    session.flush()
    found = read_household(session, county, code)
    assert found is not None
    return found


def id_number(county: str, born: date, serial: int) -> str:
    digits = f"{county}{born:%Y%m%d}{serial % 1000:03d}"
    return digits + CHECKS[sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 11]
