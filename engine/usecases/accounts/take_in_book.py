"""A county's divisions, accounts and positions from one workbook: all of it or nothing, every fault told by its row."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.domain.accounts import Wanted, WantedDivision, division_faults, faults_of
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.division import above
from engine.domain.errors import DomainError
from engine.domain.roles import incompatible
from engine.domain.said import Said, say
from engine.exchange.account_sheets import Book, Line
from engine.queries.counties import division_names
from engine.queries.divisions import by_codes
from engine.store.people import by_usernames
from engine.store.tables.reference import Division, Person
from engine.usecases.accounts import create
from engine.usecases.accounts.compatible import check_compatible, clash
from engine.usecases.accounts.create import Made
from engine.usecases.accounts.noted import SYSTEM, note, only


@dataclass(frozen=True)
class RowFault:
    line: Line
    message: Said


@dataclass(frozen=True)
class Taken:
    """``made`` accounts with their codes; how many divisions were made, told a telephone, and positions asked for."""

    made: list[Made]
    divisions: int
    telephones: int
    positions: int


def faults_of_book(session: Session, actor: Actor, book: Book) -> list[RowFault]:
    """Everything that stands against the workbook, by sheet and row."""
    found = [RowFault(line, said) for line in book.lines for said in line.faults]
    known = division_names(session, actor.county)
    coming = {line.wanted.code: line.wanted.name for line in book.divisions}
    found += _faults_of_divisions(actor, book.divisions, known, coming)
    accounts = [line.wanted for line in book.accounts]
    found += [
        RowFault(book.accounts[fault.place], fault.message)
        for fault in create.faults(session, actor, accounts, coming)
    ]
    found += _faults_of_positions(session, actor, book, known | coming)
    order = {id(line): at for at, line in enumerate(book.lines)}
    return sorted(found, key=lambda fault: order[id(fault.line)])


def _faults_of_divisions(
    actor: Actor, lines: list[Line[WantedDivision]], known: dict[str, str], coming: dict[str, str]
) -> list[RowFault]:
    found, seen = [], dict[str, int]()
    for line in lines:
        wanted = line.wanted
        found += [
            RowFault(line, said) for said in division_faults(wanted, actor.county, known | coming).values()
        ]
        if known.get(wanted.code, wanted.name) != wanted.name:
            found.append(RowFault(line, say("该区划登记的名称是“%(name)s”", name=known[wanted.code])))
        if wanted.code in seen:
            found.append(RowFault(line, say("区划代码与第%(row)s行重复", row=seen[wanted.code])))
        seen.setdefault(wanted.code, line.row)
    return found


def _faults_of_positions(
    session: Session, actor: Actor, book: Book, divisions: dict[str, str]
) -> list[RowFault]:
    """Of further positions, for accounts of the workbook or of the county."""
    people = by_usernames(session, actor.county, {line.wanted.username for line in book.positions})
    held: dict[str, list[Wanted]] = defaultdict(list)
    for account in book.accounts:
        held[account.wanted.username].append(account.wanted)
    found = []
    for line in book.positions:
        wanted = line.wanted
        if wanted.username not in held and wanted.username not in people:
            said = say("没有用户名为“%(name)s”的账号，请在“账号”表中加上", name=wanted.username[:40])
            found.append(RowFault(line, said))
            continue
        named = Wanted(
            "someone", "x", wanted.role, wanted.division, wanted.since, wanted.until, basis=wanted.basis
        )
        wrong = list(faults_of(named, actor.county, divisions).values())
        wrong += (
            [] if wrong else _clashes(session, people.get(wanted.username), wanted, held[wanted.username])
        )
        found += [RowFault(line, said) for said in wrong]
        held[wanted.username].append(wanted)
    return found


def _clashes(session: Session, person: Person | None, wanted: Wanted, others: list[Wanted]) -> list[Said]:
    for other in others:
        apart = (other.until and other.until < wanted.since) or (wanted.until and wanted.until < other.since)
        if not apart and incompatible(wanted.role, other.role):
            return [clash(wanted.role, other.role).said]
    try:
        if person is not None:
            check_compatible(session, person.id, wanted.role, wanted.since, wanted.until)
    except DomainError as error:
        return [error.said]
    return []


def take_in_book(session: Session, clock: Clock, actor: Actor, book: Book) -> Taken:
    """Only for a workbook without ``faults_of_book``. The caller commits."""
    only(actor, SYSTEM)
    new, told = _take_in_divisions(session, [line.wanted for line in book.divisions])
    made = create.create_accounts(session, clock, actor, [line.wanted for line in book.accounts])
    people = by_usernames(session, actor.county, {line.wanted.username for line in book.positions})
    for line in book.positions:
        create.ask_position(session, clock, actor, people[line.wanted.username].id, line.wanted)
    if new or told:
        facts = {"divisions": new, "telephones": told}
        note(session, actor.county, actor.person_id, actor.person_id, clock.now(), "divisions_made", **facts)
    session.flush()
    return Taken(made, new, told, len(book.positions))


def _take_in_divisions(session: Session, wanted: list[WantedDivision]) -> tuple[int, int]:
    """(new ones, telephones told to those that were there)"""
    codes = {one.code for one in wanted}
    known = by_codes(session, codes | {above(code) for code in codes})
    full = {code: row.full_name for code, row in known.items()}
    new = telephones = 0
    for one in sorted(wanted, key=lambda one: one.code):
        if one.code in known:
            telephones += bool(one.phone and known[one.code].phone != one.phone)
            known[one.code].phone = one.phone or known[one.code].phone
            continue
        full[one.code] = full[above(one.code)] + one.name
        session.add(Division(code=one.code, name=one.name, full_name=full[one.code], phone=one.phone))
        new += 1
    session.flush()
    return new, telephones
