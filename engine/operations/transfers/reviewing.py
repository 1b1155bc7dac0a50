"""A transfer to a business is filed only on the ground of an opinion that allows it (RLC art 45, 流转管理办法 art 29)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain.capital import Wanted, against
from engine.domain.changes import Change, RecordTransfer
from engine.domain.changes.register import Recipient
from engine.domain.errors import Refused
from engine.domain.register import mu
from engine.domain.said import say
from engine.operations.transfers.opening import set_change, the_change
from engine.operations.work import Work
from engine.store import capital
from engine.store.changes.locks import seeing_the_county
from engine.store.tables.capital import CapitalReview


def demand_review(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: rule (variable with the county's decision: {needed, why}).

    Result: {needed, number, valid_until, conditions}. Refused in words where a review is needed and no opinion allows
    this recipient this land for this term, or where the opinion that was named does not.
    """
    change, rule = the_change(work), work.data.get(inputs["rule"]) or {}
    asked = work.data[work.case_type.start_variable]
    told = {"needed": bool(rule.get("needed")), "number": None, "valid_until": None, "conditions": None}
    named = str(asked.get("review_choice") or asked.get("review_number") or "").strip()
    if not isinstance(change, RecordTransfer) or not (told["needed"] or named):
        return told
    row = opinion_for(work, change, named, str(rule.get("why") or ""), work.today)
    set_change(work, replace(change, review=row.number))
    until = row.valid_until.isoformat() if row.valid_until else None
    return told | {"number": row.number, "valid_until": until, "conditions": row.conditions}


def still_allowed(work: Work, change: Change, day: date) -> None:
    """Terms may have been settled otherwise, or the opinion may have run out before the contract was signed on ``day``."""
    known = work.data.get("review") or {}
    if isinstance(change, RecordTransfer) and (known.get("needed") or known.get("number")):
        opinion_for(work, change, str(known.get("number") or ""), "", day)


def opinion_for(work: Work, change: RecordTransfer, named: str, why: str, day: date) -> CapitalReview:
    wanted = Wanted(
        tuple(dict.fromkeys(row.parcel for row in change.land)),
        mu(sum((row.area for row in change.land), Decimal(0)), work.mu_decimals),
        change.term_start, change.term_end, day,
    )  # fmt: skip
    with seeing_the_county(work.session, work.case.county):
        rows = [_named(work, change.recipient, named)] if named else _found(work, change.recipient, wanted)
        opinions = [
            (row, capital.opinion_of(work.session, row, {change.replaces or ""}, work.mu_decimals))
            for row in rows
        ]
    judged = [(row, against(opinion, wanted)) for row, opinion in opinions]
    allowing = [row for row, found in judged if found is None]
    if allowing:  # the one that lasts longest: signing takes time
        return max(allowing, key=lambda row: (row.valid_until or date.max, row.number or ""))
    reasons = [found for _, found in judged if found is not None]
    if not reasons:
        raise Refused("review_needed", NEEDED, why=why, recipient=change.recipient.name)
    text, facts = reasons[0]
    raise Refused("review_lacking", text, **facts)


NEEDED = say(
    "%(recipient)s流转这些土地，达到本县的审查标准（%(why)s）：应先申请工商企业等社会资本流转审查，取得审查通过的意见。"
    "没有找到该受让方对这些地块的审查意见；已有意见的，请核对统一社会信用代码（身份证号）和地块，或者填写意见编号"
)


def receiver_code(recipient: Recipient) -> str:
    """As reviews know a receiver: a body by its credit code, a person by the identity number."""
    return recipient.credit_code or recipient.id_number


def _named(work: Work, recipient: Recipient, number: str) -> CapitalReview:
    row = capital.numbered(work.session, work.case.county, number)
    if row is None:
        raise Refused("no_opinion", "没有编号为%(number)s的审查意见，请核对编号", number=number)
    if not capital.is_of(row, receiver_code(recipient)):
        raise Refused(
            "opinion_of_another",
            "审查意见%(number)s不是给%(recipient)s的，请核对编号或者受让方的统一社会信用代码（身份证号）",
            number=number,
            recipient=recipient.name,
        )
    return row


def _found(work: Work, recipient: Recipient, wanted: Wanted) -> list[CapitalReview]:
    """Those of the receiver that touch the land; what covers all of it and allows it before any other."""
    best = capital.best_review(
        work.session, work.case.county, receiver_code(recipient), wanted.parcels, wanted.day
    )
    rows = capital.reviews_of(work.session, work.case.county, receiver_code(recipient))
    others = [row for row in rows if row is not best and set(row.parcels) & set(wanted.parcels)]
    return [best, *others] if best is not None else []
