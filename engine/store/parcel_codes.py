"""New parcel codes: the next numbers of an issuing party that were never given and that no open case holds."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain.errors import Refused

DIGITS = 5  # 承包地块顺序号, NY/T 2539-2016 A.10
LAST = 10**DIGITS - 1


def next_codes(
    session: Session, county: str, party: str, count: int, besides: Collection[str] = ()
) -> list[str]:
    """``besides``: codes that are used already in what is being drawn. Numbers grow; gaps are not filled.

    Two people who draw at once may see the same code: the one who hands in later is given another.
    """
    last = session.scalar(
        text("""
        select max(code) from (
          select max(code) as code from operational.parcels
          where county = :county and code >= :party and code < :beyond and length(code) = 19
          union all
          select max(code) from operational.reservations
          where county = :county and kind = 'parcel' and released_at is null
            and code >= :party and code < :beyond and length(code) = 19) as given"""),
        {"county": county, "party": party, "beyond": party + "~"},
    )
    number = max(
        [int(code[-DIGITS:]) for code in (last, *besides) if code and code.startswith(party)], default=0
    )
    if number + count > LAST:
        raise Refused("codes_used_up", "发包方 %(party)s 的地块顺序号已用完", party=party)
    return [f"{party}{number + place:0{DIGITS}d}" for place in range(1, count + 1)]


def extent_of_party(session: Session, county: str, party: str) -> tuple[float, float, float, float] | None:
    """West, south, east, north of an issuing party's land in metres; None where it has none."""
    row = session.execute(
        text("""
        select st_xmin(e), st_ymin(e), st_xmax(e), st_ymax(e) from (
            select st_extent(v.geom) e from operational.parcels p
            join operational.parcel_versions v on v.county = p.county and v.parcel_id = p.id
            where p.county = :county and p.code >= :party and p.code < :after and v.county = :county
              and v.valid_to is null and v.superseded_at is null) found"""),
        {"county": county, "party": party, "after": party + "~"},
    ).one()
    return tuple(row) if row[0] is not None else None  # type: ignore[return-value]
