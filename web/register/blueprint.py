"""The blueprint of the register's pages, and what each of them may use."""

from flask import Blueprint

from web.inbox.shell import staff_shell

blueprint = Blueprint("register", __name__)
blueprint.context_processor(staff_shell)
