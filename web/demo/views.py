"""The demonstration's own pages: the messages that would have gone to telephones. Not there in production."""

from flask import Blueprint, abort, current_app, render_template

from engine.queries.sent_messages import sent_messages
from web.db import office_session

blueprint = Blueprint("demo", __name__)


@blueprint.before_request
def only_in_demonstrations() -> None:
    if not current_app.config["DEMO"]:
        abort(404)


@blueprint.get("/demo/messages")
def messages():
    return render_template("demo/messages.html", messages=sent_messages(office_session()))
