"""Transfers and guarantees of the register: those that run, read for a changeset, and the versions that it writes."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from engine.domain.changes import register as domain
from engine.store.register import Cause, current, supersede
from engine.store.tables import register as r
from engine.store.tables import transfers as t

RUNNING, TRANSFER, MORTGAGE = "running", "transfer", "mortgage"


def running(
    session: Session, county: str, numbers: Collection[str], parcels: Collection[str], day: date
) -> dict[str, domain.Transfer]:
    """By number: those named, those made under them, and those that have land of the parcels.

    One whose agreed end is after ``day`` is among them, ended as it is: its land is not free until then.
    """
    if not numbers and not parcels:
        return {}
    v, land = t.LandTransfer, t.TransferredLand
    with_land = select(land.land_transfer_id).where(
        land.county == county, land.parcel_code.in_(sorted(parcels))
    )
    rows = session.scalars(
        select(v)
        .where(
            v.county == county,
            or_(v.state == RUNNING, v.ended_on > day),
            *current(v),
            or_(v.number.in_(sorted(numbers)), v.under.in_(sorted(numbers)), v.id.in_(with_land)),
        )
        .order_by(v.number)
    ).all()
    held = land_of(session, county, [row.id for row in rows])
    return {row.number: as_domain(row, held[row.id]) for row in rows}


def land_of(
    session: Session, county: str, versions: Collection[int]
) -> dict[int, tuple[domain.TransferredLand, ...]]:
    """By version of the transfer."""
    found: dict[int, list[domain.TransferredLand]] = defaultdict(list)
    for row in session.scalars(
        select(t.TransferredLand)
        .where(t.TransferredLand.county == county, t.TransferredLand.land_transfer_id.in_(list(versions)))
        .order_by(t.TransferredLand.id)
    ):
        found[row.land_transfer_id].append(
            domain.TransferredLand(
                row.contractor_code, row.parcel_code, row.area, row.whole, row.place, row.outline
            )
        )
    return {version: tuple(found[version]) for version in versions}


def as_domain(row: t.LandTransfer, land: tuple[domain.TransferredLand, ...]) -> domain.Transfer:
    recipient = domain.Recipient(
        row.recipient, row.recipient_kind, row.id_number, row.phone, row.address, row.recipient_code,
        row.representative, row.credit_code,
    )  # fmt: skip
    return domain.Transfer(
        row.number, row.way, recipient, row.term_start, row.term_end, row.signed_on, row.use, row.price, land,
        row.under, row.renews, tuple(row.consented), row.review, row.state, row.ended_on, row.ground,
    )  # fmt: skip


def guarantees(
    session: Session, county: str, numbers: Collection[str], contractors: Collection[str]
) -> dict[str, domain.Encumbrance]:
    """By number: those named, those of the transfers named, and those on the households' land."""
    if not numbers and not contractors:
        return {}
    v = t.LandGuarantee
    rows = session.scalars(
        select(v)
        .where(
            v.county == county,
            v.state == RUNNING,
            *current(v),
            or_(
                v.number.in_(sorted(numbers)),
                v.transfer.in_(sorted(numbers)),
                v.contractor_code.in_(sorted(contractors)),
            ),
        )
        .order_by(v.number)
    )
    return {row.number: guarantee_of(row) for row in rows}


def guarantee_of(row: t.LandGuarantee) -> domain.Encumbrance:
    return domain.Encumbrance(
        row.number, row.side, row.guarantor, row.bank, row.loan, row.amount, row.starts, row.ends,
        tuple(row.parcels), row.contractor_code, row.transfer, row.state, row.ended_on,
    )  # fmt: skip


def known(session: Session, county: str, number: str) -> domain.Transfer:
    """Whether it runs or has ended."""
    row = session.scalars(
        select(t.LandTransfer).where(
            t.LandTransfer.county == county, t.LandTransfer.number == number, *current(t.LandTransfer)
        )
    ).one()
    return as_domain(row, land_of(session, county, [row.id])[row.id])


