"""Accounts of the county: the system administrator makes them, the security administrator grants and locks."""

import json
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain.accounts import Wanted, day_named, faults_of, role_named
from engine.domain.errors import DomainError, Refused
from engine.domain.roles import OUTSIDE, TITLES
from engine.exchange import account_sheets
from engine.queries import accounts as queries
from engine.queries.counties import division_names
from engine.store.people import identity_of
from engine.usecases.accounts import create, grant
from engine.usecases.accounts.noted import account as account_of
from engine.usecases.accounts.outside import link_identity
from web.accounts.blueprint import as_uuid, blueprint, today
from web.accounts.reassigning import open_tasks
from web.accounts.words import EVENTS
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of
from web.i18n import in_words
from web.inbox.shell import asked_page, printable, same_list, searched


def people_roles() -> dict[str, dict[str, str]]:
    return {role: titles for role, titles in TITLES.items() if role != OUTSIDE}


@blueprint.get("")
@needs("accounts")
def overview():
    """The list's state is its address: q, role, state, page."""
    session = office_session()
    role, state = request.args.get("role", ""), request.args.get("state", "")
    role, state = role if role in TITLES else "", state if state in queries.STATES else ""
    found = queries.accounts(session, g.actor, today(), searched(), role, state, asked_page())
    return render_template(
        "accounts/list.html",
        found=found,
        words=searched(),
        role=role,
        state=state,
        roles=TITLES,
        waiting=queries.count_waiting(session, g.actor),
        same_list=same_list,
    )


@blueprint.get("/new")
@needs("accounts")
def new():
    return _form({}, {})


@blueprint.post("/new")
@needs("accounts")
def make():
    typed = {name: printable(request.form.get(name, ""))[:200] for name in account_sheets.FIELDS}
    session = office_session()
    wanted, errors = _wanted(typed)
    if wanted is not None:
        errors = {
            fault.field: [in_words(fault.message)] for fault in create.faults(session, g.actor, [wanted])
        }
    if wanted is None or errors:
        return _form(typed, errors), 422
    [made] = create.create_accounts(session, running().clock, g.actor, [wanted])
    session.commit()
    return render_template("accounts/made.html", made=[made], again=False, codes=codes_of([made])), 201


def codes_of(made: list[create.Made]) -> str:
    """For the workbook: they are kept nowhere but in the page."""
    return json.dumps([[one.username, one.name, one.code] for one in made], ensure_ascii=False)


def _form(typed: dict[str, str], errors: dict[str, list[str]], person: Any = None) -> str:
    action = url_for("accounts.ask", person_id=person.id) if person else url_for("accounts.make")
    return render_template(
        "accounts/new.html", typed=typed, errors=errors, roles=people_roles(), person=person, action=action
    )


def _wanted(typed: dict[str, str]) -> tuple[Wanted | None, dict[str, list[str]]]:
    errors: dict[str, list[str]] = {}
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        try:
            days[name] = day_named(typed[name])
        except ValueError:
            errors[name] = [_("日期请写成 2026-01-01")]
    if errors:
        return None, errors
    wanted = Wanted(
        typed["username"].lower(),
        typed["name"],
        role_named(typed["role"]),
        typed["division"],
        days["since"] or today(),
        days["until"],
        typed["phone"] or None,
        typed["basis"],
    )
    return wanted, {}


@blueprint.get("/waiting")
@needs("accounts")
def waiting():
    session = office_session()
    rows = queries.waiting(session, g.actor, today())
    bases = queries.bases(session, g.actor.county, [person.id for _held, person in rows])
    return render_template("accounts/waiting.html", rows=rows, bases=bases)


