"""Watching rented land: the rent agreed, payments and reminders, inspections followed up until they are settled, deposits."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid, NotFound, Refused
from engine.domain.rent import (
    EVERY,
    FINDINGS,
    FINE,
    INSPECTION_PHOTO,
    Rent,
    rectify_by,
    remind_before,
    schedule,
)
from engine.domain.said import say
from engine.queries.supervision import visible_review, visible_transfer
from engine.store import capital, outbox, supervision
from engine.store.files import FileStore
from engine.store.tables.capital import CapitalReview
from engine.store.tables.cases import Paper
from engine.store.tables.supervision import LandInspection, RentPayment, RentTerm
from engine.store.tables.transfers import LandTransfer
from engine.usecases.add_material import add_material

PHOTO_TYPES, PHOTO_MB = ["image/jpeg", "image/png"], 10
LONGEST = 500
Faults = dict[str, list[str]]


def set_terms(session: Session, clock: Clock, actor: Actor, code: str, said: dict[str, Any]) -> LandTransfer:
    """``said``: payer, phone, yearly_yuan, every_months, first_due; raise_years and raise_percent where it rises. Payments that
    are not paid are reckoned anew.

    Raises NotFound, Invalid by field. Commits nothing, as all of these.
    """
    row = visible_transfer(session, actor, code)
    faults: Faults = {}
    payer, phone = _text(said, "payer", 60, faults), _text(said, "phone", 20, faults)
    yearly, first = _yuan(said, "yearly_yuan", faults), _day(said, "first_due", faults)
    every = str(said.get("every_months") or "")
    if every not in {str(one) for one in EVERY}:
        faults["every_months"] = [say("请选择多久付一次")]
    years = int(said.get("raise_years") or 0)
    percent = _yuan(said, "raise_percent", faults) if said.get("raise_percent") else Decimal(0)
    if bool(years) != bool(percent):
        faults["raise_percent"] = [say("递增的，每几年、百分之几都要填")]
    if faults or first is None or yearly is None or percent is None:
        raise Invalid(faults)
    rent = Rent(yearly, int(every), first, percent, years)
    try:
        schedule(rent, row.term_end)
    except ValueError:
        raise Invalid({"first_due": [say("第一次付款日应在流转期限之内")]}) from None
    supervision.set_rent(session, row, rent, payer, phone, actor.name, clock.now())
    return row


def record_paid(
    session: Session, clock: Clock, actor: Actor, code: str, payment: UUID, said: dict[str, Any]
) -> LandTransfer:
    """``said``: paid_on, note. Refused where it is paid already."""
    row = visible_transfer(session, actor, code)
    faults: Faults = {}
    found = _payment(session, row, payment)
    day, note = _day(said, "paid_on", faults), _text(said, "note", 100, faults, required=False)
    if day is not None and day > local_date(clock.now()):
        faults["paid_on"] = [say("付款日期不能晚于今天")]
    if faults or day is None:
        raise Invalid(faults)
    if found.paid_on is not None:
        raise Refused("paid", "这一期已于%(day)s登记付款", day=found.paid_on.isoformat())
    found.paid_on, found.note = day, note or None
    facts = {"due_on": found.due_on.isoformat(), "yuan": str(found.yuan), "paid_on": day.isoformat()}
    supervision.say(session, row, "paid", facts, actor.name, clock.now())
    return row


def remind(session: Session, clock: Clock, actor: Actor, code: str, payment: UUID) -> LandTransfer:
    """By hand, as often as an office wants it but once a day."""
    row = visible_transfer(session, actor, code)
    found, terms = _payment(session, row, payment), session.get(RentTerm, (row.county, row.number))
    if found.paid_on is not None or terms is None:
        raise Refused("paid", "这一期已经付款，不用提醒")
    now = clock.now()
    last = max(filter(None, (found.reminded_before, found.reminded_overdue)), default=None)
    if last is not None and local_date(last) == local_date(now):
        raise Refused("reminded", "今天已经提醒过了")
    _tell(session, clock, row, found, terms, found.due_on < local_date(now), actor.name)
    return row


def remind_due(session: Session, clock: Clock, county: str) -> int:
    """Everybody who is to pay within the days of supervision.yaml, or is late, once each; how many. Commits nothing."""
    today, told = local_date(clock.now()), 0
    for payment, terms, late in supervision.to_remind(
        session, county, today, today + timedelta(days=remind_before())
    ):
        row = supervision.transfer(session, county, payment.transfer_code)
        if row is not None and supervision.owed_under(row, payment.due_on):
            _tell(session, clock, row, payment, terms, late, "")
            told += 1
    return told


def _tell(
    session: Session,
    clock: Clock,
    row: LandTransfer,
    payment: RentPayment,
    terms: RentTerm,
    late: bool,
    by: str,
) -> None:
    words = "已经逾期，请尽快支付" if late else "快要到期，请按时支付"
    text = f"流转合同{row.number}应于{payment.due_on.isoformat()}支付的租金{payment.yuan}元{words}。"
    outbox.put(session, row.county, "send_message", {"to": terms.phone, "text": text}, clock.now())
    if late:
        payment.reminded_overdue = clock.now()
    else:
        payment.reminded_before = clock.now()
    facts = {"due_on": payment.due_on.isoformat(), "yuan": str(payment.yuan), "late": late}
    supervision.say(session, row, "reminded", facts, by or "系统", clock.now())


def record_inspection(
    session: Session,
    clock: Clock,
    actor: Actor,
    code: str,
    said: dict[str, Any],
    photo: tuple[str, bytes] | None = None,
    files: FileStore | None = None,
) -> LandInspection:
    """``said``: inspected_on, inspector, place, finding, words, area_mu (where the area differs), rectify_by?.

    ``photo``: (file name, body). What was found to be wrong stays open until somebody settles it.
    """
    row = visible_transfer(session, actor, code)
    faults: Faults = {}
    today = local_date(clock.now())
    day, place = _day(said, "inspected_on", faults), _text(said, "place", 100, faults)
    inspector, words = _text(said, "inspector", 60, faults), _text(said, "words", LONGEST, faults)
    finding = str(said.get("finding") or "")
    if finding not in FINDINGS:
        faults["finding"] = [say("请选择检查结果")]
    if day is not None and day > today:
        faults["inspected_on"] = [say("检查日期不能晚于今天")]
    area = _yuan(said, "area_mu", faults) if finding == "area" else None
    until = _day(said, "rectify_by", faults) if said.get("rectify_by") else None
    if until is not None and day is not None and until < day:
        faults["rectify_by"] = [say("整改期限不能早于检查日期")]
    if faults or day is None:
        raise Invalid(faults)
    made = LandInspection(
        county=row.county,
        id=uuid4(),
        transfer_code=row.number,
        number=supervision.next_inspection(session, row),
        inspected_on=day,
        inspector=inspector,
        place=place,
        finding=finding,
        area_mu=area,
        words=words,
        photo=_keep_photo(session, clock, actor, row, photo, files),
        rectify_by=None if finding == FINE else until or rectify_by(day),
        settled_on=day if finding == FINE else None,
        division=row.division,
    )
    session.add(made)
    facts = {"number": made.number, "finding": finding, "place": place, "words": words}
    supervision.say(session, row, "inspected", facts, actor.name, clock.now())
    return made


def _keep_photo(
    session: Session,
    clock: Clock,
    actor: Actor,
    row: LandTransfer,
    photo: tuple[str, bytes] | None,
    files: FileStore | None,
) -> UUID | None:
    if photo is None or files is None:
        return None
    name, body = photo
    try:
        kept = add_material(session, clock, files, actor, body, name, INSPECTION_PHOTO, PHOTO_TYPES, PHOTO_MB)
    except Refused as error:
        raise Invalid({"photo": [say(error.message, **error.facts)]}) from None
    session.get_one(Paper, (row.county, kept)).division = row.division
    return kept


def follow_up(
    session: Session, clock: Clock, actor: Actor, code: str, number: int, said: dict[str, Any]
) -> LandInspection:
    """``said``: words, settled (yes: it is put right). Refused where it is settled already."""
    row = visible_transfer(session, actor, code)
    faults: Faults = {}
    rows = supervision.inspections_of(session, row)
    found = next((one for one in rows if one.number == number), None)
    if found is None:
        raise NotFound("inspection", "没有找到第%(number)s次检查", number=number)
    words = _text(said, "words", LONGEST, faults)
    if faults:
        raise Invalid(faults)
    if found.settled_on is not None:
        raise Refused("settled", "第%(number)s次检查发现的问题已经处理完", number=number)
    settled = said.get("settled") in (True, "yes", "true")
    if settled:
        found.settled_on = local_date(clock.now())
    kind = "settled" if settled else "followed_up"
    supervision.say(session, row, kind, {"number": number, "words": words}, actor.name, clock.now())
    return found


def move_deposit(
    session: Session, clock: Clock, actor: Actor, number: str, said: dict[str, Any]
) -> CapitalReview:
    """``number``: of the review's case; ``said``: kind (used, returned), amount, note. Refused beyond what is left."""
    row = visible_review(session, actor, number)
    faults: Faults = {}
    amount, note = _yuan(said, "amount", faults), _text(said, "note", 200, faults)
    kind = str(said.get("kind") or "")
    if kind not in ("used", "returned"):
        faults["kind"] = [say("请选择使用还是退还")]
    left = sum(
        (one.amount if one.kind == "paid" else -one.amount for one in capital.moves_of(session, row)),
        Decimal(0),
    )
    if amount is not None and amount > left:
        faults["amount"] = [say("保障金余额只有%(left)s元", left=str(left))]
    if faults or amount is None:
        raise Invalid(faults)
    today = local_date(clock.now())
    capital.move_deposit(session, row, kind, amount, today, note, actor.name, clock.now())
    row.deposit = kind if amount == left else "paid"
    session.flush()
    return row


def _payment(session: Session, row: LandTransfer, payment: UUID) -> RentPayment:
    found = session.get(RentPayment, (row.county, payment))
    if found is None or found.transfer_code != row.number:
        raise NotFound("payment", "没有找到这一期租金")
    return found


def _text(said: dict[str, Any], name: str, most: int, faults: Faults, required: bool = True) -> str:
    text = str(said.get(name) or "").strip()
    if (required and not text) or len(text) > most:
        faults[name] = [say("请填写，不超过%(most)s个字", most=most)]
    return text


def _day(said: dict[str, Any], name: str, faults: Faults) -> date | None:
    value = said.get(name)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or "").strip())
    except ValueError:
        faults[name] = [say("请按 2026-03-05 的样子填写日期")]
        return None


def _yuan(said: dict[str, Any], name: str, faults: Faults) -> Decimal | None:
    try:
        number = Decimal(str(said.get(name) or "").strip().replace(",", ""))
    except InvalidOperation:
        number = Decimal(-1)
    if not number.is_finite() or not 0 < number < 10**10 or number != round(number, 2):
        faults[name] = [say("请填写大于零的数，最多两位小数")]
        return None
    return number
