"""Every case type of the county: the version in force, the open cases on each version, the open draft."""

from flask import g, render_template

from engine.queries.studio import overviews
from web.auth import needs
from web.db import office_session
from web.studio.blueprint import blueprint


@blueprint.get("/studio")
@needs("studio")
def overview():
    return render_template("studio/overview.html", found=overviews(office_session(), g.actor.county))
