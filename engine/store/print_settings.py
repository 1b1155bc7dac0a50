"""Print settings of a county, by the day from which they hold."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.print_settings import PrintSettings, from_json
from engine.store.register import county_of
from engine.store.tables.desk import PrintSetting


def settings_on(session: Session, county: str, day: date) -> PrintSettings:
    """Those of the last row that begins on or before the day; without one, the usual with the county's decimals."""
    row = session.scalar(
        select(PrintSetting)
        .where(PrintSetting.county == county, PrintSetting.valid_from <= day)
        .order_by(PrintSetting.valid_from.desc(), PrintSetting.id.desc())
        .limit(1)
    )
    decimals = int(county_of(session, county).settings.get("mu_decimals", 2))
    return from_json(row.settings if row else None, decimals)


def rows_of(session: Session, county: str) -> list[PrintSetting]:
    """All that were ever set, the latest first."""
    query = select(PrintSetting).where(PrintSetting.county == county)
    return list(session.scalars(query.order_by(PrintSetting.id.desc())))
