"""Vault, operational and query store: what each may hold of the others, and how contents are compared.

保密库 holds the survey's masters, 运行库 is taken from it with security processing, 查询库 is a masked and generalised
part of that (SEED-PLAN 二(一)). Defaults with their sources are in data/stores.yaml; a county sets its own under
``settings["stores"]``. Outlines are WKB in the county's zone, metres; areas m2.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import shapely

from engine.domain import masking
from engine.domain.errors import Invalid
from engine.domain.from_yaml import read_yaml
from engine.domain.outlines import generalised, rounded
from engine.domain.register import mu
from engine.domain.said import say

VAULT, OPERATIONAL, QUERY = "vault", "operational", "query"
PARCELS = "DK"
OF_PARCELS = ("JZD", "JZX")  # boundary points and lines: what a change of parcels changes too
BOUNDARIES = (*OF_PARCELS, "KZD")  # what the vault keeps beside parcels
LAYERS = (PARCELS, *BOUNDARIES)  # all that it keeps
_PLACES = ("X2000", "Y2000", "X80", "Y80")  # fields of KZD that say its place once more
MARKS = ("dispute", "mortgage", "seizure", "transfer")
# Fields of DK that may stay in the vault: the standard lets them be empty (annex A), nothing is computed from them.
MAY_BE_LEFT_OUT = frozenset({"ZJRXM", "DKBZXX", "SYQXZ", "TDLYLX"})


@dataclass(frozen=True)
class StoreRules:
    """A county's settings. ``decimals`` None: corners as surveyed."""

    decimals: int | None
    left_out: frozenset[str]
    grid_m: float
    mu_decimals: int
    marks: frozenset[str]


@cache
def _shipped() -> dict[str, Any]:
    text = (Path(__file__).parent / "data" / "stores.yaml").read_text("utf-8")
    parts = read_yaml(text)
    return {name: row["value"] for part in parts.values() for name, row in part.items()}


def rules_of(settings: Mapping[str, Any]) -> StoreRules:
    """The county's rules; Invalid names every setting that cannot be."""
    found = _shipped() | dict(settings.get("stores") or {})
    wrong: dict[str, list[str]] = {}
    if found["decimals"] is not None and found["decimals"] not in range(4):
        wrong["decimals"] = [say("坐标小数位数只能是 0 到 3")]
    if set(found["left_out"]) - MAY_BE_LEFT_OUT:
        wrong["left_out"] = [say("只能略去 %(names)s", names=sorted(MAY_BE_LEFT_OUT))]
    if not 1 <= float(found["grid_m"]) <= 1000:
        wrong["grid_m"] = [say("概化格网只能是 1 到 1000 米")]
    if found["mu_decimals"] not in range(3):
        wrong["mu_decimals"] = [say("公开面积的小数位数只能是 0 到 2")]
    if set(found["marks"]) - set(MARKS):
        wrong["marks"] = [say("只有 %(names)s", names=list(MARKS))]
    if wrong:
        raise Invalid(wrong)
    return StoreRules(
        found["decimals"],
        frozenset(found["left_out"]),
        float(found["grid_m"]),
        found["mu_decimals"],
        frozenset(found["marks"]),
    )


@dataclass(frozen=True)
class Master:
    """One thing as surveyed. ``facts``: the standard's fields by code, as JSON; a thing that is gone has none."""

    layer: str
    code: str
    facts: Mapping[str, Any]
    outline: bytes | None

    @property
    def content(self) -> bytes:
        """SHA-256 of what the survey says of it: a parcel's outline and area, all of any other thing.

        A parcel's other fields change for reasons that are not the survey's, and stand as they were when it was made.
        """
        said = (self.facts.get("SCMJ"),) if self.layer == PARCELS else sorted(self.facts.items())
        return digest(self.layer, self.code, said, plane(self.outline).hex() if self.outline else None)

    @property
    def gone(self) -> bool:
        return not self.facts

    @property
    def parcels(self) -> frozenset[str]:
        """Codes of the parcels that it belongs to; none of a control point, or of a boundary that is gone."""
        if self.layer == PARCELS:
            return frozenset([self.code])
        return frozenset(filter(None, str(self.facts.get("DKBM", "")).split("/")))


def processed(master: Master, rules: StoreRules) -> Master:
    """The master as the operational store may have it."""
    if master.outline is None:
        return master
    outline, facts = master.outline, dict(master.facts)
    if rules.decimals is not None:
        outline = shapely.to_wkb(rounded(shapely.from_wkb(outline), rules.decimals))
        if master.layer == "KZD":
            told = {name: facts[name] for name in _PLACES if name in facts}
            facts |= {name: str(round(float(place), rules.decimals)) for name, place in told.items()}
    left = rules.left_out if master.layer == PARCELS else frozenset()
    return replace(master, facts={k: v for k, v in facts.items() if k not in left}, outline=outline)


@dataclass(frozen=True)
class PublicFacts:
    """What the operational store says of a parcel now, before anything is left out. ``marks``: see MARKS."""

    code: str
    division: str
    place: str
    measured_area: Decimal
    outline: bytes
    way: str | None = None
    term_start: date | None = None
    term_end: date | None = None
    holder: str | None = None
    holder_kind: str | None = None  # C.16: 1 household, 2 person, 3 unit
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OpenParcel:
    """A row of the query store: masked, generalised, and nothing that could be turned back."""

    code: str
    division: str
    place: str
    area_mu: Decimal
    state: str  # contracted, uncontracted
    way: str | None
    term_start: date | None
    term_end: date | None
    marks: tuple[str, ...]
    holder: str | None  # for other departments; no page shows it
    outline: bytes

    @property
    def content(self) -> bytes:
        row = (self.code, self.division, self.place, f"{self.area_mu:.2f}", self.state, self.way, self.term_start,
               self.term_end, self.marks, self.holder, self.outline.hex())  # fmt: skip
        return digest(*row)


def opened(facts: PublicFacts, rules: StoreRules) -> OpenParcel:
    """What anyone may see of the parcel."""
    unit = facts.holder_kind == "3"  # an enterprise is no person
    return OpenParcel(
        code=facts.code,
        division=facts.division,
        place=facts.place,
        area_mu=mu(facts.measured_area, rules.mu_decimals),
        state="contracted" if facts.way else "uncontracted",
        way=facts.way,
        term_start=facts.term_start,
        term_end=facts.term_end,
        marks=tuple(sorted(facts.marks & rules.marks)),
        holder=facts.holder if unit else masking.name(facts.holder) or None,
        outline=shapely.to_wkb(generalised(shapely.from_wkb(facts.outline), rules.grid_m)),
    )


def plane(outline: bytes) -> bytes:
    """The outline as two-dimensional little-endian WKB, however it was written."""
    return shapely.to_wkb(shapely.from_wkb(outline), output_dimension=2)


def digest(*parts: Any) -> bytes:
    """SHA-256 of a row of plain values."""
    return hashlib.sha256(repr([_plain(part) for part in parts]).encode()).digest()


def _plain(part: Any) -> Any:
    if isinstance(part, tuple | list):
        return [_plain(inner) for inner in part]
    return None if part is None else str(part)


def total(contents: Mapping[str, bytes]) -> str:
    """One hash over many things by code: equal where every thing is equal."""
    whole = hashlib.sha256()
    for code in sorted(contents):
        whole.update(code.encode() + b"\0" + contents[code])
    return whole.hexdigest()
