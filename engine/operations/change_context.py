"""What papers say of a case that changes the register otherwise than by one contract: each household before and after.

The keys are those of processes/contract_change/documents/README.md.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import shapely

from engine.domain.changes import Change, CorrectValue, Register, Touched, as_proposed, differences, named
from engine.domain.changes.register import Contract, Contracted, Contractor, Parcel
from engine.domain.clock import local_date
from engine.domain.register import Household, mu
from engine.domain.signing import signed
from engine.exchange.standard import label
from engine.operations.change_asked import asked
from engine.operations.work import Work
from engine.store.cases import handled
from engine.store.changes import register_of
from engine.store.register import neighbours

KINDS = ("application_kinds", "issuer_kinds")  # lists of the case type that name a kind of change
FIELDS = ("parcel_fields", "household_fields")  # and what a correction may set right
CODED = {"land_use": "GB/T 21010", "grade": "C.8", "use": "C.9", "basic_farmland": "C.19"}
COPIES = {"issuing_party": 1, "contractor": 1, "township": 1, "county": 1}


def before_and_after(work: Work) -> tuple[Register, Register]:
    """Once they are made, nothing changes any more: both are the register as it stands."""
    if work.stands is None:
        changes = () if work.filed() else work.changes()
        wanted = named(changes) | Touched(contractors=frozenset([work.case.contractor_code]))
        now = register_of(work.session, work.case, wanted, work.today)
        work.stands = now, as_proposed(changes, now)
    return work.stands


def change_context(work: Work, changes: tuple[Change, ...], contractor: str) -> dict[str, Any]:
    """contractor, parcels and contract of that household as they will be, and ``change``: all that changes."""
    now, after = before_and_after(work)
    decimals = work.mu_decimals
    stands = after if contractor in after.contractors else now
    found: dict[str, Any] = {"change": told(work, now, after)}
    household = stands.contractors.get(contractor)
    if household is not None:
        found["contractor"] = person(household)
    contract = stands.contracts.get(contractor)
    if contract is not None:
        before = now.contracts.get(contractor)
        found["parcels"] = [
            plot(stands.parcels[row.parcel], row.area, before, decimals) for row in contract.parcels
        ]
        found["contract"] = terms(work, contract, before)
    return found


def told(work: Work, now: Register, after: Register) -> dict[str, Any]:
    """{kind, kind_title, feed_code, households: [{code, name, state, before, after}], parcels, asked, signatures}."""
    rules = work.case_type.changes
    things = differences(now, after)
    codes = {one.code for one in things if one.kind in ("contractors", "contracts")}
    codes |= {work.case.contractor_code} & now.contractors.keys()
    return {
        "kind": rules.kind(work.data) if rules else "",
        "kind_title": kind_title(work),
        "feed_code": _feed_code(work, now, after),
        "households": [_household(code, now, after, work.mu_decimals) for code in sorted(codes)],
        "parcels": [_parcel(code, now, after, work.mu_decimals) for code in changed_parcels(now, after)],
        "certificates_cancelled": sum(one.kind == "certificates" for one in things),
        "answers": work.data.get(work.case_type.start_variable) or {},
        "asked": {} if work.filed() else asked(work, now, after),  # the household may have ended by then
        "corrections": corrections(work, now),
        "signatures": (work.data.get("collect_consent") or {}).get("signatures") or [],
        "opinions": opinions(work),
    }


def kind_title(work: Work) -> str:
    """What kind of change the case is (分户, 互换 ...); nothing where it changes no contract otherwise."""
    rules = work.case_type.changes
    if rules is None:
        return ""
    kind = rules.kind(work.data)
    listed = [row for name in KINDS for row in work.case_type.lists.get(name, [])]
    return str(next((row["label"]["zh"] for row in listed if row["code"] == kind), kind))


def corrections(work: Work, register: Register) -> list[dict[str, Any]]:
    """What is set right: of which thing, which field, what stood there, what it should be and on what grounds."""
    named = {row["code"]: row["label"]["zh"] for name in FIELDS for row in work.case_type.lists.get(name, [])}
    found = []
    for one in work.changes():
        if isinstance(one, CorrectValue):
            thing = getattr(register, one.kind).get(one.code)
            was, value = (_meaning(one.field, v) for v in (one.was, one.value))
            what = f"{thing.name if thing else ''} {one.code}".strip()
            found.append(
                {
                    "what": what,
                    "field": named.get(one.field, one.field),
                    "was": was,
                    "value": value,
                    "reason": one.reason,
                }
            )
    return found


def _meaning(field: str, value: str | None) -> str:
    """A code by its words, an empty field by a dash."""
    return (label(CODED[field], value) if field in CODED else value) if value else "—"


def changed_parcels(now: Register, after: Register) -> list[str]:
    """Codes of what changes itself, and of what passes from one household to another."""
    codes = {one.code for one in differences(now, after) if one.kind == "parcels"}
    before, then = held(now), held(after)
    return sorted(
        codes | {code for code in before.keys() | then.keys() if before.get(code) != then.get(code)}
    )


def held(register: Register) -> dict[str, set[str]]:
    """Parcel -> contractors that hold it."""
    found: dict[str, set[str]] = {}
    for contract in register.contracts.values():
        for code in contract.codes:
            found.setdefault(code, set()).add(contract.contractor)
    return found


def _feed_code(work: Work, now: Register, after: Register) -> str | None:
    """What the change is told the upper platform as; once filed, what it was told as."""
    rules, own = work.case_type.changes, work.case.contractor_code
    filed = (work.data.get("file_changes") or {}).get("feed_code")
    if filed or rules is None:
        return filed
    return rules.feed_code(work.data, ends=own in now.contracts and own not in after.contracts)


def opinions(work: Work) -> list[dict[str, Any]]:
    """The checks that were passed, in the order of the applicant's steps: what was said, by whom, on which day."""
    found, by = [], handled(work.session, work.case)
    if work.last_form:  # the task that the command completes is done only once it is saved
        by[work.last_form] = (work.actor.name, work.at)
    for element in (name for step in work.case_type.steps for name in step["elements"]):
        answered = work.data.get(element)
        if isinstance(answered, dict) and answered.get("opinion"):
            name, at = by.get(element, ("", None))
            day = local_date(at).isoformat() if at else None
            found.append({"element": element, "opinion": answered["opinion"], "by": name, "on": day})
    return found


