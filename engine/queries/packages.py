"""Packages on their way in, what a staged one would change, and the batches that were taken in."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.store.tables.packages import PackageIntake
from engine.store.tables.register import ImportBatch

PAGE = 50
OPEN = ("waiting", "staged", "asked", "taking")


@dataclass(frozen=True)
class Differing:
    """One thing that a package would add, change or end; areas in m2."""

    code: str
    name: str | None
    change: str
    fields: list[str]
    area_before: Decimal | None
    area_after: Decimal | None


def open_intakes(session: Session, actor: Actor) -> list[PackageIntake]:
    query = select(PackageIntake).where(PackageIntake.county == actor.county, PackageIntake.status.in_(OPEN))
    return list(session.scalars(query.order_by(PackageIntake.id.desc())))


def ended_intakes(session: Session, actor: Actor, most: int = 10) -> list[PackageIntake]:
    """The newest that were refused or dropped."""
    query = select(PackageIntake).where(
        PackageIntake.county == actor.county, PackageIntake.status.in_(("refused", "dropped"))
    )
    return list(session.scalars(query.order_by(PackageIntake.id.desc()).limit(most)))


def batches(session: Session, actor: Actor, most: int = 50, before: int | None = None) -> list[ImportBatch]:
    """The newest first; ``before``: those that are older than that one."""
    query = select(ImportBatch).where(ImportBatch.county == actor.county)
    if before is not None:
        query = query.where(ImportBatch.id < before)
    return list(session.scalars(query.order_by(ImportBatch.id.desc()).limit(most)))


def differing(
    session: Session, actor: Actor, batch: int, thing: str, change: str, after: str = "", most: int = PAGE
) -> tuple[list[Differing], str | None]:
    """Things by code behind ``after``, and the code to go on behind where there are more."""
    rows = session.execute(
        text("""
        select code, name, change, fields, area_before, area_after from staging.differences
        where county = :county and batch = :batch and thing = :thing and change = :change and code > :after
        order by code limit :most"""),
        {"county": actor.county, "batch": batch, "thing": thing, "change": change, "after": after, "most": most + 1},
    ).all()  # fmt: skip
    found = [Differing(*row) for row in rows[:most]]
    return found, found[-1].code if len(rows) > most else None


def all_differing(session: Session, actor: Actor, batch: int) -> Iterator[tuple[str, Differing]]:
    """Everything that is not the same, with the kind of thing, for a workbook."""
    rows = session.execute(
        text("""
        select thing, code, name, change, fields, area_before, area_after from staging.differences
        where county = :county and batch = :batch and change <> 'same' order by thing, change, code"""),
        {"county": actor.county, "batch": batch},
        execution_options={"yield_per": 5000},
    )
    for thing, *row in rows:
        yield thing, Differing(*row)
