"""The blueprint of the statistics pages, and what every page of it may use."""

from urllib.parse import urlencode

from flask import Blueprint, request

from web.inbox.shell import same_list, staff_shell
from web.statistics import charts, words

blueprint = Blueprint("statistics", __name__)
blueprint.context_processor(staff_shell)


@blueprint.context_processor
def helpers():
    return {"same_list": same_list, "with_query": with_query, "charts": charts, "w": words}


def with_query(path: str) -> str:
    """Another address with what this one asks; never through ``url_for``, which takes some names for its own."""
    return (
        f"{path}?{urlencode(kept)}"
        if (kept := {k: v for k, v in request.args.items() if k != "lang"})
        else path
    )
