"""What service tasks do, by the name that models call it (``camunda:topic``).

An operation takes the Work and the task's inputs (its ``camunda:properties``) and returns a JSON object, which
becomes the variable named like the topic. It runs in the command's transaction: slow or outside effects go to
the outbox. Raising a DomainError undoes the whole command and tells the person why.
"""

from collections.abc import Callable
from typing import Any

from engine.operations import capital, disputes, transfers
from engine.operations.accept_case import accept_case
from engine.operations.certificate import record_certificate
from engine.operations.certificate_change import accept_certificate_change, apply_certificate_change
from engine.operations.change_papers import issue_contracts, issue_to_each
from engine.operations.changeset import apply_changeset, check_changeset
from engine.operations.consent import check_consent
from engine.operations.documents import issue_document, prepare_contract
from engine.operations.proposing import file_changes, propose_changes
from engine.operations.publicity import answer_objection, open_publicity, record_publicity
from engine.operations.publishing import publish_result, remind_applicant
from engine.operations.registry import hand_over, record_receipt
from engine.operations.representative import change_representative
from engine.operations.scans import check_scan
from engine.operations.signing import record_signature, seal_contract, void_signatures
from engine.operations.surveying import (
    accept_survey_request,
    ask_survey,
    call_off_survey,
    check_survey_quality,
    file_survey,
    give_survey,
    prepare_field_package,
    read_survey_return,
    report_survey,
    take_survey_back,
)
from engine.operations.work import Work

Operation = Callable[[Work, dict[str, str]], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "accept_case": accept_case,
    "answer_objection": answer_objection,
    "accept_certificate_change": accept_certificate_change,
    "apply_certificate_change": apply_certificate_change,
    "apply_changeset": apply_changeset,
    "add_participant": disputes.add_participant,
    "call_hearing": disputes.call_hearing,
    "check_award": disputes.check_award,
    "check_challenge": disputes.check_challenge,
    "check_postponement": disputes.check_postponement,
    "close_dispute": disputes.close_dispute,
    "extend_time": disputes.extend_time,
    "form_panel": disputes.form_panel,
    "note_change": disputes.note_change,
    "note_suit": disputes.note_suit,
    "open_dispute": disputes.open_dispute,
    "postpone_hearing": disputes.postpone_hearing,
    "record_hearing": disputes.record_hearing,
    "record_service": disputes.record_service,
    "replace_arbitrator": disputes.replace_arbitrator,
    "take_effect": disputes.take_effect,
    "check_reviewers": capital.check_reviewers,
    "close_capital_review": capital.close_capital_review,
    "decide_capital_review": capital.decide_capital_review,
    "extend_capital_review": capital.extend_capital_review,
    "pay_deposit": capital.pay_deposit,
    "record_capital_review": capital.record_capital_review,
    "size_up_capital_review": capital.size_up_capital_review,
    "change_representative": change_representative,
    "check_changeset": check_changeset,
    "check_consent": check_consent,
    "check_scan": check_scan,
    "file_changes": file_changes,
    "hand_over": hand_over,
    "issue_contracts": issue_contracts,
    "issue_document": issue_document,
    "issue_to_each": issue_to_each,
    "open_publicity": open_publicity,
    "prepare_contract": prepare_contract,
    "propose_changes": propose_changes,
    "publish_result": publish_result,
    "record_certificate": record_certificate,
    "record_publicity": record_publicity,
    "remind_applicant": remind_applicant,
    "record_receipt": record_receipt,
    "demand_review": transfers.demand_review,
    "invite_parties": transfers.invite_parties,
    "open_transfer": transfers.open_transfer,
    "record_transfer": transfers.record_transfer,
    "seal_deal": transfers.seal_deal,
    "settle_transfer": transfers.settle_transfer,
    "record_signature": record_signature,
    "seal_contract": seal_contract,
    "void_signatures": void_signatures,
    "accept_survey_request": accept_survey_request,
    "ask_survey": ask_survey,
    "call_off_survey": call_off_survey,
    "check_survey_quality": check_survey_quality,
    "file_survey": file_survey,
    "give_survey": give_survey,
    "prepare_field_package": prepare_field_package,
    "read_survey_return": read_survey_return,
    "report_survey": report_survey,
    "take_survey_back": take_survey_back,
}