def _household(code: str, now: Register, after: Register, decimals: int) -> dict[str, Any]:
    sides = [_side(code, register, decimals) for register in (now, after)]
    known = after.contractors.get(code) or now.contractors.get(code)
    state = "new" if sides[0] is None else "ended" if sides[1] is None else "changed"
    return {
        "code": code,
        "name": known.name if known else "",
        "state": state,
        "before": sides[0],
        "after": sides[1],
    }


def _side(code: str, register: Register, decimals: int) -> dict[str, Any] | None:
    household = register.contractors.get(code)
    if household is None:
        return None
    contract = register.contracts.get(code)
    rows = contract.parcels if contract else ()
    return {
        "name": household.name,
        "members": person(household)["members"],
        "parcels": [
            plot(register.parcels[row.parcel], row.area, None, decimals)
            for row in rows
            if row.parcel in register.parcels
        ],
        "parcel_count": len(rows),
        "total_mu": total_mu(rows, decimals),
        "contract_code": contract.code if contract else None,
        "term_end": contract.term_end.isoformat() if contract else None,
    }


def total_mu(rows: Iterable[Contracted], decimals: int) -> str:
    """The sum of the rows as printed: a total of its own could differ from them in the last digit."""
    return str(sum((mu(row.area, decimals) for row in rows), mu(Decimal(0), decimals)))


def _parcel(code: str, now: Register, after: Register, decimals: int) -> dict[str, Any]:
    old, new = now.parcels.get(code), after.parcels.get(code)
    known = new or old
    return {
        "code": code,
        "name": known.name if known else "",
        "before_mu": str(mu(old.measured_area, decimals)) if old else None,
        "after_mu": str(mu(new.measured_area, decimals)) if new else None,
        "held_before": holders(code, now),
        "held_after": holders(code, after),
    }


