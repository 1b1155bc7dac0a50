"""The blueprint of the staff's cases and tasks, and what every page of it may use."""

from flask import Blueprint

from web.inbox.shell import staff_shell
from web.inbox.words import awaited_words, case_title, period_label, period_title, step_name

blueprint = Blueprint("inbox", __name__)
blueprint.context_processor(staff_shell)


@blueprint.context_processor
def words():
    return {
        "period_label": period_label,
        "period_title": period_title,
        "awaited_words": awaited_words,
        "step_name": step_name,
        "case_title": case_title,
    }
