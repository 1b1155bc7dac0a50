"""One register entry 登记簿 with its certificates and source documents."""

from flask import g

from engine.queries.things.past import entry_past
from engine.queries.things.sheets import contract_sheet, entry_sheet
from web.auth import needs
from web.db import office_session, running
from web.register.around import Land, chain, decimals, noted, page
from web.register.asked import asking
from web.register.blueprint import blueprint
from web.register.words import Words


@blueprint.get("/register/entries/<entry>")
@needs("register")
def entry(entry: str):
    """By its code, the newest that bears it; by its number in this register, any."""
    session, actor = office_session(), g.actor
    asked = asking(running().clock.now())
    sheet = entry_sheet(session, actor, entry, asked.when)
    noted(sheet.found)
    contract = contract_sheet(session, actor, str(sheet.contract.id), sheet.found.when)
    codes = [held.code for held in contract.parcels]
    return page(
        "register/entry.html",
        sheet.found,
        asked,
        Words(decimals(session, actor.county)),
        [sheet.holder.code, *codes],
        Land(None, codes, [held.row for held in contract.parcels]),
        sheet=sheet,
        contract=contract,
        chain=lambda cases, held: chain(
            asked, "entry", sheet.party, sheet.holder, codes, [sheet.contract], [sheet.entry], cases, held,
        ),
        past=entry_past(session, actor, sheet.found),
    )  # fmt: skip
