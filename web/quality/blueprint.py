"""The blueprint of the quality pages."""

from flask import Blueprint

from web.inbox.shell import staff_shell

blueprint = Blueprint("quality", __name__)
blueprint.context_processor(staff_shell)
