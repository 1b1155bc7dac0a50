"""What a case is found by follows what happened in it: answers, papers, the land that it changes."""

from collections.abc import Iterator

from engine.domain import events, searching
from engine.operations.work import Work
from engine.store.case_texts import add_words
from engine.store.reservations import codes_held
from engine.store.tables.reference import Division

_ANSWERED = (events.CASE_STARTED, events.TASK_COMPLETED)


def keep_words(work: Work) -> None:
    add_words(work.writes, work.case, dict.fromkeys(_lines(work)))


def _lines(work: Work) -> Iterator[str]:
    for fact in work.happened:
        if fact.kind == events.CASE_STARTED:
            yield from _of_case(work)
        if fact.kind in _ANSWERED:
            yield from searching.lines_of(fact.payload.get("data"))
        elif fact.kind == events.PAPER_ISSUED:
            yield str(fact.payload.get("number") or "")
        elif fact.kind == events.CHANGESET_SET:
            yield from _codes(fact.payload.get("changes"))


def _of_case(work: Work) -> Iterator[str]:
    """Number, household, the village by its full name, and the land that it holds from the beginning."""
    case, session = work.case, work.session
    yield from (case.number, case.contractor_name, case.contractor_code)
    place = session.get(Division, case.division)
    yield place.full_name if place else ""
    yield from codes_held(session, case, "parcel")


def _codes(changes: object) -> list[str]:
    """Codes of parcels and contracts among the typed changes."""
    return [line for line in searching.lines_of(changes) if line.isalnum() and len(line) >= 14]
