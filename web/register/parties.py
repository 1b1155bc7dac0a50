"""One issuing party 发包方: what it is, and lists of its households, parcels and contracts on a day."""

from dataclasses import replace
from functools import partial

from flask import g, request

from engine.queries import register
from engine.queries.things import under
from engine.queries.things.kinds import Named
from engine.queries.things.past import party_past
from engine.queries.things.sheets import party_sheet
from web.auth import needs
from web.db import office_session, running
from web.inbox.shell import asked_page, same_list
from web.register.around import chain, decimals, noted, page
from web.register.asked import asking, is_narrowed, listed, sort_link, years
from web.register.blueprint import blueprint
from web.register.exports import same_export
from web.register.words import Words, code_label

LISTS = ("households", "parcels", "contracts")


@blueprint.get("/register/parties/<party>")
@needs("register")
def party(party: str):
    """The list's state is its address: list, page, and what households are narrowed to."""
    session, actor = office_session(), g.actor
    asked = asking(running().clock.now())
    sheet = party_sheet(session, actor, party, asked.when)
    noted(sheet.found)
    shown = request.args.get("list", "households")
    shown = shown if shown in LISTS else "households"
    code, narrowed = sheet.found.code, replace(listed(asked), party=sheet.found.code)
    total = {"households": 0, "parcels": sheet.parcels, "contracts": sheet.contracts}[shown]
    number = min(asked_page(), max(1, -(-total // under.PAGE)))
    lines, rows = None, []
    if shown == "households":
        lines = register.households(session, actor, narrowed, asked_page())
    else:
        rows = getattr(under, shown)(session, actor, code, asked.when, under.PAGE, (number - 1) * under.PAGE)
    name = sheet.found.version.name if sheet.found.version is not None else code
    return page(
        "register/party.html",
        sheet.found,
        asked,
        Words(decimals(session, actor.county)),
        [code],
        sheet=sheet,
        name=name,
        chain=lambda cases, held=0: chain(asked, "party", Named(code, name), cases=cases)[:1],
        shown=shown,
        lines=lines,
        rows=rows,
        number=number,
        pages=max(1, -(-total // under.PAGE)),
        narrowed=narrowed,
        narrow_set=is_narrowed(listed(asked)),
        years=years(asked),
        code_label=code_label,
        same_export=lambda kind: same_export(code, shown, kind),
        same_list=same_list,
        sort_link=partial(sort_link, narrowed),
        past=party_past(session, actor, sheet.found),
    )
