"""The kinds of event a case can have. The first six are commands: replaying them rebuilds the case."""

from dataclasses import dataclass
from typing import Any

CASE_STARTED = "case_started"
TASK_COMPLETED = "task_completed"
OPERATION_DONE = "operation_done"
TIMER_FIRED = "timer_fired"
OPERATION_FAILED = "operation_failed"  # in a business error that the model may catch
EVENT_RECEIVED = "event_received"  # a message or a signal
COMMANDS = frozenset(
    {CASE_STARTED, TASK_COMPLETED, OPERATION_DONE, OPERATION_FAILED, TIMER_FIRED, EVENT_RECEIVED}
)

CASE_MIGRATED = "case_migrated"  # to another version of its process
MIGRATION_UNDONE = "migration_undone"
REPLAYED = COMMANDS | {CASE_MIGRATED, MIGRATION_UNDONE}  # what rebuilding a case goes through

TASK_OPENED = "task_opened"
TASK_CLAIMED = "task_claimed"
TASK_RELEASED = "task_released"
TASK_REASSIGNED = "task_reassigned"  # by whom is the actor; from and to whom, and why, is told
TASK_CANCELLED = "task_cancelled"
DEADLINE_STARTED = "deadline_started"
DEADLINE_STOPPED = "deadline_stopped"
DEADLINE_RESUMED = "deadline_resumed"
DEADLINE_PASSED = "deadline_passed"
PAPER_ISSUED = "paper_issued"
PAPERS_VOIDED = "papers_voided"  # the case ended and nothing came of what they say
PAPER_PRINTED = "paper_printed"
MATERIAL_ADDED = "material_added"
CHANGESET_SET = "changeset_set"
CHANGESET_APPLIED = "changeset_applied"
PUBLICITY_OPENED = "publicity_opened"
PUBLICITY_CLOSED = "publicity_closed"
PUBLICITY_PROVED = "publicity_proved"  # a photograph of a place
OBJECTION_RAISED = "objection_raised"
OBJECTION_SETTLED = "objection_settled"
ERROR_FOUND = "error_found"  # in what the case filed
ERROR_ANSWERED = "error_answered"  # what was said to be wrong is right: nothing is corrected, and why
CORRECTION_OPENED = "correction_opened"  # another case corrects what this one filed
CORRECTS = "corrects"  # this case corrects what another one filed
HANDED_OVER = "handed_over"  # to the real-estate registry
RECEIPT_RECORDED = "receipt_recorded"  # of the registry
FEED_WRITTEN = "feed_written"  # a message to the upper platform
MESSAGE_QUEUED = "message_queued"
PARTIES_INVITED = "parties_invited"  # to sign a deal, each by a link of their own
PARTIES_REMINDED = "parties_reminded"  # those who had not signed
SIGNATURE_MADE = "signature_made"
PAPER_SEALED = "paper_sealed"
CASE_ENDED = "case_ended"
COMMENT_ADDED = "comment_added"  # a remark among the offices; the applicant does not see it
TASK_REMINDED = "task_reminded"  # 催办
CASE_REMINDED = "case_reminded"  # 催办, by the applicant
PARTY_SAID = "party_said"  # a party to a dispute, in the portal; what it set off is told by events of its own
INCIDENT_RAISED = "incident_raised"
INCIDENT_RETRIED = "incident_retried"


@dataclass(frozen=True)
class Happened:
    """A past-tense fact, before it is numbered and chained."""

    kind: str
    payload: dict[str, Any]
    element: str | None = None
    task_number: int | None = None
