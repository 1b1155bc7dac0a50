"""What service tasks of mediations and arbitrations do. Legal numbers are the case types' parameters."""

from engine.operations.disputes.course import (
    add_participant,
    extend_time,
    note_change,
    note_suit,
    take_effect,
)
from engine.operations.disputes.hearings import (
    call_hearing,
    check_postponement,
    postpone_hearing,
    record_hearing,
)
from engine.operations.disputes.opening import close_dispute, open_dispute
from engine.operations.disputes.panel import check_award, check_challenge, form_panel, replace_arbitrator
from engine.operations.disputes.serving import record_service

__all__ = [
    "add_participant",
    "call_hearing",
    "check_award",
    "check_challenge",
    "check_postponement",
    "close_dispute",
    "extend_time",
    "form_panel",
    "note_change",
    "note_suit",
    "open_dispute",
    "postpone_hearing",
    "record_hearing",
    "record_service",
    "replace_arbitrator",
    "take_effect",
]
