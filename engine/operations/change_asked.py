"""What an application to change contracts asks for, for its paper: while land is still to be surveyed, the changes of
the register do not say it yet."""

from typing import Any

from engine.domain.asked_land import DIVIDE
from engine.domain.changes import Register, named
from engine.domain.changes.households import DECEASED, deceased_by
from engine.domain.changes.register import Contractor
from engine.domain.proposing import said_as
from engine.domain.register import mu
from engine.exchange.standard import label
from engine.operations.surveying import divided_parcels
from engine.operations.work import Work

GONE = {"died": "已去世", "elsewhere": "已迁出或外嫁，在新居住地有承包地"}


def asked(work: Work, now: Register, after: Register) -> dict[str, Any]:
    """{parts: [{number, members, parcels}], divided, land: [{code, name, mu}], consents: [{name, household}],
    fates: [{name, what, land_elsewhere}]}; ``divided``: what is still to be divided."""
    answers = work.data.get(work.case_type.start_variable) or {}
    divided = [code for code in divided_parcels(work) if code in after.parcels]
    return {
        "parts": _parts(work, now, answers) if divided else [],
        "divided": _plots(work, now, divided),
        "land": _plots(work, now, answers.get("own_parcels") or []),
        "consents": _consents(work, now),
        "fates": _fates(work, now, answers),
    }


def _plots(work: Work, now: Register, codes: list[str]) -> list[dict[str, str]]:
    found = [now.parcels[code] for code in codes if code in now.parcels]
    return [
        {"code": one.code, "name": one.name, "mu": str(mu(one.measured_area, work.mu_decimals))}
        for one in found
    ]


def _parts(work: Work, now: Register, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a split: who and which whole parcels go to which household."""
    household = now.contractors.get(work.case.contractor_code)
    people, land = answers.get("split_members") or [], answers.get("split_parcels") or []
    numbers = sorted({row["to"] for row in (*people, *land)} - {DIVIDE})
    return [
        {
            "number": number,
            "members": [
                f"{_name(household, row['who'])}（{label('GB/T 4761', row['relation'])}）"
                for row in people
                if row["to"] == number
            ],
            "parcels": _plots(work, now, [row["code"] for row in land if row["to"] == number]),
        }
        for number in numbers
    ]


def _fates(work: Work, now: Register, answers: dict[str, Any]) -> list[dict[str, str]]:
    """Of an extinct household: what became of each member, and the land that whoever moved holds now."""
    household = now.contractors.get(work.case.contractor_code)
    return [
        {
            "name": _name(household, row["who"]),
            "what": GONE.get(row["what"], row["what"]),
            "land_elsewhere": row.get("land_elsewhere") or "",
        }
        for row in answers.get("gone") or []
    ]


def _name(household: Contractor | None, who: str) -> str:
    """Of a member as the form has it: by number, or masked beside the name."""
    members = household.members if household else ()
    return next((one.name for one in members if who in said_as(one)), who)


def _consents(work: Work, now: Register) -> list[dict[str, str]]:
    """Who has to agree in writing, the case's own household first; nobody where the law asks for nobody's consent."""
    if (work.data.get("route") or {}).get("consent") != "yes":
        return []
    changes, own = work.changes(), work.case.contractor_code
    codes = [own, *sorted(named(changes).contractors - {own})]
    gone = deceased_by(changes)
    return [
        {"name": one.name, "household": now.contractors[code].name}
        for code in codes
        if code in now.contractors
        for one in now.contractors[code].members
        if one.note_code != DECEASED and one.id_number not in gone
    ]
