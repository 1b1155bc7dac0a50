"""The blueprint of the studio, and what every page about one case type needs."""

from dataclasses import dataclass

from flask import Blueprint, abort, g, render_template, url_for
from flask_babel import gettext as _

from engine.queries.studio import Overview, overview
from engine.usecases.edit_process import Draft, read_draft
from web.db import office_session
from web.inbox.shell import staff_shell
from web.inbox.words import both

MODEL = "process.bpmn"
LONGEST_NAME = 100

blueprint = Blueprint("studio", __name__)
blueprint.context_processor(staff_shell)


@dataclass(frozen=True)
class Desk:
    """One case type on the administrator's desk: how it stands, and its draft."""

    state: Overview
    draft: Draft

    @property
    def name(self) -> str:
        return self.draft.case_type

    @property
    def title(self) -> str:
        return both(self.state.case_type.title)

    @property
    def rebased(self) -> bool:
        """Another version came into force while this was being changed."""
        return self.draft.base_version != self.state.in_force.id

    @property
    def base_number(self) -> int:
        return next(row.number for row in self.state.versions if row.id == self.draft.base_version)

    @property
    def mine(self) -> bool:
        """Submitted by the very person who looks at it."""
        row = self.draft.row
        return row is not None and row.submitted_by == g.actor.person_id


def desk(case_type: str) -> Desk:
    """Raises NotFound; 404 for what can be no name."""
    if not case_type.isidentifier() or len(case_type) > LONGEST_NAME:
        abort(404)
    session, county = office_session(), g.actor.county
    return Desk(overview(session, county, case_type), read_draft(session, county, case_type))


def page(template: str, found: Desk, tab: str, **facts: object) -> str:
    return render_template(f"studio/{template}", desk=found, tabs=tabs(found, tab), **facts)


def tabs(found: Desk, current: str) -> list[dict[str, object]]:
    rows = (
        ("model", url_for("studio.model", case_type=found.name), _("流程模型"), None),
        ("files", url_for("studio.files", case_type=found.name), _("表单和其他文件"), None),
        (
            "changes",
            url_for("studio.changes", case_type=found.name),
            _("修改和复核"),
            len(found.draft.changed),
        ),
        ("versions", url_for("studio.versions", case_type=found.name), _("版本"), len(found.state.versions)),
    )
    return [
        {"label": label, "href": href, "count": count, "current": key == current}
        for key, href, label, count in rows
    ]
