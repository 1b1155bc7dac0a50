"""The blueprint of the statistics pages, and what every page of it may use."""

from flask import Blueprint

from web.inbox.shell import same_list, staff_shell
from web.statistics import charts, words

blueprint = Blueprint("statistics", __name__)
blueprint.context_processor(staff_shell)


@blueprint.context_processor
def helpers():
    return {"same_list": same_list, "charts": charts, "w": words}
