"""What the address of a statistics page asks: division, day, filters. What cannot be read is told, and today is shown."""

from dataclasses import dataclass, field
from datetime import date, datetime

from flask import g, request
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.division import LEVELS
from engine.domain.errors import Invalid, NotFound
from engine.queries.as_of import When
from engine.queries.ledgers import Asked, Ledger
from engine.queries.scoped import division_names
from engine.queries.statistics.sums import View, units
from web.db import office_session, running

EARLIEST = date(1949, 10, 1)


@dataclass
class Question:
    """``typed`` keeps what was written in fields that could not be read; ``faults`` says why, by field."""

    division: str
    day: date
    today: date
    known: datetime
    trail: list[tuple[str, str]]  # (code, name) from the top of the scope to the division
    faults: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def when(self) -> When:
        return When(self.day, self.known)

    @property
    def place(self) -> str:
        return self.trail[-1][1]

    @property
    def view(self) -> View:
        return View(office_session(), g.actor, self.when, self.division)

    def below(self) -> list[tuple[str, str]]:
        """The division and those of the next level, to choose from."""
        return list(units(office_session(), g.actor, self.division, deep=False).items())

    def kept(self) -> dict[str, str]:
        """Division and day for links to other pages; what is the default is left out."""
        kept = {} if self.division == g.actor.division else {"division": self.division}
        return kept | ({} if self.day == self.today else {"day": self.day.isoformat()})


def question() -> Question:
    """NotFound where the division is not of the scope, or is none."""
    known = running().clock.now()
    today = local_date(known)
    division = asked_division(request.args.get("division", ""))
    found = Question(division, today, today, known, trail(division))
    day = read_day(found, "day")
    if day and day > today:
        found.faults["day"] = _("日期不能晚于今天")
        found.typed["day"] = day.isoformat()
    elif day:
        found.day = day
    return found


def answered(found: Question) -> Question:
    """The question, where all of it could be read; for answers that cannot show what was wrong beside a field."""
    if found.faults:
        raise Invalid({name: [fault] for name, fault in found.faults.items()})
    return found


def asked_division(text: str) -> str:
    division = text.strip() or g.actor.division
    known = division.isascii() and division.isdigit() and len(division) in LEVELS.values()
    if not known or not g.actor.sees(division) or not division_names(office_session(), [division]):
        raise NotFound("division", "没有这个区划，请从本辖区的乡镇、村、组中选择")
    return division


def trail(division: str) -> list[tuple[str, str]]:
    """Divisions from the top of the scope to this one."""
    codes = [division[:n] for n in LEVELS.values() if len(g.actor.division) <= n <= len(division)]
    named = division_names(office_session(), codes)
    return [(code, named[code]) for code in codes if code in named]


def read_day(found: Question, name: str) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:20])
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= date(2200, 1, 1):
        found.faults[name] = _("请按“2026-03-05”这样填写日期")
        found.typed[name] = text[:20]
        return None
    return day


def ledger_asked(found: Question, ledger: Ledger) -> Asked:
    """With those filters that the ledger understands; a value it does not know is as none."""
    filters: dict[str, object] = {}
    for name in ledger.filters:
        text = request.args.get(name, "").strip()
        if name in ("since", "until"):
            filters[name] = read_day(found, name)
        elif name == "year":
            filters[name] = (
                int(text) if text.isascii() and text.isdigit() and len(text) == 4 and text >= "1000" else None
            )
        elif text in ledger.choices.get(name, {}):
            filters[name] = text
    since, until = filters.get("since"), filters.get("until")
    if isinstance(since, date) and isinstance(until, date) and since > until:
        found.faults["since"] = _("起始日期晚于截止日期，查不到任何内容")
    return Asked(g.actor, found.when, found.division, **filters)  # type: ignore[arg-type]
