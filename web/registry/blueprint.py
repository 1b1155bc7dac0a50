"""The blueprint of the pages about the real-estate registry, and what every page of it may use."""

from flask import Blueprint

from web.inbox.shell import same_list, staff_shell
from web.registry import words

blueprint = Blueprint("registry", __name__)
blueprint.context_processor(staff_shell)


@blueprint.context_processor
def helpers():
    return {"same_list": same_list, "w": words}
