"""What anyone may see of contracted land, without signing in: the query store's generalised map and its table twin.

These pages use the query store's own role and nothing behind it. They show no names.
"""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import NotFound
from engine.exchange.standard import label
from engine.queries import open_land
from web.db import query_session
from web.i18n import N_, lang
from web.inbox.shell import asked_page, same_list, searched
from web.limits import limiter

blueprint = Blueprint("open", __name__)
STATES = {"contracted": N_("已承包"), "uncontracted": N_("未承包")}
MARKS = {"transfer": N_("流转"), "mortgage": N_("抵押"), "dispute": N_("纠纷"), "seizure": N_("查封")}
LASTING = 9999  # year of an end that is 长久不变
often = limiter.limit("60/minute;1200/hour")


@blueprint.context_processor
def words():
    return {"state_words": state_words, "term_words": term_words, "way_words": way_words}


def state_words(parcel: open_land.Parcel) -> str:
    """已承包, and what stands on it: 已承包（流转、抵押）."""
    said = _(STATES[parcel.state])
    on_it = _("、").join(_(MARKS[mark]) for mark in parcel.marks)
    return _("%(state)s（%(marks)s）", state=said, marks=on_it) if on_it else said


def term_words(parcel: open_land.Parcel) -> str:
    if parcel.term_start is None or parcel.term_end is None:
        return "—"
    end = _("长久") if parcel.term_end.year == LASTING else parcel.term_end.isoformat()
    return _("%(start)s 至 %(end)s", start=parcel.term_start.isoformat(), end=end)


def way_words(parcel: open_land.Parcel) -> str:
    return label("C.10", parcel.way, lang()) or "—"


@blueprint.get("/open")
@often
def overview():
    """Villages to choose from, or what was looked for."""
    query, asked = query_session(), searched()
    known = open_land.counties(query)
    chosen = next((c for c in known if c.county == request.args.get("county")), known[0] if known else None)
    if chosen is None:
        raise NotFound("open", "本系统没有开放公开查询")
    code = "".join(asked.split())
    if open_land.is_parcel(code):
        try:
            return redirect(url_for("open.parcel", code=open_land.parcel(query, code).code))
        except NotFound:
            pass
    return render_template(
        "open/overview.html",
        counties=known,
        county=chosen,
        words=asked,
        found=open_land.named(query, chosen.county, asked) if asked else None,
        townships=open_land.townships(query, chosen.county),
    )


@blueprint.get("/open/villages/<code>")
@often
def village(code: str):
    query = query_session()
    name = open_land.village_name(query, code)
    lines, total, page = open_land.lines(query, code, asked_page())
    pages = max(1, -(-total // open_land.PAGE))
    return render_template(
        "open/village.html",
        code=code,
        name=name,
        county=open_land.county_of(query, code),
        lines=lines,
        total=total,
        page=page,
        pages=pages,
        most=open_land.MOST_DRAWN,
        previous=same_list(page=page - 1) if page > 1 else None,
        next=same_list(page=page + 1) if page < pages else None,
    )


@blueprint.get("/open/villages/<code>.geojson")
@often
def features(code: str):
    query = query_session()
    open_land.village_name(query, code)
    answer = jsonify(open_land.drawn(query, code))
    answer.content_type = "application/geo+json"
    answer.headers["Cache-Control"] = "public, max-age=600"
    return answer


@blueprint.get("/open/parcels/<code>")
@often
def parcel(code: str):
    query = query_session()
    found = open_land.parcel(query, code)
    return render_template(
        "open/parcel.html",
        parcel=found,
        features=open_land.around(query, found),
        county=open_land.county_of(query, code),
        village=code[:12],
    )
