"""An applicant's steps in the portal: as use cases, and as a browser without JavaScript makes them."""

import io
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.bootstrap import App
from engine.domain.register import Household
from engine.queries import portal_pages
from engine.store import cases
from engine.store.register import read_household
from engine.store.tables.portal import Applicant
from engine.store.tables.reference import Person, Position
from engine.store.tables.register import Contractor
from engine.store.tables.work import Message
from engine.usecases.carry_out_effect import drain
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.portal_drafts import save_answers, start_application, submit_draft
from engine.usecases.portal_sign_in import ask_sign_in, enter_code
from engine.usecases.portal_uploads import keep_upload
from engine.usecases.sign_in import actor_for
from engine.usecases.take_in_submissions import take_in_submissions

COUNTY, TYPE = "990101", "contract_signing"
PASSED = {
    "decision": "pass",
    "checked": ["household", "land", "no_dispute", "adopted"],
    "term_start": "2027-01-01",
    "opinion": "属实",
}
MISSING = {
    "decision": "supplement",
    "opinion": "身份证背面不清",
    "supplement_items": [{"paper": "身份证背面", "reason": "照片模糊", "todo": "重新拍照上传"}],
}


def household(app: App, number: int) -> Household:
    with app.sessions(COUNTY) as session:
        codes = select(Contractor.code).order_by(Contractor.code)
        found = read_household(session, COUNTY, session.scalars(codes.offset(number)).first())
    assert found is not None
    return found


def who(home: Household) -> tuple[str, str]:
    """(name, identity number) of the first member; a person who contracts alone has none."""
    first = home.members[0] if home.members else home
    return first.name, first.id_number


def picture(colour: str = "#bcd", kind: str = "JPEG") -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(body, kind)
    return body.getvalue()


def inside(app: App) -> int:
    """One round of what the ticker and the workers do."""
    taken = take_in_submissions(app)
    drain(app)
    return taken


def last_message(app: App, phone: str) -> str:
    with app.sessions() as session:
        query = select(Message.text).where(Message.to == phone).order_by(Message.id.desc())
        return session.scalars(query).first() or ""


def code_sent(app: App, phone: str) -> str:
    found = re.search(r"验证码 (\d{6})", last_message(app, phone))
    assert found, f"no code was sent to {phone}"
    return found[1]


def signed_in(app: App, portal: Session, home: Household) -> Applicant:
    asked = ask_sign_in(portal, app.clock, *who(home), home.phone or "")
    inside(app)
    return enter_code(portal, app.clock, asked, code_sent(app, home.phone or ""))


def answers(app: App, portal: Session, person: Applicant, **changes: Any) -> dict[str, Any]:
    """Right answers to every question, with the identity card uploaded."""
    limits = {"media_types": ["image/jpeg"], "max_mb": 10}
    card = keep_upload(portal, app.clock, person, "id_card", picture(), "身份证.jpg", limits)
    return {
        "kind": "renew",
        "members_right": "right",
        "parcels": [parcel["code"] for parcel in person.facts["parcels"]],
        "parcels_right": "right",
        "phone": person.phone,
        "papers": {"id_card": [str(card)]},
        "agreed": "yes",
    } | changes


def submitted(app: App, portal: Session, person: Applicant, data: dict[str, Any]) -> UUID:
    offer = portal_pages.offer(portal, COUNTY, TYPE)
    assert offer is not None
    draft = start_application(portal, app.clock, person, offer)
    save_answers(portal, app.clock, person, draft.id, data)
    return submit_draft(portal, app.clock, person, draft.id, data)


def applied(app: App, portal: Session, person: Applicant) -> tuple[str, str]:
    """(case number, lookup code) of an application that was taken."""
    row = portal_pages.submission(
        portal, person, submitted(app, portal, person, answers(app, portal, person))
    )
    assert row is not None
    inside(app)
    portal.refresh(row)
    assert row.status == "taken", row.answer
    return row.answer["case"], row.answer["lookup_code"]


PROPOSED = {"checked": ["papers", "register", "free"], "proposal": "approve", "opinion": "拟同意"}
"""What the county's handling officer says before the approving one decides."""


def office_does(app: App, number: str, data: dict[str, Any]) -> str:
    """Whoever's turn it is in the offices claims the open task and completes it; gives its element."""
    with app.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, number)
        task = cases.open_tasks(session, case)[0]
        held = select(Position).where(Position.role == task.role, Position.division == task.office)
        position = session.scalars(held.order_by(Position.id)).first()
        actor = actor_for(session.get_one(Person, position.person_id), position)
    with app.sessions(actor.scope) as session:
        claim_task(session, app.clock, actor, number, task.number)
        complete_task(session, app.clock, actor, number, task.number, data)
        session.commit()
    inside(app)
    return task.element


@dataclass
class Browser:
    """A test client that follows redirects and never runs a script."""

    app: App
    client: Any

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.client.get(path, follow_redirects=True, **kwargs)

    def post(self, path: str, **data: Any) -> Any:
        given = {name.replace("__", "-"): value for name, value in data.items()}
        return self.client.post(path, data=given, follow_redirects=True, content_type="multipart/form-data")

    def sign_in(self, home: Household) -> Any:
        name, number = who(home)
        self.post("/portal/sign-in", name=name, id_number=number, phone=home.phone)
        inside(self.app)
        return self.post("/portal/sign-in/code", code=code_sent(self.app, home.phone or ""))

    def fill_in(self, at: str, home: Household) -> None:
        """Every page of an application, as its forms ask."""
        self.post(f"{at}/kind", kind="renew")
        self.post(f"{at}/members_right", members_right="right")
        self.post(f"{at}/parcels", parcels=[parcel.code for parcel in home.parcels])
        self.post(f"{at}/parcels_right", parcels_right="right")
        self.post(f"{at}/phone", phone=home.phone)
        upload = (io.BytesIO(picture()), "身份证.jpg")
        self.post(f"{at}/papers-id_card", papers__id_card__upload=upload)


def words(answer: Any) -> str:
    """What a person reads on the page."""
    text = re.sub(r"<(script|template|style)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
