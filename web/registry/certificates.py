"""Old certificates that came back, and the lists by which they are destroyed."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.documents.sheets import render_sheet
from engine.domain.errors import DomainError, Invalid
from engine.domain.roles import may
from engine.queries import certificates
from engine.usecases.note_read import note_read
from engine.usecases.registry import destroy_certificates
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.registry.attached import attached
from web.registry.blueprint import blueprint


@blueprint.get("/registry/certificates")
@needs("registry")
def collected():
    return _page()


def _page(typed: Any = None, errors: dict[str, list[str]] | None = None, trouble: str | None = None):
    session = office_session()
    return render_template(
        "registry/certificates.html",
        waiting=certificates.waiting(session, g.actor),
        lists=certificates.lists(session, g.actor),
        typed=typed or {},
        errors=errors or {},
        trouble=trouble,
        registrar=may(g.actor.role, "registrar"),
    )


@blueprint.post("/registry/destructions")
@needs("registrar")
def destroy():
    """The chosen certificates on one list; whatever is amiss, what was typed stays."""
    session, form = office_session(), request.form
    said: dict[str, Any] = {name: form.get(name, "") for name in ("destroyed_on", "place", "way")}
    said["witnesses"] = [
        {"name": form.get(f"witness_{n}", ""), "office": form.get(f"office_{n}", "")} for n in (1, 2)
    ]
    chosen = form.getlist("certificates")
    typed = dict(form.items()) | {"certificates": chosen}
    try:
        made = destroy_certificates(session, running().clock, g.actor, ids_of(chosen), said)
        session.commit()
    except Invalid as error:
        session.rollback()
        return _page(typed, {name: [_(text) for text in texts] for name, texts in error.fields.items()}), 422
    except DomainError as error:
        session.rollback()
        return _page(typed, trouble=message_of(error)), status_of(error)
    flash(_("已生成销毁清单 %(number)s，请打印后由监销人签名。", number=made.number), "success")
    return redirect(url_for("registry.collected"), 303)


def ids_of(chosen: list[str]) -> list[UUID]:
    """What is no id names no certificate."""
    found = []
    for text in chosen:
        try:
            found.append(UUID(text))
        except ValueError:
            found.append(UUID(int=0))
    return found


@blueprint.get("/registry/destructions/<uuid:destruction_id>.pdf")
@needs("registry")
def destruction(destruction_id: UUID):
    """权证收回销毁清单, to be signed by the witnesses."""
    session = office_session()
    found = certificates.find_list(session, g.actor, destruction_id)
    note_read(session, running().clock, g.actor, "download", f"destruction:{found.number}", found.division)
    context = certificates.sheet_context(session, g.actor, found)
    session.commit()
    return attached(
        render_sheet("destruction", context), f"{found.number}.pdf", "application/pdf", inline=True
    )
