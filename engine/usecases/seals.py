"""Who seals a county's papers here and says when: its own keys, made when first needed, or the services configured."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from engine.documents.seal_services import OutsideService, OwnKey, SealService
from engine.documents.time_stamps import OutsideStamps, OwnStamps, TimeStamps
from engine.settings import Settings
from engine.store.register import county_of
from engine.store.seals import STAMP, SealKey, SealKeys

OFFICE = "农业农村局"


def seal_keys(settings: Settings) -> SealKeys:
    return SealKeys(settings.seal_keys, settings.secret_key)


def own_seal(session: Session, settings: Settings, county: str) -> SealKey:
    """A certificate runs by real time, whatever clock a demonstration has."""
    return seal_keys(settings).of(county, county_of(session, county).name + OFFICE, datetime.now(UTC))


def make_seals(session: Session, settings: Settings, counties: Iterable[str]) -> None:
    """At set-up, so that sealing never waits for a key."""
    for county in counties:
        if settings.seal_url is None:
            own_seal(session, settings, county)
        if settings.tsa_url is None:
            own_stamp(session, settings, county)


def seal_service(session: Session, settings: Settings, county: str) -> SealService:
    if settings.seal_url:
        return OutsideService(settings.seal_url, settings.seal_token, county)
    return OwnKey(own_seal(session, settings, county))


def stamp_keys(settings: Settings) -> SealKeys:
    return SealKeys(settings.seal_keys, settings.secret_key, STAMP)


def own_stamp(session: Session, settings: Settings, county: str) -> SealKey:
    return stamp_keys(settings).of(county, county_of(session, county).name + OFFICE, datetime.now(UTC))


def time_stamps(session: Session, settings: Settings, county: str) -> TimeStamps:
    if settings.tsa_url:
        return OutsideStamps(settings.tsa_url, settings.tsa_token, settings.tsa_roots)
    return OwnStamps(own_stamp(session, settings, county))


def known_certificates(settings: Settings, county: str) -> list[str]:
    """PEM of all keys of our own that ever sealed or stamped the county's papers. Those of services outside lie with
    each paper that they sealed."""
    return [*seal_keys(settings).certificates(county), *stamp_keys(settings).certificates(county)]