def known_guarantee(session: Session, county: str, number: str) -> domain.Encumbrance:
    row = session.scalars(
        select(t.LandGuarantee).where(
            t.LandGuarantee.county == county, t.LandGuarantee.number == number, *current(t.LandGuarantee)
        )
    ).one()
    return guarantee_of(row)


def write(session: Session, after: domain.Register, now: domain.Transfer, cause: Cause) -> None:
    """A version with its land, and what holds later changes of that land back."""
    old = supersede(session, t.LandTransfer, "number", after.county, now.number, cause)  # type: ignore[arg-type]
    who = now.recipient
    row = t.LandTransfer(
        county=after.county, number=now.number, way=now.way, recipient=who.name, recipient_kind=who.kind,
        recipient_code=who.contractor, representative=who.representative, credit_code=who.credit_code,
        id_number=who.id_number, phone=who.phone, address=who.address, term_start=now.term_start,
        term_end=now.term_end, signed_on=now.signed_on, use=now.use, price=now.price, total_area=now.area,
        under=now.under, renews=now.renews, consented=list(now.consented), review=now.review,
        state=now.state, ended_on=now.ended_on, ground=now.ground,
        division=old.division if old else _division(session, after.county, now.land[0].contractor),
        **cause.columns(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(
        t.TransferredLand(
            county=after.county, land_transfer_id=row.id, contractor_code=one.contractor,
            parcel_code=one.parcel, area=one.area, whole=one.whole, place=one.place, outline=one.outline,
            division=row.division,
        )
        for one in now.land
    )  # fmt: skip
    if now.state == RUNNING and now.under is None:  # a re-transfer is of land that is held back already
        _hold(session, after.county, TRANSFER, now.number, now.parcels, row.division, now.term_end, cause)
    elif now.ended_on is not None:
        _let_go(session, after.county, TRANSFER, now.number, now.ended_on)
    session.flush()


def write_guarantee(session: Session, after: domain.Register, now: domain.Encumbrance, cause: Cause) -> None:
    old = supersede(session, t.LandGuarantee, "number", after.county, now.number, cause)  # type: ignore[arg-type]
    row = t.LandGuarantee(
        county=after.county, number=now.number, side=now.side, guarantor=now.guarantor, bank=now.bank,
        loan=now.loan, amount=now.amount, starts=now.starts, ends=now.ends, contractor_code=now.contractor,
        transfer=now.transfer, parcels=list(now.parcels), state=now.state, ended_on=now.ended_on,
        division=old.division if old else _division(session, after.county, now.contractor),
        **cause.columns(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    if now.state == RUNNING and (
        old is None or old.state != RUNNING
    ):  # held already where its transfer changed
        _hold(session, after.county, MORTGAGE, now.number, now.parcels, row.division, None, cause)
    elif now.ended_on is not None:
        _let_go(session, after.county, MORTGAGE, now.number, now.ended_on)


def _division(session: Session, county: str, contractor: str) -> str:
    return session.scalars(
        select(r.Contractor.division).where(r.Contractor.county == county, r.Contractor.code == contractor)
    ).one()


def _hold(
    session: Session, county: str, kind: str, number: str, parcels: Collection[str], division: str,
    last: date | None, cause: Cause,
) -> None:  # fmt: skip
    session.add_all(
        r.Block(
            county=county, kind=kind, on="parcel", code=code, ref=number, starts_on=cause.on, ends_on=last,
            recorded_at=cause.at, recorded_by=cause.by or cause.ref, division=division,
        )
        for code in parcels
    )  # fmt: skip
    session.flush()


def _let_go(session: Session, county: str, kind: str, number: str, day: date) -> None:
    """From that day on nothing is held back any more."""
    session.execute(
        update(r.Block)
        .where(
            r.Block.county == county,
            r.Block.kind == kind,
            r.Block.ref == number,
            or_(r.Block.ends_on.is_(None), r.Block.ends_on >= day),
        )
        .values(ends_on=day - timedelta(days=1))
    )
