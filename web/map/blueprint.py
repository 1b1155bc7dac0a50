"""The blueprint of the map's pages."""

from flask import Blueprint

from web.inbox.shell import staff_shell

blueprint = Blueprint("map", __name__)
blueprint.context_processor(staff_shell)
