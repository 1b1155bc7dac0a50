"""Set the stage with households that have no contract: one that gave its land back, and newcomers."""

from datetime import date, datetime, timedelta

import shapely
from sqlalchemy.orm import Session

from engine.domain.changes import LoseParcel, SurrenderParcels
from engine.domain.changes.findings import limit
from engine.domain.changes.register import HOUSEHOLD, PERSON, UNIT
from engine.domain.clock import local_date
from engine.domain.register import Household
from engine.store import changes as register
from engine.store.contractor_codes import next_households
from engine.store.register import Cause, read_household
from engine.store.sealed import fingerprint
from engine.store.tables import register as t

NAMES = {HOUSEHOLD: "新立户", PERSON: "承包人", UNIT: "合作社"}
BORN = (date(1990, 5, 1), date(1992, 8, 1))
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
CHECKS = "10X98765432"


def give_land_back(session: Session, household: Household, at: datetime) -> None:
    """All of it, by a notice that was early enough: its contract has ended, the land is reserved land."""
    day = local_date(at)
    codes = tuple(parcel.code for parcel in household.parcels)
    change = SurrenderParcels(household.code, codes, day - timedelta(days=200))
    register.make(session, household.county, [change], Cause("case", "stage", day, at), None)


def take_out(session: Session, household: Household, at: datetime) -> list[shapely.Polygon]:
    """Two parcels of a household leave the register, as if nobody had ever surveyed them; gives their outlines."""
    day, parcels = local_date(at), household.parcels[:2]
    gone = [LoseParcel(parcel.code, "没有登记过") for parcel in parcels]
    register.make(session, household.county, gone, Cause("case", "stage", day, at), None)
    return [shapely.from_wkb(parcel.outline) for parcel in parcels]


def new_party(session: Session, county: str, party: str, at: datetime) -> str:
    """A group of the same village that lets land out for the first time: the register has no parcel of it."""
    like = session.query(t.IssuingParty).filter_by(county=county, code=party).one()
    said = (
        session.query(t.IssuingPartyVersion)
        .filter_by(county=county, issuing_party_id=like.id, valid_to=None, superseded_at=None)
        .one()
    )
    known = {code for (code,) in session.query(t.IssuingParty.code).filter_by(county=county)}
    code = next(one for n in range(99, 0, -1) if (one := f"{party[:12]}{n:02d}") not in known)
    made = t.IssuingParty(county=county, code=code, division=like.division)
    session.add(made)
    session.flush()
    same = (
        "head_name",
        "head_id_kind",
        "head_id_number",
        "phone",
        "address",
        "postcode",
        "surveyor",
        "surveyed_on",
    )
    facts = {name: getattr(said, name) for name in same} | {"county": county, "name": f"{said.name[:30]}新组"}
    session.add(
        t.IssuingPartyVersion(
            issuing_party_id=made.id, **Cause("case", "stage", local_date(at), at).columns() | facts
        )
    )
    session.flush()
    return code


def new_household(
    session: Session, county: str, party: str, at: datetime, kind: str = HOUSEHOLD
) -> Household:
    """Who never had a contract: a couple of the collective; of another kind a person or a unit, without members."""
    code = next_code(session, county, party, kind)
    issuing = session.query(t.IssuingParty).filter_by(county=county, code=party).one()
    day, serial = local_date(at), int(code[-4:])
    numbers = [id_number(county, born, 2 * serial + n) for n, born in enumerate(BORN)]
    name = f"{NAMES[kind]}{serial}"
    contractor = t.Contractor(
        county=county, code=code, issuing_party_id=issuing.id, division=issuing.division
    )
    session.add(contractor)
    session.flush()
    version = t.ContractorVersion(
        contractor_id=contractor.id,
        kind=kind,
        name=name,
        id_kind="1",
        id_number=numbers[0],
        id_number_found=fingerprint(numbers[0]),
        address="本村",
        postcode="000000",
        phone=f"139{serial:08d}",
        member_count=2 if kind == HOUSEHOLD else 1,
        **Cause("case", "stage", day, at).columns() | {"county": county},
    )
    session.add(version)
    session.flush()
    people = zip(numbers, ("02", "10"), strict=True) if kind == HOUSEHOLD else ()
    for position, (number, relation) in enumerate(people, 1):
        session.add(
            t.Member(
                county=county,
                contractor_version_id=version.id,
                position=position,
                name=name if position == 1 else f"配偶{serial}",
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


def next_code(session: Session, county: str, party: str, kind: str) -> str:
    if kind == HOUSEHOLD:
        return next(next_households(session, county, party))
    first, last = limit("contractor_numbers")[kind]
    listed = session.query(t.Contractor.code).filter(
        t.Contractor.county == county,
        t.Contractor.code >= f"{party}{first:04d}",
        t.Contractor.code <= f"{party}{last:04d}",
    )
    highest = max((code for (code,) in listed), default=None)
    return f"{party}{int(highest[-4:]) + 1 if highest else first:04d}"


def id_number(county: str, born: date, serial: int) -> str:
    digits = f"{county}{born:%Y%m%d}{serial % 1000:03d}"
    return digits + CHECKS[sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 11]
