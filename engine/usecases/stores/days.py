"""What anyone may see changes with the day alone: a block begins or ends, and nobody writes anything down on that day."""

from datetime import date, timedelta

from engine.domain.clock import local_date
from engine.store.survey import marks_due, register_changed
from engine.usecases.wiring import Wiring

LOOK_BACK = timedelta(days=366)  # after a start: what may have been missed while nothing ran


def follow_days(app: Wiring, county: str, followed: dict[str, date]) -> int:
    """Once a day, and after a start: the query store follows for parcels whose blocks have begun or ended since; how many.

    ``followed``: by county, up to which day; kept by the caller. Following again changes nothing, so that several tickers, or one that starts again, may ask for the same.
    """
    now = app.clock.now()
    today = local_date(now)
    since = followed.get(county, today - LOOK_BACK)
    if not app.settings.query_database_url or (county in followed and since >= today):
        return 0
    with app.sessions(county) as session:
        codes = marks_due(session, county, since, today)
        register_changed(session, county, (), codes, now)
        session.commit()
    followed[county] = today
    return len(codes)
