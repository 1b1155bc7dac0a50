"""A photograph proves that a publicity hung at one of its places."""

from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Invalid, NotAllowed, NotFound, Refused
from engine.domain.events import Happened
from engine.domain.said import say
from engine.store import cases, history, publicities
from engine.store.papers import find_paper
from engine.store.tables.cases import Publicity

PHOTO = "publicity_photo"


def prove_publicity(
    session: Session, clock: Clock, actor: Actor, publicity_id: UUID, place: int, paper_id: UUID
) -> Publicity:
    """``place`` counts the publicity's postings from 0; ``paper_id`` is a file of the actor's own.

    A later photograph takes the earlier one's place; both stay with the case. Commits nothing.
    """
    row = publicities.find_publicity(session, actor.county, publicity_id)
    if row is None or not actor.sees(row.division):
        raise NotFound("publicity", "没有找到这次公示，请核对")
    if actor.role != "village_clerk":
        raise NotAllowed("may_not_prove", "公示照片由村级经办人上传")
    case = cases.case_by_id(session, actor.county, row.case_id, lock=True)
    session.refresh(row)
    if row.closed_at is not None:
        raise Refused("publicity_closed", "公示结果已经登记，不能再换照片")
    if not 0 <= place < len(row.postings):
        raise NotFound("place", "没有这处公示地点")
    paper = find_paper(session, actor.county, paper_id, lock=True)
    if paper is None or paper.case_id is not None or paper.created_by != actor.id:
        raise Invalid({"photo": [say("没有找到这份文件，请重新上传")]})
    paper.case_id, paper.division, paper.kind = case.id, case.division, PHOTO
    postings = [dict(posting) for posting in row.postings]
    postings[place]["photo"] = str(paper.id)
    row.postings = postings
    session.flush()
    told = {"publicity": str(row.id), "place": postings[place]["place"], "paper": str(paper.id)}
    history.append(
        session, case.county, case.id, [Happened(events.PUBLICITY_PROVED, told)], actor, clock.now()
    )
    return row
