"""Stop a workbook that is being made."""

from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotAllowed
from engine.usecases.export_ledger import read_export
from engine.usecases.long_work import cancel_long_work


def stop_export(session: Session, actor: Actor, work_id: UUID) -> None:
    """Only who asked for a workbook stops it: of one village there may be several clerks. The caller commits."""
    work = read_export(session, actor, work_id)
    if work.asked["by"]["id"] != actor.id:
        raise NotAllowed("others_work", "只有申请的人可以停止")
    cancel_long_work(session, actor.county, work_id)
