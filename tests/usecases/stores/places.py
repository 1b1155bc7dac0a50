"""Two installations of one county without a network between them, in one test database: the vault's side and the other."""

from dataclasses import replace
from pathlib import Path

import shapely
from sqlalchemy import select

from engine import bootstrap
from engine.bootstrap import App
from engine.domain.clock import local_date
from engine.domain.stores import OPERATIONAL, VAULT, Master
from engine.store import survey
from engine.store.register import county_of
from engine.store.signing import exchange_key, public_key_hex, trust
from engine.store.tables.register import Parcel
from tests.usecases.acting import COUNTY


def two_sides(running: App, folder: Path) -> tuple[App, App]:
    """(vault, operational); each has its own files and key, and trusts the other's."""
    sides = []
    for side in (VAULT, OPERATIONAL):
        settings = replace(running.settings, exchange=side, var=folder / side)
        app = bootstrap.app(settings, pooled=False)
        app.clock = running.clock
        sides.append(app)
    vault, operational = sides
    trust(
        vault.settings.var, OPERATIONAL, public_key_hex(exchange_key(operational.settings.var, OPERATIONAL))
    )
    trust(operational.settings.var, VAULT, public_key_hex(exchange_key(vault.settings.var, VAULT)))
    return vault, operational


def codes(app: App, most: int = 5) -> list[str]:
    with app.sessions(COUNTY) as session:
        return list(
            session.scalars(
                select(Parcel.code).where(Parcel.county == COUNTY).order_by(Parcel.code).limit(most)
            )
        )


def resurvey(app: App, code: str, by: float = 0.25) -> Master:
    """The register gets a new outline of the parcel, as a filed case writes it: moved east by so many metres."""
    with app.sessions(COUNTY) as session:
        old = survey.of_codes(session, COUNTY, [code])[code].master
        outline = shapely.transform(shapely.from_wkb(old.outline), lambda points: points + [by, 0.0])
        new = Master("DK", code, old.facts, shapely.to_wkb(outline))
        at, srid = app.clock.now(), county_of(session, COUNTY).srid
        survey.write_masters(session, COUNTY, [new], "test", local_date(at), at, srid)
        survey.register_changed(session, COUNTY, [code], [code], at)
        session.commit()
    return new
