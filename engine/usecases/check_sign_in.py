"""Check an applicant's sign-in against the register and send a one-time code, or refuse; the same words for all."""

import re
import secrets
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import local_date
from engine.domain.errors import NotFound
from engine.domain.parties import Party
from engine.domain.register import Household
from engine.queries.parties import for_one_case, parties_of
from engine.store import cases, outbox
from engine.store.channels import channels_of
from engine.store.portal import applicant_by_number
from engine.store.register import find_contractor, read_household
from engine.store.sealed import fingerprint
from engine.store.tables.portal import Applicant, SignIn
from engine.usecases.portal_facts import applicant_facts
from engine.usecases.procedures import procedure_of
from engine.usecases.wiring import Wiring

CODE_LASTS = timedelta(minutes=10)


def check_sign_in(app: Wiring, portal: Session, row: SignIn, counties: list[str]) -> None:
    """The identity number is emptied whatever comes out. The caller commits the portal."""
    number, row.id_number, row.status = row.id_number or "", None, "refused"
    if row.case_number:
        admit_for_one_case(app, portal, row, number, counties)
        return
    known = applicant_by_number(portal, fingerprint(number))
    for county in counties:
        with app.sessions(county) as session:
            code = find_contractor(session, county, row.name, number)
            household = read_household(session, county, code) if code else None
            if household and reaches(row.phone, household, known):
                admit(
                    app, session, portal, row, household, known or new_applicant(portal, fingerprint(number))
                )
                session.commit()
                return


def admit_for_one_case(app: Wiring, portal: Session, row: SignIn, number: str, counties: list[str]) -> None:
    """Somebody's agent or a third party, who need not have land here: name, identity number and telephone are those that
    stand in that case. The account is that case's alone, and lasts as long as they take part.
    """
    for county in counties:
        with app.sessions(county) as session:
            try:
                case = cases.find_case(session, county, row.case_number or "")
            except NotFound:
                continue
            _, data = cases.read_state(session, case)
            mark = for_one_case(case.number, number)
            party = parties_of(session, portal, case, procedure_of(session, case).case_type, data).get(mark)
            if party is None or not _named_so(row, party):
                return
            person = applicant_by_number(portal, mark) or new_applicant(portal, mark)
            person.county, person.name, person.contractor_code, person.facts = county, party.name, "", {}
            send_code(app, session, portal, row, county, person)
            session.commit()
            return


def _named_so(row: SignIn, party: Party) -> bool:
    noted = digits(party.phone or "")
    return row.name.strip() == party.name.strip() and bool(noted) and digits(row.phone) == noted


def reaches(phone: str, household: Household, known: Applicant | None) -> bool:
    """Whether a code sent there reaches the household: the register's telephone, or the one proved before.

    Name and identity number of a person are known to too many for a code to go wherever it is asked to. Where
    the register has no telephone, the first one that proves itself counts from then on.
    """
    trusted = {digits(p) for p in (household.phone, known and known.phone) if p}
    return not trusted or digits(phone) in trusted


def digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def new_applicant(portal: Session, mark: bytes) -> Applicant:
    person = Applicant(id=uuid4(), id_number_found=mark, phone="")
    portal.add(person)
    return person


def admit(
    app: Wiring, session: Session, portal: Session, row: SignIn, household: Household, person: Applicant
) -> None:
    """Bring the applicant's facts up to date and send the code. The telephone is kept once it is proved."""
    person.county, person.name, person.contractor_code = household.county, row.name.strip(), household.code
    person.facts = applicant_facts(session, household, local_date(app.clock.now()))
    send_code(app, session, portal, row, household.county, person)


def send_code(
    app: Wiring, session: Session, portal: Session, row: SignIn, county: str, person: Applicant
) -> None:
    now = app.clock.now()
    person.updated_at = now
    code = f"{secrets.randbelow(10**6):06d}"
    row.status, row.applicant_id = "sent", person.id
    row.code_hash, row.expires_at = fingerprint(f"{row.id}:{code}"), now + CODE_LASTS
    portal.flush()
    said = f"验证码 {code}，10分钟内有效。不是您本人在登录的，请不要告诉任何人。"
    text = channels_of(session, county).sign(said)
    outbox.put(session, county, "send_message", {"to": row.phone, "text": text}, now)