def holders(code: str, register: Register) -> str:
    """Who has the parcel under contract; the collective, where nobody has."""
    held = [one.contractor for one in register.holders(code)]
    names = [register.contractors[one].name for one in held if one in register.contractors]
    return "、".join(names) or "（发包方）"


def said_of(member: Any) -> str:
    """The remark beside a member: its text, else what its code says (C.18)."""
    return member.note or (label("C.18", member.note_code) if member.note_code else "")


def person(household: Contractor | Household, note: Callable[[Any], str] = said_of) -> dict[str, Any]:
    """A household with its members, as papers name it."""
    return {
        "code": household.code,
        "name": household.name,
        "id_number": household.id_number,
        "phone": household.phone,
        "address": household.address,
        "members": [
            {
                "name": m.name,
                "sex": label("C.17", m.sex),
                "relation": label("GB/T 4761", m.relation),
                "id_number": m.id_number,
                "note": note(m),
            }
            for m in household.members
        ],
    }


def plot(parcel: Parcel, area: Decimal, before: Contract | None, decimals: int) -> dict[str, Any]:
    earlier = before.row(parcel.code) if before else None
    row = {
        "code": parcel.code,
        "name": parcel.name,
        "east": parcel.east,
        "south": parcel.south,
        "west": parcel.west,
        "north": parcel.north,
        "area_m2": str(area),
        "area_mu": str(mu(area, decimals)),
        "grade": parcel.grade,
        "use": label("C.9", parcel.use),
        "land_use": label("GB/T 21010", parcel.land_use) if parcel.land_use else "",
        "basic_farmland": parcel.basic_farmland,
        "note": parcel.note,
    }
    if earlier is not None and earlier.area != area:
        row["previous_area_mu"] = str(mu(earlier.area, decimals))
    return row


def terms(work: Work, contract: Contract, before: Contract | None) -> dict[str, Any]:
    given = signed(work.data)
    end = contract.term_end + timedelta(days=1)
    return {
        "code": contract.code,
        "previous_code": before.code if before else None,
        "term_start": contract.term_start.isoformat(),
        "term_end": contract.term_end.isoformat(),
        "years": end.year - contract.term_start.year,
        "signed_on": given.get("signed_on"),
        "signed_at": given.get("place"),
        "filed_on": work.today.isoformat(),
        "total_mu": total_mu(contract.parcels, work.mu_decimals),
        "parcel_count": len(contract.parcels),
        "copies": COPIES,
        "extra_terms": list(work.printing.clauses),
    }


def sketch_after(work: Work, contractor: str) -> dict[str, Any] | None:
    """Outlines of the household's land as it will be, and of what lies beside it."""
    now, after = before_and_after(work)
    register = after if contractor in after.contractors else now
    contract = register.contracts.get(contractor)
    if contract is None:
        return None
    return _sketch(work, now, after, [register.parcels[code] for code in contract.codes])


def sketch_of_changes(work: Work) -> dict[str, Any] | None:
    """Of the land that changes or passes to others: as it will be, or as it is where all of it ends; with its facts,
    since it need not be the case's household that holds it."""
    now, after = before_and_after(work)
    codes = changed_parcels(now, after)
    land = [after.parcels[code] for code in codes if code in after.parcels]
    land = land or [now.parcels[code] for code in codes if code in now.parcels]
    if not land:
        return None
    facts = [plot(one, one.measured_area, None, work.mu_decimals) for one in land]
    return _sketch(work, now, after, land) | {"facts": facts}


def _sketch(work: Work, now: Register, after: Register, plots: list[Parcel]) -> dict[str, Any]:
    """Beside pieces of divided land lies what lay beside the whole."""
    own = {plot.code for plot in plots}
    gone = now.parcels.keys() - after.parcels.keys()
    around = neighbours(work.session, work.case.county, sorted((own | gone) & now.parcels.keys()))
    return {
        "parcels": [[plot.code, plot.name, plot.outline.wkt] for plot in plots],
        "neighbours": [
            [code, name, shapely.from_wkb(outline).wkt]
            for code, name, outline in around
            if code not in own | gone
        ],
    }
