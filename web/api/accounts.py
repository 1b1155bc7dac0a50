"""Accounts of the county, for the system and the security administrator: what the pages do, programs do."""

import io
from datetime import date
from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate

from engine.domain.accounts import LONGEST_BASIS, Wanted, faults_of
from engine.domain.clock import local_date
from engine.domain.errors import Invalid
from engine.exchange import account_sheets
from engine.queries import accounts as queries
from engine.queries.counties import division_names
from engine.usecases.accounts import create, grant
from engine.usecases.accounts.noted import SYSTEM, only
from engine.usecases.accounts.noted import account as account_of
from engine.usecases.accounts.take_in_book import faults_of_book, take_in_book
from engine.usecases.reassign_tasks import reassign_all
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, page_number
from web.api.reassigning import OutcomesOut, told
from web.api.uploads import posted_upload, upload_body
from web.api.words import searched
from web.db import office_session, running
from web.i18n import in_words

blp = blueprint("accounts", "账号 / Accounts")


class AccountPositionOut(Schema):
    id = fields.String(required=True)
    role = fields.String(required=True)
    division = fields.String(required=True)
    place = fields.String()
    since = schemas.day()
    until = schemas.day()
    state = fields.String(metadata={"enum": ["asked", "granted", "refused"]})
    ended = fields.Boolean()


class AccountOut(Schema):
    id = fields.String(required=True)
    username = fields.String(required=True)
    name = fields.String(required=True)
    phone = fields.String(allow_none=True)
    state = fields.String(metadata={"enum": list(queries.STATES)})
    second_factor = fields.Boolean()
    shut_out = fields.Boolean(metadata={"description": "from some network address, by wrong passwords"})
    positions = fields.List(fields.Nested(AccountPositionOut))


class AccountsOut(Schema):
    items = fields.List(fields.Nested(AccountOut), required=True)
    next = schemas.text("cursor of the next page, empty on the last")
    total = fields.Integer(required=True)


class ListArgs(PageArgs):
    q = fields.String(load_default="", metadata={"description": "user name, name, or code of an office"})
    role = fields.String(load_default="", validate=validate.Length(max=40))
    state = fields.String(load_default="", validate=validate.OneOf(["", *queries.STATES]))


class PositionIn(Schema):
    role = fields.String(required=True, validate=validate.Length(max=40))
    division = fields.String(required=True, validate=validate.Length(max=20))
    since = fields.Date(load_default=None, allow_none=True, metadata={"description": "today where left out"})
    until = fields.Date(load_default=None, allow_none=True)
    basis = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_BASIS),
        metadata={"description": "of a county_officer, who handles and approves: by what this is allowed"},
    )


class AccountIn(PositionIn):
    username = fields.String(required=True, validate=validate.Length(max=100))
    name = fields.String(required=True, validate=validate.Length(max=200))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=40))


class MadeOut(Schema):
    id = fields.String(required=True)
    username = fields.String(required=True)
    activation_code = fields.String(required=True, metadata={"description": "told this once"})


class TakenOut(Schema):
    accounts = fields.List(fields.Nested(MadeOut), required=True)
    divisions = fields.Integer(required=True)
    telephones = fields.Integer(required=True)
    positions = fields.Integer(required=True)


class DecisionIn(Schema):
    grant = fields.Boolean(required=True)


class AccountReassignIn(Schema):
    to = fields.UUID(required=True)
    reason = fields.String(required=True, validate=validate.Length(max=1000))


def today() -> date:
    return local_date(running().clock.now())


def shape(one: queries.Account) -> dict[str, Any]:
    person = one.person
    return {
        "id": str(person.id),
        "username": person.username,
        "name": person.name,
        "phone": person.phone,
        "state": one.state,
        "second_factor": person.totp_secret is not None,
        "shut_out": one.shut_out,
        "positions": [position(held) for held in one.positions],
    }


def position(held: queries.Held) -> dict[str, Any]:
    """Ready for JSON: an answer under an idempotency key is kept as it is."""
    return shapes.plain(vars(held))


def one_account(person_id: UUID) -> dict[str, Any]:
    session = office_session()
    person = account_of(session, g.actor, person_id)
    held = queries.positions(session, today(), queries.Position.person_id == person.id)
    return shape(queries.Account(person, tuple(held)))


def wanted_of(args: dict[str, Any], **named: str) -> Wanted:
    known = {"username": "", "name": "", "phone": None} | args | named
    return Wanted(
        known["username"].strip().lower(), known["name"].strip(), args["role"], args["division"],
        args["since"] or today(), args["until"], known["phone"] or None, args["basis"].strip(),
    )  # fmt: skip


@blp.route("/accounts")
@staff("accounts")
@blp.arguments(ListArgs, location="query")
@blp.response(200, AccountsOut)
def accounts(args: dict[str, Any]):
    """By user name, with the positions held, asked for and ended."""
    number = page_number(args)
    found = queries.accounts(
        office_session(), g.actor, today(), searched(args["q"]), args["role"], args["state"], number
    )
    following = [found.page + 1] if found.page < found.pages else None
    body, status, headers = page([shape(one) for one in found.rows], following)
    return body | {"total": found.total}, status, headers


