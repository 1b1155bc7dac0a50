"""What a backtest found: one row per case, and all rows in counts, each with the first cases as examples."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.bpmn.backtest import Followed
from engine.usecases.backtest.deadlines import DeadlineChange

SAME, ROUTE, FAILED, NOT_COMPARED = "same", "route", "failed", "not_compared"
VERDICTS = (SAME, ROUTE, FAILED, NOT_COMPARED)
EXAMPLES = 5


@dataclass(frozen=True)
class CaseReport:
    """``why``: the reason that the case could not be compared, ``why_at``: in which event. ``end``: the recorded end event, None while open.

    ``acts``: how many recorded acts (start, completions, deadlines) there were to follow.
    """

    number: str
    version: str
    acts: int = 0
    end: str | None = None
    followed: Followed | None = None
    deadlines: tuple[DeadlineChange, ...] = ()
    why: str | None = None
    why_at: int | None = None

    @property
    def verdict(self) -> str:
        if self.followed is None:
            return NOT_COMPARED
        if self.followed.failure:
            return FAILED
        return SAME if self.followed.same else ROUTE

    def as_dict(self) -> dict[str, Any]:
        return {"case": self.number, "verdict": self.verdict, **_json(asdict(self)), "number": self.number}


@dataclass
class Group:
    """So many times in so many cases, and the first of them."""

    times: int = 0
    cases: int = 0
    examples: list[str] = field(default_factory=list)
    earlier: int = 0  # of deadlines: due earlier, or later, than they were
    later: int = 0

    def add(self, number: str, times: int = 1) -> None:
        self.times += times
        self.cases += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(number)


Key = tuple[Any, ...]
GROUPS = (
    "partings",  # after which element; the recorded flow and the draft's; what was and would be waited for
    "ends",  # the recorded end event, the draft's
    "asked",  # element
    "superfluous",  # element
    "unreached",  # element
    "added",  # operation's element
    "dropped",  # operation's element
    "failures",  # element, message
    "deadlines",  # what, element, period before, period after
    "not_compared",  # reason
)


@dataclass
class Report:
    """Grows with the number of different findings, not with that of cases. ``names``: elements as drawn."""

    names: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(VERDICTS, 0))
    groups: dict[str, dict[Key, Group]] = field(default_factory=lambda: {name: {} for name in GROUPS})
    deadline_cases: int = 0

    @property
    def cases(self) -> int:
        return sum(self.verdicts.values())

    def add(self, case: CaseReport) -> None:
        self.verdicts[case.verdict] += 1
        self.deadline_cases += bool(case.deadlines)
        for name, keys in _findings(case).items():
            for key in dict.fromkeys(keys):
                self.groups[name].setdefault(key, Group()).add(case.number, keys.count(key))
        for change in case.deadlines:
            if change.due_before and change.due_after:
                group = self.groups["deadlines"][_deadline_key(change)]
                group.earlier += change.due_after < change.due_before
                group.later += change.due_after > change.due_before

    def found(self, group: str) -> list[tuple[Key, Group]]:
        """The most frequent first, then by what they are."""
        return sorted(self.groups[group].items(), key=lambda item: (-item[1].cases, str(item[0])))

    def as_dict(self) -> dict[str, Any]:
        told = {name: [{"key": _json(key), **asdict(g)} for key, g in self.found(name)] for name in GROUPS}
        counts = {"verdicts": self.verdicts, "cases_with_other_deadlines": self.deadline_cases}
        return {"cases": self.cases, **counts, **told, "names": self.names}


def _findings(case: CaseReport) -> dict[str, list[Key]]:
    if case.followed is None:
        return {"not_compared": [(case.why,)]}
    followed = case.followed
    found: dict[str, list[Key]] = {
        name: [(element,) for element in getattr(followed, name)]
        for name in ("asked", "superfluous", "unreached", "added", "dropped")
    }
    if followed.parting:
        part = followed.parting
        found["partings"] = [(part.element, part.recorded_flow, part.draft_flow, part.recorded, part.draft)]
    if followed.failure:
        found["failures"] = [(followed.failure.element, followed.failure.message)]
    elif case.end and followed.end and case.end != followed.end:
        found["ends"] = [(case.end, followed.end)]
    found["deadlines"] = [_deadline_key(change) for change in case.deadlines]
    return found


def _deadline_key(change: DeadlineChange) -> Key:
    return (change.what, change.element, change.before, change.after)


def _json(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        return _json(asdict(value))
    if isinstance(value, dict):
        return {key: _json(inner) for key, inner in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_json(inner) for inner in value]
    return value
