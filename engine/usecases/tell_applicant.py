"""Tell an applicant something: into the portal's inbox, and from there to the ways that county and person want.

An effect of the outbox. What leads outside becomes effects of its own, so that each is tried again by itself and a
gateway that is away keeps nothing else waiting.
"""

from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from engine.domain import messages
from engine.domain.clock import Clock
from engine.store import outbox
from engine.store.channels import channels_of
from engine.store.portal import applicant_by_id, people_of, put_message
from engine.store.tables.portal import Applicant

NAMES = UUID("5f0a2d0e-6d0b-4a7e-9d39-6f6a3c1e2b70")


def tell_applicant(
    session: Session,
    portal: Session,
    clock: Clock,
    county: str,
    payload: dict[str, Any],
    mark: str,
    case_id: UUID | None = None,
) -> None:
    """``payload``: kind, facts, case (number or None), contractor, applicant (id or None), phone (or None).

    Everybody of the household reads it in the portal; the message outside goes to who applied, else to the telephone.
    ``mark`` names this telling: told again, it writes nothing new. The caller commits portal first, then session.
    """
    kind, facts = payload["kind"], payload["facts"]
    said = messages.message(kind, facts)
    channels = channels_of(session, county)
    ways = channels.ways(kind)
    known = applicant_by_id(portal, UUID(payload["applicant"])) if payload.get("applicant") else None
    if messages.PORTAL in ways:
        people = people_of(portal, county, payload["contractor"]) if payload.get("case") else []
        for person in people or ([known] if known else []):
            _into_portal(portal, clock, person, kind, said, payload.get("case"), mark)
    at, phone = clock.now(), payload.get("phone") or (known.phone if known else None)
    chosen = (
        messages.chosen_of(ways, known.channels, known.email)
        if known
        else [messages.SMS] * (messages.SMS in ways)
    )
    if messages.SMS in chosen and phone:
        outbox.put(
            session, county, "send_message", {"to": phone, "text": channels.sign(said.sms)}, at, case_id
        )
    if messages.EMAIL in chosen and known and known.email:
        text = f"{said.text['zh']}\n\n{said.text['en']}"
        letter = {"to": known.email, "subject": channels.sign(said.title["zh"]), "text": text}
        outbox.put(session, county, "send_mail", letter, at, case_id)


def _into_portal(
    portal: Session,
    clock: Clock,
    person: Applicant,
    kind: str,
    said: messages.Message,
    case: str | None,
    mark: str,
) -> None:
    row = {
        "id": uuid5(NAMES, f"{mark}:{person.id}"),
        "applicant_id": person.id,
        "case_number": case,
        "kind": kind,
        "title": said.title,
        "text": said.text,
        "sent_at": clock.now(),
    }
    put_message(portal, row)
