"""Start a case as a village does, on whatever version is in force."""

from sqlalchemy import select

from engine.bootstrap import App
from engine.domain.actor import Actor
from engine.store.people import by_username, positions_on
from engine.store.register import read_household
from engine.store.tables.register import Contractor
from engine.store.versions import case_type_of, version_in_force
from engine.usecases.add_material import add_material
from engine.usecases.scenarios.samples import sample
from engine.usecases.start_case import start_case

COUNTY, TYPE, VILLAGE = "990101", "contract_signing", "village1"


def open_case(app: App, household: int = 0) -> str:
    """Number of a new case of the village's so-and-so-manieth household; committed."""
    with app.sessions(COUNTY) as session:
        clerk = village_clerk(app, session)
        of_village = Contractor.division.startswith(clerk.division)
        held = select(Contractor.code).where(Contractor.county == COUNTY, of_village)
        code = session.scalars(held.order_by(Contractor.code).offset(household)).first()
        known = read_household(session, COUNTY, code)
        answers = {
            "contractor_code": code,
            "kind": "renew",
            "on_behalf_reason": "no_device",
            "members_right": "right",
            "parcels": [parcel.code for parcel in known.parcels],
            "parcels_right": "right",
            "phone": "13800000001",
            "papers": {kind: [paper(app, session, clerk, kind)] for kind in ("mandate", "id_card")},
        }
        started = start_case(session, app.clock, clerk, TYPE, code, "village", answers)
        session.commit()
    return started.number


def village_clerk(app: App, session) -> Actor:
    person = by_username(session, VILLAGE)
    position = positions_on(session, person.id, app.clock.now().date())[0]
    return Actor(str(person.id), person.name, position.role, position.division, COUNTY)


def paper(app: App, session, clerk: Actor, kind: str) -> str:
    limits = case_type_of(session, version_in_force(session, COUNTY, TYPE)).papers[kind]
    body, ending = sample(limits["media_types"])
    name = f"{kind}.{ending}"
    return str(
        add_material(
            session, app.clock, app.files, clerk, body, name, kind, limits["media_types"], limits["max_mb"]
        )
    )
