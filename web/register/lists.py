"""The list of households, narrowed and ordered, and the one box that finds anything of the register."""

from functools import partial

from flask import g, render_template

from engine.queries import register
from engine.queries.divisions import to_choose_from
from engine.queries.register_search import hits
from engine.usecases.note_read import note_search
from web.auth import needs
from web.db import office_session, running
from web.inbox.shell import asked_page, same_list
from web.register.around import address
from web.register.asked import asking, is_narrowed, listed, sort_link, years
from web.register.blueprint import blueprint
from web.register.words import code_label


@blueprint.get("/register")
@needs("register")
def households():
    """The list's state is its address. What is searched for is recorded."""
    session, actor = office_session(), g.actor
    asked = asking(running().clock.now())
    narrowed = listed(asked)
    if narrowed.words:
        note_search(session, running().clock, actor, "register", narrowed.words)
    html = render_template(
        "register/list.html",
        asked=asked,
        narrowed=narrowed,
        words=narrowed.words,
        found=register.households(session, actor, narrowed, asked_page()),
        others=hits(session, actor, narrowed.words, narrowed.division),
        divisions=to_choose_from(session, actor, narrowed.division),
        narrow_set=is_narrowed(narrowed),
        years=years(asked),
        code_label=code_label,
        address=address,
        same_list=same_list,
        sort_link=partial(sort_link, narrowed),
    )
    session.commit()
    return html, asked.status
