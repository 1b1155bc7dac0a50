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