@blp.route("/accounts", methods=["POST"])
@staff("accounts")
@blp.arguments(AccountIn)
@blp.response(201, MadeOut)
@once
def make(args: dict[str, Any]):
    """Make an account and ask for its position. The code is handed to its holder, who chooses a password with it."""
    session, wanted = office_session(), wanted_of(args)
    only(g.actor, SYSTEM)
    faults = create.faults(session, g.actor, [wanted])
    if faults:
        raise Invalid({fault.field: [in_words(fault.message)] for fault in faults})
    [made] = create.create_accounts(session, running().clock, g.actor, [wanted])
    return _made(made), 201


def _made(made: create.Made) -> dict[str, str]:
    return {"id": str(made.person_id), "username": made.username, "activation_code": made.code}


@blp.route("/accounts/workbook", methods=["POST"])
@staff("accounts")
@blp.doc(requestBody=upload_body(()))
@blp.response(201, TakenOut)
@once
def workbook():
    """Divisions, accounts and positions of a filled template (`/accounts/template.xlsx`): all or nothing. 422 names
    every wrong row, by its sheet and number.
    """
    only(g.actor, SYSTEM)
    session, (_, given) = office_session(), posted_upload(Schema)
    book = account_sheets.read(io.BytesIO(given.stream.read()), today())
    faults: dict[str, list[str]] = {}
    for fault in faults_of_book(session, g.actor, book):
        faults.setdefault(f"{fault.line.sheet} {fault.line.row}", []).append(in_words(fault.message))
    if faults:
        raise Invalid(faults)
    taken = take_in_book(session, running().clock, g.actor, book)
    return {
        "accounts": [_made(one) for one in taken.made],
        "divisions": taken.divisions,
        "telephones": taken.telephones,
        "positions": taken.positions,
    }, 201


@blp.route("/accounts/<uuid:person_id>")
@staff("accounts")
@blp.response(200, AccountOut)
def one(person_id: UUID):
    """One account."""
    return one_account(person_id)


@blp.route("/accounts/<uuid:person_id>/positions", methods=["POST"])
@staff("accounts")
@blp.arguments(PositionIn)
@blp.response(201, AccountOut)
@once
def ask(args: dict[str, Any], person_id: UUID):
    """Ask for one more position; the security administrator grants it."""
    session = office_session()
    person = account_of(session, g.actor, person_id)
    wanted = wanted_of(args, username=person.username, name=person.name)
    faults = faults_of(wanted, g.actor.county, division_names(session, g.actor.county))
    faults = {name: said for name, said in faults.items() if name not in ("username", "name")}
    only(g.actor, SYSTEM)
    if faults:
        raise Invalid({name: [in_words(said)] for name, said in faults.items()})
    create.ask_position(session, running().clock, g.actor, person_id, wanted)
    return one_account(person_id), 201


@blp.route("/positions/<uuid:position_id>/decision", methods=["POST"])
@staff("accounts")
@blp.arguments(DecisionIn)
@blp.response(200, AccountOut)
@once
def decide(args: dict[str, Any], position_id: UUID):
    """Grant or refuse a position that was asked for; 422 where it does not go with what the person holds."""
    person = grant.decide_position(office_session(), running().clock, g.actor, position_id, args["grant"])
    return one_account(person.id)


@blp.route("/positions/<uuid:position_id>/end", methods=["POST"])
@staff("accounts")
@blp.response(204)
@once
def end(position_id: UUID):
    """From today on it is not held any more."""
    grant.end_position(office_session(), running().clock, g.actor, position_id)
    return None, 204


@blp.route("/accounts/<uuid:person_id>/code", methods=["POST"])
@staff("accounts")
@blp.response(200, MadeOut)
@once
def code(person_id: UUID):
    """A new activation code; the old password counts no more."""
    return _made(create.new_code(office_session(), running().clock, g.actor, person_id))


@blp.route("/accounts/<uuid:person_id>/lock", methods=["POST"])
@staff("accounts")
@blp.response(200, AccountOut)
@once
def lock(person_id: UUID):
    """Lock the account; its sessions and tokens end at once."""
    grant.lock_account(office_session(), running().clock, g.actor, person_id, True)
    return one_account(person_id)


@blp.route("/accounts/<uuid:person_id>/unlock", methods=["POST"])
@staff("accounts")
@blp.response(200, AccountOut)
@once
def unlock(person_id: UUID):
    """Unlock it, and let in again whoever was shut out."""
    grant.lock_account(office_session(), running().clock, g.actor, person_id, False)
    return one_account(person_id)


@blp.route("/accounts/<uuid:person_id>/sessions/end", methods=["POST"])
@staff("accounts")
@blp.response(200, AccountOut)
@once
def end_sessions(person_id: UUID):
    """End every session and token of the account at once."""
    grant.end_sessions(office_session(), running().clock, g.actor, person_id)
    return one_account(person_id)


@blp.route("/accounts/<uuid:person_id>/second-factor/end", methods=["POST"])
@staff("accounts")
@blp.response(200, AccountOut)
@once
def end_second_factor(person_id: UUID):
    """Take the second factor away, for who has lost the telephone; its sessions end."""
    grant.remove_second_factor(office_session(), running().clock, g.actor, person_id)
    return one_account(person_id)


@blp.route("/accounts/<uuid:person_id>/reassign", methods=["POST"])
@staff("accounts")
@blp.arguments(AccountReassignIn)
@blp.response(200, OutcomesOut)
@once
def reassign(args: dict[str, Any], person_id: UUID):
    """Give all open tasks of somebody who leaves to another holder, each with its outcome."""
    session = office_session()
    account_of(session, g.actor, person_id)
    return told(reassign_all(session, running().clock, g.actor, person_id, args["to"], args["reason"]))
