"""What anybody may read: public notices with an objection's form, guides of the procedures, the offices' telephones."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from engine.domain.clock import local_date
from engine.queries import portal_pages, portal_public
from engine.store.tables.portal_public import PublicDispute, PublicNotice
from web.db import portal_session, running
from web.disputes.words import OUTCOMES
from web.limits import limiter
from web.portal.plot import plot


def add_routes(blueprint: Blueprint) -> None:
    often = limiter.limit("60/minute;1200/hour")
    blueprint.get("/portal/notices")(often(notices))
    blueprint.get("/portal/notices/<uuid:notice_id>")(often(notice))
    blueprint.get("/portal/disputes")(often(disputes))
    blueprint.get("/portal/guides")(often(guides))
    blueprint.get("/portal/guides/<county>/<case_type>")(often(guide))
    blueprint.get("/portal/offices")(often(offices))


def notices():
    words = " ".join(request.args.get("q", "").split())[:60]
    found = portal_public.notices(portal_session(), local_date(running().clock.now()), words)
    return render_template("portal/notices.html", notices=found, words=words, most=portal_public.MOST)


def disputes():
    """仲裁案件公开清单: names are masked."""
    words = " ".join(request.args.get("q", "").split())[:60]
    found = portal_public.disputes(portal_session(), words)
    return render_template(
        "portal/disputes.html",
        disputes=found,
        words=words,
        most=portal_public.MOST,
        outcomes=OUTCOMES,
        starts=starts,
    )


def starts(found: PublicDispute) -> datetime:
    """Of the hearing that is called."""
    return datetime.fromisoformat(found.hearing["starts_at"])


def notice(notice_id: UUID):
    found = hanging(notice_id)
    if found is None:
        return over()
    return render_template("portal/notice.html", notice=found, drawn=plot(found.map), sides=sides)


def hanging(notice_id: UUID) -> PublicNotice | None:
    return portal_public.notice(portal_session(), notice_id, local_date(running().clock.now()))


def over():
    """The same words for a notice that is over and for one that never was."""
    cards = portal_pages.counties(portal_session())
    return render_template("portal/notice_over.html", counties=cards), 404


def sides(bounds: list[str]) -> str:
    """四至: 东至…，南至…"""
    named = zip((_("东至"), _("南至"), _("西至"), _("北至")), bounds, strict=True)
    return _("，").join(f"{side}{what}" for side, what in named if what)


def guides():
    return render_template("portal/guides.html", guides=portal_public.guides(portal_session()))


def guide(county: str, case_type: str):
    found = portal_public.guide(portal_session(), county[:12], case_type[:60])
    if found is None:
        abort(404)
    card, row = found
    return render_template("portal/guide.html", card=card, guide=row, periods=of_unit, articles=articles)


def of_unit(row: dict[str, Any]) -> str:
    """10个工作日."""
    if row["unit"] == "working_days":
        return ngettext("%(days)s个工作日", "%(days)s个工作日", row["days"], days=row["days"])
    return ngettext("%(days)s天", "%(days)s天", row["days"], days=row["days"])


def articles(named: list[str]) -> str:
    """第13、16条; what is no number stands as the source writes it."""
    together = _("、").join(named)
    return _("第%(articles)s条", articles=together) if all(one.isdecimal() for one in named) else together


def offices():
    return render_template("portal/offices.html", counties=portal_pages.counties(portal_session()))
