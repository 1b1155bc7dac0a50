"""Who lives and works in the demonstration county: households to apply for, and the accounts of their offices."""

from dataclasses import dataclass

from sqlalchemy import select

from engine.bootstrap import App
from engine.domain.register import Household
from engine.store.register import read_household
from engine.store.tables.reference import Person, Position
from engine.store.tables.register import Contractor

COUNTY = "990101"


@dataclass(frozen=True)
class Offices:
    """The accounts whose turn comes with cases of one village, and its neighbour in the same township."""

    village: str
    township: str
    division: str  # 12 digits
    county: str = "county"


def offices(app: App, nth: int = 0) -> Offices:
    """Of the nth village by code."""
    with app.sessions(COUNTY) as session:
        held = select(Person.username, Position.role, Position.division).join(
            Position, Position.person_id == Person.id
        )
        rows = session.execute(held.order_by(Position.division)).all()
    villages = [(name, division) for name, role, division in rows if role == "village_clerk"]
    name, division = villages[nth]
    township = next(n for n, role, d in rows if role == "township_reviewer" and division.startswith(d))
    return Offices(name, township, division)


def household(app: App, division: str, nth: int = 0, parcels: int = 2) -> Household:
    """The nth farming household of the village that holds a contract of at least so many parcels and a telephone."""
    with app.sessions(COUNTY) as session:
        codes = (
            select(Contractor.code).where(Contractor.division.startswith(division)).order_by(Contractor.code)
        )
        found = [read_household(session, COUNTY, code) for code in session.scalars(codes)]
    fit = [h for h in found if h and h.kind == "1" and h.phone and h.contract and len(h.parcels) >= parcels]
    return fit[nth]
