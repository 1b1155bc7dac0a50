"""Who is a party to a dispute, and what a party may do in the portal. Pure.

A case type says it under ``parties``: ``shown_after`` (side -> the answers without which that side sees nothing yet),
``known_from`` (answers in which the office notes identity numbers), ``acts`` and ``periods``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

APPLICANT, RESPONDENT, THIRD_PARTY = "applicant", "respondent", "third_party"
SIDES = (APPLICANT, RESPONDENT, THIRD_PARTY)
ASKER = "asker"
"""An audience: whoever asked for it, and nobody else of the parties."""


@dataclass(frozen=True)
class Party:
    """Somebody who may follow the case: a party, or the agent whom one sends. ``stands_for`` is the party's own name."""

    side: str
    name: str
    id_number: str
    stands_for: str
    agent: bool = False
    phone: str | None = None
    joined: bool = False  # agent or third party, as the office wrote it down: may sign in for this case alone


def sides_of(rules: Mapping[str, Any], data: Mapping[str, Any]) -> tuple[str, ...]:
    """The sides that may see the case as far as it has come: respondents once it was served on them."""
    waits = rules.get("shown_after", {})
    return tuple(side for side in SIDES if side not in waits or data.get(waits[side]))


def parties(rules: Mapping[str, Any], data: Mapping[str, Any], start: str, applicant: Party) -> list[Party]:
    """Everybody whose identity number is known, each once, the party before its agents.

    What the office noted when it served somebody goes before what the other side said of them.
    """
    noted = _noted(rules, data)
    found = [applicant]
    for row in (data.get(start) or {}).get("respondents") or []:
        number = noted.get(row["name"]) or row.get("id_number")
        if number:
            found.append(Party(RESPONDENT, row["name"], number, row["name"], phone=row.get("phone")))
    names = _names(data, start, applicant.name)
    for row in (data.get("participants") or {}).get("rows") or []:
        side = THIRD_PARTY if row["kind"] == THIRD_PARTY else side_of(names, row.get("for_whom"))
        if row.get("id_number") and side and not row.get("ended_on"):
            agent = row["kind"] == "agent"
            stands_for = str(row["for_whom"]) if agent else row["name"]
            found.append(
                Party(side, row["name"], row["id_number"], stands_for, agent, row.get("phone"), True)
            )
    shown = sides_of(rules, data)
    return list({one.id_number: one for one in reversed(found) if one.side in shown}.values())[::-1]


def _noted(rules: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, str]:
    """Name -> identity number, as the office wrote it down."""
    return {
        row[where["name"]]: row["id_number"]
        for where in rules.get("known_from", [])
        for row in (data.get(where["form"]) or {}).get(where["rows"]) or []
        if row.get("id_number")
    }


def _names(data: Mapping[str, Any], start: str, applicant: str) -> dict[str, str]:
    joined = (data.get("participants") or {}).get("rows") or []
    named = {row["name"]: THIRD_PARTY for row in joined if row["kind"] == THIRD_PARTY}
    named |= {row["name"]: RESPONDENT for row in (data.get(start) or {}).get("respondents") or []}
    return named | {applicant: APPLICANT}


def side_of(names: Mapping[str, str], name: Any) -> str | None:
    return names.get(str(name or "").strip())


def side_named(data: Mapping[str, Any], start: str, applicant: str, name: Any) -> str | None:
    """On which side somebody of that name stands; None for a stranger."""
    return side_of(_names(data, start, applicant), name)


def audience_of(audience: Iterable[str], asker: str | None) -> list[str]:
    """Whoever asked stands for the side it was; a stranger for none."""
    told = [asker if name == ASKER else name for name in audience]
    return [name for name in told if name]


@dataclass(frozen=True)
class PartyAct:
    """Something that a side does by itself. It completes a task of the office (``task``), is one of the case type's acts
    (``act``), or is only said (neither). Of the finished tasks ``after`` open it and ``until`` end it.
    """

    name: str
    title: dict[str, str]
    text: dict[str, str]
    form: str
    sides: tuple[str, ...]
    task: str | None = None
    act: str | None = None
    after: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    fills: Mapping[str, str] | None = None
    period: str | None = None
    with_agent: bool = False  # only for whoever has sent one

    def filled(self, answers: Mapping[str, Any], party: str, today: str) -> dict[str, Any]:
        """The answers with what needs no asking: ``today``, ``party`` (who says it), or the very word."""
        known = {"today": today, "party": party}
        return dict(answers) | {name: known.get(word, word) for name, word in (self.fills or {}).items()}


def represented(data: Mapping[str, Any]) -> frozenset[str]:
    """Names of those for whom an agent stands now."""
    rows = (data.get("participants") or {}).get("rows") or []
    return frozenset(row["for_whom"] for row in rows if row["kind"] == "agent" and not row.get("ended_on"))


def acts_of(rules: Mapping[str, Any]) -> list[PartyAct]:
    return [
        PartyAct(
            name,
            row["title"],
            row["text"],
            row["form"],
            tuple(row["sides"]),
            row.get("task"),
            row.get("act"),
            tuple(row.get("after", ())),
            tuple(row.get("until", ())),
            row.get("fills"),
            row.get("period"),
            bool(row.get("with_agent")),
        )
        for name, row in rules.get("acts", {}).items()
    ]
