"""A scenario as its file tells it. The language is described in docs/scenarios.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from engine.domain.calendar import WorkCalendar
from engine.domain.clock import SHANGHAI, local_date
from engine.domain.from_yaml import read_yaml
from engine.domain.register import Household
from engine.queries.household import said
from engine.usecases.scenarios.samples import SIGNATURE

MORNING = time(9)
LATER = ("$document", "$code", "$wrong_code", "$late_code")  # known when the signature is given
ANY_PHONE = "13900000000"  # for a household that the register knows no telephone of


@dataclass(frozen=True)
class Role:
    """A person of the story: a role at the case's own office, or at another one of that level.

    ``person`` names the actor who is the same person in another role.
    """

    role: str
    here: bool
    stands_in: str | None = None  # the actor for whom, as a deputy, while that lasts
    person: str | None = None


@dataclass(frozen=True)
class Story:
    name: str
    title: dict[str, str]
    start: datetime
    contract: str | None  # in_force, none (it gave its land back), never (newcomers), or None for any
    party: (
        str | None
    )  # new: its issuing party has no parcel in the register; unsurveyed: it has land beside; None: as it is
    parcels: int
    members: int  # it has at least so many
    other: bool  # another household of the same issuing party takes part
    kind: str  # of contractor, C.16: 1 household, 2 individual, 3 unit
    vacant: bool  # land of the issuing party is in no register: two parcels of a third household leave it
    farmland: bool | None  # whether its land is permanent basic farmland, as the stage is set; None: as it is
    lessors: int  # so many households, its own among them, give land in one deal
    transfer: dict[str, Any] | None  # {until, way?, guarantee?}: a firm has its first parcel already
    reviews: list[dict[str, Any]]  # opinions on the firm that is to get the deal's land
    blocked: str | None  # its first parcel is under dispute, seizure or mortgage
    origin: str
    actors: dict[str, Role]
    steps: list[dict[str, Any]]
    asking: dict[str, str] | None  # the case that asks for this one: {case_type, scenario}
    parameters: dict[str, Any]  # the county's own settings: name in parameters.yaml -> value


def read_story(path: Path) -> Story:
    return story_of(read_yaml(path.read_text("utf-8")))


def story_of(source: Mapping[str, Any]) -> Story:
    wanted = source.get("household") or {}
    return Story(
        name=source["scenario"],
        title=source["title"],
        start=moment(source["clock"]),
        contract=wanted.get("contract"),
        party=wanted.get("party"),
        parcels=wanted.get("parcels", 0),
        members=wanted.get("members", 0),
        other=wanted.get("other", False),
        kind=str(wanted.get("kind", "1")),
        vacant=bool(wanted.get("vacant")),
        farmland=wanted.get("farmland"),
        lessors=wanted.get("lessors", 1),
        transfer=wanted.get("transfer"),
        reviews=wanted.get("reviews") or [],
        blocked=wanted.get("blocked"),
        origin=source.get("origin", ""),
        actors={
            name: Role(
                actor["role"], actor.get("of", "case") == "case", actor.get("for"), actor.get("person")
            )
            for name, actor in source["actors"].items()
        },
        steps=source["steps"],
        asking=source.get("asking"),
        parameters=source.get("parameters") or {},
    )


def with_settings(files: Mapping[str, bytes], parameters: Mapping[str, Any]) -> dict[str, bytes]:
    """The case type as a county would set it: these deadlines and numbers in force all the time."""
    if not parameters:
        return dict(files)
    told = read_yaml(files["parameters.yaml"])
    for name, value in parameters.items():
        row = told["deadlines"].get(name) or told["numbers"][name]
        row["values"] = [{"from": date(2000, 1, 1), "value": value}]
    return {**files, "parameters.yaml": yaml.safe_dump(told, allow_unicode=True).encode()}


def moment(text: str) -> datetime:
    """A local time in China, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def moment_after(waits: Mapping[str, Any], now: datetime, calendar: WorkCalendar) -> datetime:
    """To when a ``waits`` moves the clock."""
    if "until" in waits:
        return moment(waits["until"])
    today = local_date(now)
    if "working_days" in waits:
        day = calendar.add_working_days(today, waits["working_days"])
    else:
        day = today + timedelta(days=waits["days"])
    return datetime.combine(day, MORNING, SHANGHAI).astimezone(UTC)


def words_of(household: Household) -> dict[str, Any]:
    """What the words beginning with $ stand for."""
    codes = [parcel.code for parcel in household.parcels]
    heirs = [m.name for m in household.members if m.relation not in ("01", "02") and m.note_code != "7"]
    return {
        "$contractor_code": household.code,
        "$contractor_name": household.name,
        "$contractor_id_number": household.id_number,
        "$phone": household.phone or ANY_PHONE,
        "$issuer_id_number": household.issuing_party.head_id_number,
        "$signature": SIGNATURE,
        "$all_parcels": codes,
        "$heir": heirs[0] if heirs else "",
        "$kin": [{"name": name, "relation": "97"} for name in heirs[1:]],
        "$signatures": signatures(household),
        "$all_died": [{"who": said(m.name, m.id_number), "what": "died"} for m in household.members],
    } | numbered("", household)


def signatures(household: Household) -> list[dict[str, str]]:
    """Everybody of the household has signed."""
    return [{"name": m.name, "household": household.name, "signed": "agrees"} for m in household.members]


def numbered(prefix: str, household: Household) -> dict[str, Any]:
    """Its parcels, and its members as forms name them, in their order."""
    return {f"${prefix}parcel_{n}": parcel.code for n, parcel in enumerate(household.parcels, 1)} | {
        f"${prefix}member_{n}": said(m.name, m.id_number) for n, m in enumerate(household.members, 1)
    }


def words_of_other(own: Household, other: Household) -> dict[str, Any]:
    """``$merged_members``: both households' members under the head of the first."""
    rows = [
        {"who": said(m.name, m.id_number), "relation": "97" if n else "02"} for n, m in enumerate(own.members)
    ]
    rows += [{"who": m.id_number, "relation": "97"} for m in other.members]
    signed = signatures(own) + signatures(other)
    named = {
        "$other_code": other.code,
        "$other_name": other.name,
        "$merged_members": rows,
        "$signatures": signed,
    }
    return named | numbered("other_", other)


def filled(value: Any, words: Mapping[str, Any]) -> Any:
    """The value with its words replaced, keys too, and its days as ISO text, as a form is posted."""
    if isinstance(value, dict):
        return {filled(key, words): filled(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, words) for item in value]
    if value in LATER:
        return value
    if isinstance(value, date):
        return value.isoformat()
    return words[value] if isinstance(value, str) and value.startswith("$") else value
