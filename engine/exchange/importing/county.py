"""The county itself and its divisions, from the unit code table."""

import re
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.errors import Conflict
from engine.exchange.package.model import PackageData
from engine.exchange.summaries import level_prefix
from engine.store.tables.reference import County, Division

_PROVINCE = re.compile(r"(.+?(?:省|自治区|特别行政区))(.+)|((?:北京|天津|上海|重庆)市)(.+)")


def enter_county(session: Session, code: str, divisions: Mapping[str, tuple[str, str]], srid: int) -> None:
    """Add or rename divisions; make the county known. A county keeps the zone it was set up in."""
    statement = insert(Division)
    statement = statement.on_conflict_do_update(
        index_elements=[Division.code],
        set_={"name": statement.excluded.name, "full_name": statement.excluded.full_name},
    )
    rows = [{"code": code, "name": name, "full_name": full} for code, (name, full) in divisions.items()]
    session.execute(statement, rows)
    refuse_other_zone(session, code, srid)
    if session.get(County, code) is None:
        session.execute(insert(County).values(code=code, name=divisions[code][0], srid=srid))


def refuse_other_zone(session: Session, code: str, srid: int) -> None:
    standing = session.scalar(select(County.srid).where(County.code == code))
    if standing is not None and standing != srid:
        raise Conflict(
            "other_zone",
            "该县坐标系是 EPSG:%(standing)s，成果包是 EPSG:%(given)s",
            standing=standing,
            given=srid,
        )


def divisions_of(package: PackageData) -> dict[str, tuple[str, str]]:
    """Division code (2 to 14 digits) -> own name and full name, from the unit code table and its prefixes."""
    full = {level_prefix(code): name for code, name in package.units.items() if name}
    top = min(full, key=len, default="")
    match = _PROVINCE.match(full.get(top, ""))
    if len(top) > 2 and match:
        full[top[:2]] = match[1] or match[3]
    county = package.county
    if county not in full:
        full[county] = package.root_name[6:].strip() or county
    return {code: (_own_name(code, full), full[code]) for code in sorted(full)}


def _own_name(code: str, full: dict[str, str]) -> str:
    """The full name without the name of the nearest division above."""
    name = full[code]
    for length in (12, 9, 6, 4, 2):
        above = full.get(code[:length]) if length < len(code) else None
        if above and name.startswith(above) and name != above:
            return name[len(above) :]
    return name
