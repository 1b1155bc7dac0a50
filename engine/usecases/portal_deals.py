"""What the portal writes when a party of a deal signs by the link that it was sent. Nobody need be signed in.

As ``portal_signing``: a number, a code or strokes never lie readable in the portal's tables.
"""

import json
from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.store.files import FileStore
from engine.store.sealed import seal, unseal
from engine.store.tables.portal import Submission
from engine.store.tables.portal_public import DealSigning
from engine.usecases.deals import send_deal_code, sign_deal

CODE, SIGN = "deal_code", "deal_sign"


def ask_deal_code(portal: Session, clock: Clock, deal: DealSigning, reference: str | None = None) -> UUID:
    return _submit(portal, clock, deal, CODE, {"reference": reference})


def hand_in_deal(
    portal: Session, clock: Clock, deal: DealSigning, answers: dict[str, Any], device: dict[str, Any]
) -> UUID:
    return _submit(portal, clock, deal, SIGN, {"answers": answers, "device": device})


def _submit(portal: Session, clock: Clock, deal: DealSigning, kind: str, content: dict[str, Any]) -> UUID:
    sealed = b64encode(seal(json.dumps(content, ensure_ascii=False))).decode()
    row = Submission(
        id=uuid4(),
        applicant_id=None,
        draft_id=None,
        kind=kind,
        case_type="transfer_filing",
        case_number=deal.case_number,
        task_number=None,
        data={"county": deal.county, "deal": str(deal.id), "sealed": sealed},
        submitted_at=clock.now(),
        status="waiting",
    )
    portal.add(row)
    portal.commit()
    return row.id


def take_in(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: None, row: Submission
) -> dict[str, Any]:
    """Inside. {to, minutes} of a code, {case} of a signature; what was sealed is forgotten with the answer."""
    content: dict[str, Any] = json.loads(unseal(b64decode(row.data["sealed"])))
    county, key = str(row.data["county"]), UUID(row.data["deal"])
    if row.kind == CODE:
        sent = send_deal_code(session, clock, county, key, content["reference"])
        return {"to": sent.to, "minutes": sent.minutes}
    number = sign_deal(session, clock, county, key, content["answers"], content["device"])
    row.data = {name: row.data[name] for name in ("county", "deal")}
    return {"case": number}
