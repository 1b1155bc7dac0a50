"""One parcel: what it is, who holds it and next to whom, what it came of."""

from flask import g

from engine.queries.map import feature
from engine.queries.parcel_units import told
from engine.queries.things.kinds import Named
from engine.queries.things.lineage import lineage
from engine.queries.things.past import parcel_past
from engine.queries.things.sheets import ParcelSheet, household_sheet, parcel_sheet
from web.auth import needs
from web.db import office_session, running
from web.register.around import Land, chain, decimals, noted, page
from web.register.asked import asking
from web.register.blueprint import blueprint
from web.register.drawn import drawn
from web.register.words import Words


@blueprint.get("/register/parcels/<parcel>")
@needs("register")
def parcel(parcel: str):
    session, actor = office_session(), g.actor
    asked = asking(running().clock.now())
    sheet = parcel_sheet(session, actor, parcel, asked.when, not asked.past)
    noted(sheet.found)
    kin = lineage(session, actor, "parcel", sheet.found.code, asked.when)
    holder = sheet.holdings[0].holder if sheet.holdings else None
    return page(
        "register/parcel.html",
        sheet.found,
        asked,
        Words(decimals(session, actor.county)),
        [sheet.found.code, *(holding.holder.code for holding in sheet.holdings)],
        Land(None, [sheet.found.code], [holding.row for holding in sheet.holdings]),
        sheet=sheet,
        chain=lambda cases, held: _chain(asked, sheet, holder, cases, held),
        features=_features(sheet),
        past=parcel_past(session, actor, sheet.found),
        kin=kin,
        drawing=drawn(kin),
        units=told(session, actor, sheet.found.code, sheet.found.when),
    )


def _chain(asked, sheet: ParcelSheet, holder: Named | None, cases, held):
    entries = (
        household_sheet(office_session(), g.actor, holder.code, sheet.found.when).entries if holder else ()
    )
    contracts = [holding.contract for holding in sheet.holdings]
    return chain(asked, "parcel", sheet.party, holder, [sheet.found.code], contracts, entries, cases, held)


def _features(sheet: ParcelSheet) -> dict:
    version = sheet.found.version
    found = [feature(near.code, near.name, None, near.outline, "neighbour") for near in sheet.neighbours]
    if version is not None and sheet.outline is not None:
        found.append(feature(sheet.found.code, version.name, version.measured_area, sheet.outline, "parcel"))
    return {"type": "FeatureCollection", "features": found}
