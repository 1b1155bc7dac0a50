"""New contractor codes: the next numbers of an issuing party that were never given and that no open case holds."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain.changes.findings import limit
from engine.domain.changes.register import HOUSEHOLD
from engine.domain.errors import Refused

DIGITS = 4  # NY/T 2539-2016 B.3


def next_households(session: Session, county: str, party: str) -> Iterator[str]:
    """Codes of households to be, one after the other. Numbers grow; gaps are not filled.

    Two cases may be given the same one: who reserves it later is refused and takes the next.
    """
    first, last = limit("contractor_numbers")[HOUSEHOLD]
    highest = session.scalar(
        text("""
        select max(code) from (
          select max(code) as code from operational.contractors
          where county = :county and code >= :party and code <= :last and length(code) = 18
          union all
          select max(code) from operational.reservations
          where county = :county and kind = 'contractor' and released_at is null
            and code >= :party and code <= :last and length(code) = 18) as given"""),
        {"county": county, "party": party, "last": f"{party}{last:0{DIGITS}d}"},
    )
    number = int(highest[-DIGITS:]) if highest else first - 1
    while number < last:
        number += 1
        yield f"{party}{number:0{DIGITS}d}"
    raise Refused("codes_used_up", "发包方 %(party)s 的承包方顺序号已用完", party=party)
