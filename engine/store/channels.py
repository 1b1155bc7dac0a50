"""By which ways a county tells applicants things: the row set last holds."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.channels import Channels, from_json
from engine.store.register import county_of
from engine.store.tables.desk import ChannelSetting


def channels_of(session: Session, county: str) -> Channels:
    """Without a row: what stands under ``messages`` in the county's own settings, and the usual sender."""
    query = select(ChannelSetting).where(ChannelSetting.county == county)
    row = session.scalar(query.order_by(ChannelSetting.id.desc()).limit(1))
    if row is not None:
        return from_json(row.settings)
    return Channels(kinds=county_of(session, county).settings.get("messages") or {})


def rows_of(session: Session, county: str) -> list[ChannelSetting]:
    """All that were ever set, the latest first."""
    query = select(ChannelSetting).where(ChannelSetting.county == county)
    return list(session.scalars(query.order_by(ChannelSetting.id.desc())))