@blueprint.post("/waiting")
@needs("accounts")
def decide():
    """Item by item, honestly counted."""
    session = office_session()
    chosen = [found for text in request.form.getlist("position")[:500] if (found := as_uuid(text))]
    outcomes = grant.decide_positions(
        session, running().clock, g.actor, chosen, request.form.get("act") == "grant"
    )
    session.commit()
    failed = [in_words(one.fault) for one in outcomes if one.fault is not None]
    if not chosen:
        flash(_("请先选择岗位"), "info")
    elif len(outcomes) > len(failed):
        flash(_("已处理%(n)s个岗位", n=len(outcomes) - len(failed)), "success")
    for why in sorted(set(failed)):
        flash(_("%(n)s个没有处理：%(why)s", n=failed.count(why), why=why), "error")
    return redirect(url_for("accounts.waiting"), 303)


@blueprint.get("/<uuid:person_id>")
@needs("accounts")
def one(person_id: UUID):
    session = office_session()
    person = account_of(session, g.actor, person_id)
    held = queries.positions(session, today(), queries.Position.person_id == person.id)
    return render_template(
        "accounts/one.html",
        found=queries.Account(person, tuple(held)),
        events=queries.events(session, g.actor.county, person.id)[0],
        open_tasks=open_tasks(session, person.id),
        identity=identity_of(session, oidc.issuer, person.id) if (oidc := running().settings.oidc) else None,
    )


@blueprint.get("/<uuid:person_id>/positions")
@needs("accounts")
def ask_page(person_id: UUID):
    return _form({}, {}, account_of(office_session(), g.actor, person_id))


@blueprint.post("/<uuid:person_id>/positions")
@needs("accounts")
def ask(person_id: UUID):
    session = office_session()
    person = account_of(session, g.actor, person_id)
    typed = {name: printable(request.form.get(name, ""))[:200] for name in account_sheets.FIELDS}
    wanted, errors = _wanted(typed | {"username": person.username, "name": person.name})
    if wanted is not None:
        found = faults_of(wanted, g.actor.county, division_names(session, g.actor.county))
        errors = {name: [in_words(said)] for name, said in found.items()}
    if wanted is None or errors:
        return _form(typed, errors, person), 422
    create.ask_position(session, running().clock, g.actor, person_id, wanted)
    session.commit()
    flash(_("已申请岗位，等安全管理员授予"), "success")
    return redirect(url_for("accounts.one", person_id=person_id), 303)


@blueprint.post("/<uuid:person_id>/<act>")
@needs("accounts")
def change(person_id: UUID, act: str):
    session, clock = office_session(), running().clock
    if act == "code":
        made = create.new_code(session, clock, g.actor, person_id)
        session.commit()
        return render_template("accounts/made.html", made=[made], again=True, codes=codes_of([made]))
    acts = {
        "sessions": lambda: grant.end_sessions(session, clock, g.actor, person_id),
        "lock": lambda: grant.lock_account(session, clock, g.actor, person_id, True),
        "unlock": lambda: grant.lock_account(session, clock, g.actor, person_id, False),
        "second": lambda: grant.remove_second_factor(session, clock, g.actor, person_id),
        "identity": lambda: _link(session, person_id),
        "end": lambda: grant.end_position(
            session, clock, g.actor, as_uuid(request.form.get("position", "")) or uuid4()
        ),
    }
    account_of(session, g.actor, person_id)
    if act not in acts:
        raise Refused("no_act", "没有这个操作")
    try:
        acts[act]()
        session.commit()
        flash(_(EVENTS_DONE[act]), "success")
    except DomainError as error:
        session.rollback()
        flash(message_of(error), "error")
    return redirect(url_for("accounts.one", person_id=person_id), 303)


def _link(session: Session, person_id: UUID) -> None:
    oidc = running().settings.oidc
    if oidc is None:
        raise Refused("no_act", "没有这个操作")
    link_identity(session, running().clock, g.actor, person_id, oidc, request.form.get("subject", "")[:300])


EVENTS_DONE = {
    "sessions": EVENTS["sessions_ended"],
    "lock": EVENTS["locked"],
    "unlock": EVENTS["unlocked"],
    "second": EVENTS["second_factor_removed"],
    "identity": EVENTS["identity_set"],
    "end": EVENTS["position_ended"],
}
