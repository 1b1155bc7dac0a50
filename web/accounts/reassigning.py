"""All open tasks of somebody who leaves a post, given to others who hold it: the security administrator's part."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain.errors import Invalid
from engine.queries.reassigning import held_by, holders
from engine.queries.scoped import places
from engine.usecases.accounts.noted import SECURITY
from engine.usecases.accounts.noted import account as account_of
from engine.usecases.reassign_tasks import reassign_all
from web.accounts.blueprint import as_uuid, blueprint, today
from web.auth import needs
from web.db import office_session, running
from web.i18n import in_words


def open_tasks(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    """{role, office, place, count, takers} of each position that the person has open tasks in."""
    if g.actor.role != SECURITY:
        return []
    held = held_by(session, g.actor, person_id)
    named = places(session, {one.office for one in held})
    return [
        vars(one)
        | {
            "place": named[one.office],
            "takers": [
                taker
                for taker in holders(session, g.actor.county, one.role, one.office, today())
                if taker.id != person_id
            ],
        }
        for one in held
    ]


@blueprint.post("/<uuid:person_id>/reassign")
@needs("accounts")
def reassign(person_id: UUID):
    """Item by item, honestly counted."""
    session = office_session()
    account_of(session, g.actor, person_id)
    to = as_uuid(request.form.get("to", ""))
    role, office = request.form.get("role", "")[:40], request.form.get("office", "")[:20]
    if to is None:
        flash(_("请选择转给谁"), "error")
        return redirect(url_for("accounts.one", person_id=person_id), 303)
    try:
        outcomes = reassign_all(
            session,
            running().clock,
            g.actor,
            person_id,
            to,
            request.form.get("reason", "")[:1000],
            (role, office),
        )
    except Invalid as error:
        flash(in_words(error.fields["reason"][0]), "error")
        return redirect(url_for("accounts.one", person_id=person_id), 303)
    session.commit()
    failed = [in_words(one.fault) for one in outcomes if one.fault is not None]
    flash(
        _("已转办%(n)s件", n=len(outcomes) - len(failed)),
        "success" if len(outcomes) > len(failed) else "info",
    )
    for why in sorted(set(failed)):
        flash(_("%(n)s件没有转办：%(why)s", n=failed.count(why), why=why), "error")
    return redirect(url_for("accounts.one", person_id=person_id), 303)
