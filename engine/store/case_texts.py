"""The words that cases are found by."""

from collections.abc import Iterable

from engine.domain import searching
from engine.store.tables.cases import Case
from engine.store.together import Writes

_ADD = """
    insert into operational.case_texts as kept (county, case_id, division, words, pieces)
    values (%(county)s, %(case)s, %(division)s, %(words)s, array_to_tsvector(%(pieces)s::text[]))
    on conflict (county, case_id) do update
    set words = left(kept.words || E'\\n' || excluded.words, %(longest)s), pieces = kept.pieces || excluded.pieces"""


def add_words(writes: Writes, case: Case, lines: Iterable[str]) -> None:
    """To be found by these lines too, whatever the case was found by before."""
    words = "\n".join(searching.plain(line) for line in lines if line)[: searching.LONGEST]
    if words:
        writes.add(
            _ADD,
            {
                "county": case.county,
                "case": case.id,
                "division": case.division,
                "words": words,
                "pieces": sorted(searching.pieces(words)),
                "longest": searching.LONGEST,
            },
        )
