"""One contract: its terms, the parcels under it, its register entry and what changed it."""

from flask import g

from engine.queries.map import land_features
from engine.queries.things.past import contract_past
from engine.queries.things.sheets import contract_sheet
from web.auth import needs
from web.db import office_session, running
from web.register.around import Land, chain, decimals, noted, page
from web.register.asked import asking
from web.register.blueprint import blueprint
from web.register.words import Words


@blueprint.get("/register/contracts/<contract>")
@needs("register")
def contract(contract: str):
    """By its code, the newest that bears it; by its number in this register, any."""
    session, actor = office_session(), g.actor
    asked = asking(running().clock.now())
    sheet = contract_sheet(session, actor, contract, asked.when)
    noted(sheet.found)
    land = [
        (held.code, held.version.name, held.version.measured_area, held.outline)
        for held in sheet.parcels
        if held.version is not None and held.outline is not None
    ]
    codes = [held.code for held in sheet.parcels]
    return page(
        "register/contract.html",
        sheet.found,
        asked,
        Words(decimals(session, actor.county)),
        [sheet.holder.code, *codes],
        Land(None, codes, [held.row for held in sheet.parcels]),
        sheet=sheet,
        chain=lambda cases, held: chain(
            asked,
            "contract",
            sheet.party,
            sheet.holder,
            codes,
            [sheet.found.identity],
            sheet.entries,
            cases,
            held,
        ),
        features=land_features(session, actor, land, not asked.past),
        past=contract_past(session, actor, sheet.found),
    )
