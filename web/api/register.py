"""The register: households, parcels, contracts, entries and issuing parties; their history and lineage; any day of them.

``day`` and ``known`` say as of when. What is absent and what is outside the scope is told in the same words.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from engine.queries import cursors, register_search
from engine.queries import register as queries
from engine.queries.as_of import When, end_of
from engine.queries.map import zone
from engine.queries.parcel_units import told, units_on
from engine.queries.scoped import places
from engine.queries.things import past, sheets, under
from engine.queries.things.around import blocks, cases_about, open_cases
from engine.queries.things.deals import deals
from engine.queries.things.kinds import Found, find
from engine.queries.things.lineage import lineage
from engine.store.tables.register import ContractedParcel
from engine.usecases.note_read import note_read, note_search
from web.api import register_schemas as out
from web.api import register_shapes as shapes
from web.api import schemas
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.paging import page, place_of
from web.api.shapes import geojson, line, plain
from web.api.words import searched
from web.db import office_session, running

blp = blueprint("register", "登记簿 / The register")


def as_of(args: dict[str, Any]) -> When:
    now = When.now(running().clock.now())
    known = args.get("known")
    return When(
        args.get("day") or (min(known, now.day) if known else now.day),
        min(end_of(known), now.known) if known else now.known,
    )


def is_past(args: dict[str, Any]) -> bool:
    return bool(args.get("day") or args.get("known"))


def opened(session: Session, found: Found) -> str:
    """The reading is recorded; gives the place in words."""
    subject, division = f"{found.kind}:{found.code}", found.identity.division
    note_read(session, running().clock, g.actor, "open", subject, division)
    return places(session, {division})[division]


@blp.route("/households")
@staff("register")
@blp.arguments(out.HouseholdsArgs, location="query")
@blp.response(200, schemas.page_of(out.HouseholdLineOut))
def households(args: dict[str, Any]):
    """Households by code. What is searched for is recorded."""
    session, words = office_session(), searched(args["q"])
    if words:
        note_search(session, running().clock, g.actor, "register", words)
    asked = queries.Asked(
        words,
        args["division"],
        args["party"],
        args["kind"],
        args["contract"],
        args["open"],
        args.get("ends"),
        when=as_of(args) if is_past(args) else None,
    )
    lines, place = cursors.households(session, g.actor, asked, place_of(args), args["limit"])
    session.commit()
    return page([line(one) for one in lines], place)


@blp.route("/register/search")
@staff("register")
@blp.arguments(out.SearchArgs, location="query")
@blp.response(200, out.HitsOut)
def search(args: dict[str, Any]):
    """Whatever fits the words, a few of each kind. What is searched for is recorded."""
    session, words = office_session(), searched(args["q"])
    if words:
        note_search(session, running().clock, g.actor, "register", words)
    found = register_search.hits(session, g.actor, words, args["division"])
    asked = queries.Asked(words, args["division"])
    lines, more = (
        cursors.households(session, g.actor, asked, None, register_search.MOST) if words else ([], None)
    )
    session.commit()
    kinds = ("parcels", "contracts", "certificates", "parties")
    return {
        "households": [line(one) for one in lines],
        **{kind: [asdict(hit) for hit in getattr(found, kind)] for kind in kinds},
        "more": sorted(found.more | ({"households"} if more else set())),
    }


@blp.route("/households/<code>")
@staff("register")
@blp.arguments(out.WhenArgs, location="query")
@blp.response(200, schemas.HouseholdOut)
def household(args: dict[str, Any], code: str):
    """One household with members, parcels, contracts, register entries and its cases. Who opened it is recorded."""
    session, actor, when = office_session(), g.actor, as_of(args)
    sheet = sheets.household_sheet(session, actor, code, when)
    about = [sheet.found.code, *(held.code for held in sheet.parcels)]
    units = units_on(session, actor, about[1:], sheet.found.when)
    shown = shapes.household(sheet, opened(session, sheet.found), units) | {
        "srid": zone(session, actor.county).epsg,
        "open_case": open_cases(session, actor, [sheet.found.code]).get(sheet.found.code),
        **_held(about, when, sheet.found.code, about[1:], [held.row for held in sheet.parcels]),
        "cases": shapes.cases(cases_about(session, actor, about)),
    }
    session.commit()
    return shown


@blp.route("/parcels/<parcel>")
@staff("register")
@blp.arguments(out.WhenArgs, location="query")
@blp.response(200, out.ParcelOut)
def parcel(args: dict[str, Any], parcel: str):
    """One parcel with who holds it, its neighbours of today and its cases. Who opened it is recorded."""
    session, actor, when = office_session(), g.actor, as_of(args)
    sheet = sheets.parcel_sheet(session, actor, parcel, when, not is_past(args))
    about = [sheet.found.code]
    shown = shapes.thing(sheet.found, opened(session, sheet.found)) | {
        "units": shapes.units(told(session, actor, sheet.found.code, sheet.found.when)),
        "outline": plain(geojson(sheet.outline)) if sheet.outline is not None else None,
        "srid": zone(session, actor.county).epsg,
        "issuing_party": asdict(sheet.party),
        "holdings": [
            {
                "holder": asdict(one.holder),
                "contract": {"id": one.contract.id, "code": one.contract.code},
                "contracted": shapes.said(one.row),
            }
            for one in sheet.holdings
        ],
        "neighbours": [shapes.neighbour(near) for near in sheet.neighbours],
        **_held(about, when, None, about, [one.row for one in sheet.holdings]),
        "open_case": open_cases(session, actor, about).get(sheet.found.code),
        "cases": shapes.cases(cases_about(session, actor, about)),
    }
    session.commit()
    return shown


@blp.route("/contracts/<contract>")
@staff("register")
@blp.arguments(out.WhenArgs, location="query")
@blp.response(200, out.ContractOut)
def contract(args: dict[str, Any], contract: str):
    """One contract, by code (the newest that bears it) or by id. Who opened it is recorded."""
    session, actor, when = office_session(), g.actor, as_of(args)
    sheet = sheets.contract_sheet(session, actor, contract, when)
    about = [sheet.holder.code, *(held.code for held in sheet.parcels)]
    shown = shapes.thing(sheet.found, opened(session, sheet.found)) | {
        "issuing_party": asdict(sheet.party),
        "holder": asdict(sheet.holder),
        "parcels": [shapes.held(one) for one in sheet.parcels],
        "srid": zone(session, actor.county).epsg,
        "entries": [shapes.entry(one) for one in sheet.entries],
        "others": [{"id": one.id, "code": one.code} for one in sheet.others],
        **_held(about, when, None, about[1:], [held.row for held in sheet.parcels]),
        "cases": shapes.cases(cases_about(session, actor, about)),
    }
    session.commit()
    return shown


def _held(
    about: list[str], when: When, household: str | None, parcels: list[str], rows: list[ContractedParcel]
) -> dict[str, Any]:
    """Why it may not change, and whom its land is transferred to."""
    session, actor = office_session(), g.actor
    held_back = blocks(session, actor, about, when)
    refs = {one.block.ref for one in held_back}
    found = deals(session, actor, when, household=household, parcels=parcels, rows=rows, refs=refs)
    return {"blocks": shapes.blocks(held_back), **shapes.deals(found)}


@blp.route("/entries/<entry>")
@staff("register")
@blp.arguments(out.WhenArgs, location="query")
@blp.response(200, out.EntryOut)
def entry(args: dict[str, Any], entry: str):
    """One register entry with its certificates, by code (the newest that bears it) or by id. The reading is recorded."""
    session, actor, when = office_session(), g.actor, as_of(args)
    sheet = sheets.entry_sheet(session, actor, entry, when)
    contract = sheets.contract_sheet(session, actor, str(sheet.contract.id), sheet.found.when)
    about = [sheet.holder.code, *(held.code for held in contract.parcels)]
    shown = shapes.thing(sheet.found, opened(session, sheet.found)) | {
        "issuing_party": asdict(sheet.party),
        "holder": asdict(sheet.holder),
        "contract": {"id": sheet.contract.id, "code": sheet.contract.code},
        "certificates": shapes.certificates(sheet.entry),
        "documents": shapes.documents(sheet.entry),
        **_held(about, when, None, about[1:], [held.row for held in contract.parcels]),
        "cases": shapes.cases(cases_about(session, actor, about)),
    }
    session.commit()
    return shown


@blp.route("/parties/<party>")
@staff("register")
@blp.arguments(out.WhenArgs, location="query")
@blp.response(200, out.PartyOut)
def party(args: dict[str, Any], party: str):
    """One issuing party with how much there is under it. Who opened it is recorded."""
    session = office_session()
    sheet = sheets.party_sheet(session, g.actor, party, as_of(args))
    names = ("households", "parcels", "area", "contracts", "contract_area")
    shown = shapes.thing(sheet.found, opened(session, sheet.found)) | {
        name: plain(getattr(sheet, name)) for name in names
    }
    session.commit()
    return shown


@blp.route("/parties/<party>/parcels")
@staff("register")
@blp.arguments(out.UnderArgs, location="query")
@blp.response(200, schemas.page_of(out.ParcelLine))
def parcels_of_party(args: dict[str, Any], party: str):
    """Its parcels on the day, by code. Its households: GET /households?party=. The reading is recorded."""
    session, when, place = office_session(), as_of(args), place_of(args)
    found = find(session, g.actor, "party", party, when)
    opened(session, found)
    after = cursors.text_at(place, 0) if place else ""
    rows = under.parcels(session, g.actor, found.code, when, args["limit"] + 1, after=after)
    shown = rows[: args["limit"]]
    session.commit()
    return page([plain(asdict(row)) for row in shown], [shown[-1].code] if len(rows) > len(shown) else None)


@blp.route("/parties/<party>/contracts")
@staff("register")
@blp.arguments(out.UnderArgs, location="query")
@blp.response(200, schemas.page_of(out.ContractLine))
def contracts_of_party(args: dict[str, Any], party: str):
    """Its contracts in force on the day, in the order they were entered. The reading is recorded."""
    session, when, place = office_session(), as_of(args), place_of(args)
    found = find(session, g.actor, "party", party, when)
    opened(session, found)
    after = cursors.number_at(place, 0) if place else 0
    rows = under.contracts(session, g.actor, found.code, when, args["limit"] + 1, after=after)
    shown = rows[: args["limit"]]
    session.commit()
    return page([plain(asdict(row)) for row in shown], [shown[-1].id] if len(rows) > len(shown) else None)


def _past(kind: str, key: str, read: Callable[..., list[past.Moment]]) -> dict[str, Any]:
    session = office_session()
    found = find(session, g.actor, kind, key, When.now(running().clock.now()))
    opened(session, found)
    shown = {"code": found.code, "moments": shapes.moments(read(session, g.actor, found))}
    session.commit()
    return shown


@blp.route("/households/<code>/history")
@staff("register")
@blp.response(200, out.HistoryOut)
def household_history(code: str):
    """Every act that changed the household, its members, contracts or certificates. The reading is recorded."""
    return _past("contractor", code, past.household_past)


@blp.route("/parcels/<parcel>/history")
@staff("register")
@blp.response(200, out.HistoryOut)
def parcel_history(parcel: str):
    """Every act that changed the parcel or who holds it. The reading is recorded."""
    return _past("parcel", parcel, past.parcel_past)


@blp.route("/contracts/<contract>/history")
@staff("register")
@blp.response(200, out.HistoryOut)
def contract_history(contract: str):
    """Every act that changed the contract, its parcels or its register entry. The reading is recorded."""
    return _past("contract", contract, past.contract_past)


@blp.route("/entries/<entry>/history")
@staff("register")
@blp.response(200, out.HistoryOut)
def entry_history(entry: str):
    """Every act that changed the entry or its certificates. The reading is recorded."""
    return _past("entry", entry, past.entry_past)


@blp.route("/parties/<party>/history")
@staff("register")
@blp.response(200, out.HistoryOut)
def party_history(party: str):
    """Every act that changed the issuing party. The reading is recorded."""
    return _past("party", party, past.party_past)


def _lineage(kind: str, key: str, args: dict[str, Any]) -> dict[str, Any]:
    session, when = office_session(), as_of(args)
    found = find(session, g.actor, kind, key, when)
    opened(session, found)
    shown = shapes.lineage(lineage(session, g.actor, kind, found.code, when))
    session.commit()
    return shown


@blp.route("/households/<code>/lineage")
@staff("register")
@blp.arguments(out.WhenArgs, location="query")
@blp.response(200, out.LineageOut)
def household_lineage(args: dict[str, Any], code: str):
    """What the household came of and what came of it, by the day. The reading is recorded."""
    return _lineage("contractor", code, args)


@blp.route("/parcels/<parcel>/lineage")
@staff("register")
@blp.arguments(out.WhenArgs, location="query")
@blp.response(200, out.LineageOut)
def parcel_lineage(args: dict[str, Any], parcel: str):
    """What the parcel came of and what came of it, by the day. The reading is recorded."""
    return _lineage("parcel", parcel, args)
