"""Who seals a county's papers here: its own key, made when it is first needed, or the service that was configured."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from engine.documents.seal_services import OutsideService, OwnKey, SealService
from engine.settings import Settings
from engine.store.register import county_of
from engine.store.seals import SealKey, SealKeys

OFFICE = "农业农村局"


def seal_keys(settings: Settings) -> SealKeys:
    return SealKeys(settings.seal_keys, settings.secret_key)


def own_seal(session: Session, settings: Settings, county: str) -> SealKey:
    """A certificate runs by real time, whatever clock a demonstration has."""
    return seal_keys(settings).of(county, county_of(session, county).name + OFFICE, datetime.now(UTC))


def make_seals(session: Session, settings: Settings, counties: Iterable[str]) -> None:
    """At set-up, so that sealing never waits for a key."""
    if settings.seal_url is None:
        for county in counties:
            own_seal(session, settings, county)


def seal_service(session: Session, settings: Settings, county: str) -> SealService:
    if settings.seal_url:
        return OutsideService(settings.seal_url, settings.seal_token, county)
    return OwnKey(own_seal(session, settings, county))


def known_certificates(session: Session, settings: Settings, county: str) -> list[str]:
    """PEM of all that ever sealed the county's papers here, and of the service in use."""
    kept = seal_keys(settings).certificates(county)
    in_use = seal_service(session, settings, county).certificates()
    return [*in_use, *(pem for pem in kept if pem not in in_use)]
