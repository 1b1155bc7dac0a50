"""全体成员书面同意: everyone who holds the right in a household that the change touches has signed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from engine.domain.changes import Touched, named
from engine.domain.changes.households import DECEASED, deceased_by
from engine.domain.changes.register import Contractor
from engine.domain.errors import Refused
from engine.operations.proposing import lacking
from engine.operations.work import Work
from engine.store.changes import register_of

AGREED = ("agrees", "agent", "guardian")


def check_consent(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (whose field ``signatures`` says who signed, and ``outcome`` what the village concludes).

    Invalid where the agreement that they signed is not handed in. Refused where the village says that all agree and
    somebody's signature is missing (合同管理办法 art 15).
    Result: {signed, of}.
    """
    form = work.data[inputs["form"]]
    gone = deceased_by(work.changes())
    wanted = [m for household in households_touched(work) for m in names_of(household, gone)]
    missing = unsigned(form["signatures"], wanted)
    if form["outcome"] == "agreed" and missing:
        raise Refused(
            "consent_missing",
            "还没有同意签字的成员：%(names)s；签齐后再提交，签不齐的选“有成员不同意或签不齐”",
            names="、".join(missing),
        )
    if form["outcome"] == "agreed" and work.case_type.changes is not None:
        lacking(work, work.case_type.changes, work.data, inputs["form"])
    return {"signed": sum(agreeing(form["signatures"]).values()), "of": len(wanted)}


def agreeing(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    return Counter(row["name"] for row in rows if row.get("signed") in AGREED)


def unsigned(rows: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[str]:
    """Names whose signature is missing, and those who do not agree, each once. Two people of one name sign twice."""
    missing = (Counter(wanted) - agreeing(rows)).elements()
    against = [row["name"] for row in rows if row.get("signed") not in AGREED]
    return list(dict.fromkeys([*missing, *against]))


def names_of(household: Contractor, gone: Collection[str] = ()) -> list[str]:
    """Living members, without those whose death the case records; a unit or a person has none beside itself."""
    living = [m.name for m in household.members if m.note_code != DECEASED and m.id_number not in gone]
    return living or [household.name]


def households_touched(work: Work) -> list[Contractor]:
    """The case's own household first, then every other one that the changes name or whose land they change."""
    changes = work.changes()
    own = work.case.contractor_code
    now = register_of(
        work.session, work.case, named(changes) | Touched(contractors=frozenset([own])), work.today
    )
    names = named(changes).contractors | {own}
    holders = {c.contractor for code in named(changes).parcels for c in now.holders(code)}
    codes = [own, *sorted((names | holders) - {own})]
    return [now.contractors[code] for code in codes if code in now.contractors]
