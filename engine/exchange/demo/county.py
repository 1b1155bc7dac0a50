"""Puts the demonstration county together: plan, fields, households, holdings, and from them all rows."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import shapely

from engine.exchange.demo import boundaries, fields, holdings, people, plan, terrain
from engine.exchange.demo.boundaries import Boundaries
from engine.exchange.demo.fields import Land, Strip
from engine.exchange.demo.holdings import Days, Ground, Holder, Rows
from engine.exchange.demo.plan import Area, Borders, Plan
from engine.exchange.demo.settings import size_for
from engine.exchange.demo.terrain import Terrain

NOT_CONTRACTED = ("21", "21", "22", "23", "99")
SHARERS = 6  # households that hold one parcel of the last group by shares (确权确股不确地)


@dataclass
class Parcel:
    """One parcel of the county; `holders` is empty for land that is not contracted."""

    code: str
    strip: Strip
    outline: shapely.Polygon
    area: Decimal
    category: str = "10"
    holders: list[Holder] = field(default_factory=list)


@dataclass
class GroupLand:
    """One issuing party with its land, parcels (in the order of the strips) and boundaries."""

    area: Area
    land: Land
    parcels: list[Parcel]
    boundaries: Boundaries
    head: Holder


@dataclass
class County:
    """Everything of the county before it becomes layers, tables and files."""

    plan: Plan
    terrain: Terrain
    borders: Borders
    groups: list[GroupLand]
    holders: list[Holder]
    rows: Rows


def make_county(seed: int, households: int) -> County:
    """The same seed and size give the same county, byte for byte."""
    random = Random(f"{seed}/{households}")
    county_plan = plan.make_plan(size_for(households), random)
    ground = terrain.make_terrain(random)
    registrar = people.Registrar(random)
    days = holdings.village_days(county_plan)
    rows: Rows = defaultdict(list)
    county = County(county_plan, ground, Borders(county_plan, ground), [], [], rows)
    for area in county_plan.groups:
        _add_group(county, area, days[area.code[:12]], random, registrar)
    holdings.add_acts(rows, county.holders)
    return county


def _add_group(county: County, area: Area, days: Days, random: Random, registrar: people.Registrar) -> None:
    land = fields.make_land(area, county.terrain, random)
    parcels = [_parcel(area, n, strip) for n, strip in enumerate(land.strips)]
    households = holdings.make_households(area, random, registrar)
    holders = households + _outsiders(county, area, random, registrar)
    _allocate(county, area, parcels, households, holders[len(households) :], random)
    ground = {n: Ground(n, p.code, p.area) for n, p in enumerate(parcels)}
    for holder in holders:
        for n in holder.shares:
            parcels[n].holders.append(holder)
        address = area.full_name if holder.kind == "1" else area.full_name[: -len(area.name)]
        holdings.add_holder(county.rows, holder, ground, days, address, random)
    if area.code.endswith("01") and len(households) > 2:
        holdings.add_swap(county.rows, households[0], households[1], ground, 1, days)
    county.rows["FBF"].append(holdings.issuing_party(area, households[-1], days))
    county.groups.append(GroupLand(area, land, parcels, boundaries.trace(land.strips), households[-1]))
    county.holders += holders


def _parcel(area: Area, number: int, strip: Strip) -> Parcel:
    outline = shapely.Polygon([terrain.metres(point) for point in strip.ring])
    exact = Decimal(repr(outline.area)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Parcel(f"{area.code}{number + 1:05d}", strip, outline, exact)


def _outsiders(county: County, area: Area, random: Random, registrar: people.Registrar) -> list[Holder]:
    """In each village's first group a person, in each township's first also a unit."""
    if not area.code.endswith("01"):
        return []
    village = next(v for v in county.plan.villages if v.code == area.code[:12])
    found = [holdings.make_outsider(area, "2", village.name, random, registrar)]
    if village.code.endswith("201"):
        found.append(holdings.make_outsider(area, "3", village.name, random, registrar))
    return found


def _allocate(county, area, parcels, households, outsiders, random: Random) -> None:
    """Some land stays with the collective, some goes to outsiders, the rest to the households."""
    free = list(range(len(parcels)))
    random.shuffle(free)
    for _ in range(round(len(parcels) * 0.033)):
        parcels[free.pop()].category = random.choice(NOT_CONTRACTED)
    for holder in outsiders:
        for _ in range(random.randint(1, 2)):
            holder.shares[free.pop()] = None
    if area == county.plan.groups[-1] and len(households) >= 2 * SHARERS:
        _share(households[:SHARERS], free.pop(), parcels)
    holdings.deal(households, sorted(free), random)


def _share(holders: list[Holder], index: int, parcels: list[Parcel]) -> None:
    area = parcels[index].area
    share = (area / len(holders)).quantize(Decimal("0.01"))
    for holder in holders[1:]:
        holder.shares[index] = share
    holders[0].shares[index] = area - share * (len(holders) - 1)
