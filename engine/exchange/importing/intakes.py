"""Packages on their way in: brought, checked and staged in steps of their own, then swapped in one transaction.

Until the swap commits, the register knows nothing of it. Whoever works on an intake holds a lock that dies with the
connection, so what a crash has left is known by nobody holding it, and is swept.
"""

import hashlib
import json
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from engine import failpoints
from engine.domain.errors import Conflict, Refused
from engine.domain.said import written
from engine.exchange.check_package import CheckResult, read_and_check
from engine.exchange.check_register import kept, settings_for
from engine.exchange.checks.crs import zone
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.importing import staging
from engine.exchange.importing.attachments import stage_attachments
from engine.exchange.importing.county import divisions_of, enter_county, refuse_other_zone
from engine.exchange.importing.difference import find_difference, is_occupied
from engine.exchange.importing.staging import Tell
from engine.exchange.importing.swap import take_in
from engine.exchange.importing.take_in_standard import take_in_standard
from engine.exchange.package.model import PackageData, part_of
from engine.store.files import FileStore
from engine.store.quality import PACKAGE, keep_run
from engine.store.scope import rescope
from engine.store.survey import keep_masters
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Reservation
from engine.store.tables.packages import PackageIntake

_LOCAL = ZoneInfo("Asia/Shanghai")
_NAMED = 10  # cases that are named in a refusal
OPEN = ("waiting", "staged", "asked")


@contextmanager
def working_on(engine: Engine, county: str, intake: int) -> Iterator[Session]:
    """A session on a connection of its own that holds the intake. Conflict when somebody works on it already."""
    with engine.connect() as connection:
        own = {"key": f"intake {county} {intake}"}
        with connection.begin():
            held = connection.scalar(text("select pg_try_advisory_lock(hashtextextended(:key, 0))"), own)
        if not held:
            raise Conflict("intake_busy", "这个成果包正在处理，请稍候")
        try:
            with Session(connection, expire_on_commit=False, info={"scope": county}) as session:
                yield session
        finally:
            if not connection.closed and not connection.invalidated:
                connection.rollback()
                connection.execute(text("select pg_advisory_unlock(hashtextextended(:key, 0))"), own)
                connection.commit()


def bring(
    session: Session, county: str, name: str, source: str, by: tuple[str, str], at: datetime
) -> PackageIntake:
    """A new intake; ``by`` is the person's name and id."""
    intake = PackageIntake(
        county=county,
        name=name,
        source=source,
        status="waiting",
        brought_by=by[0],
        brought_by_id=by[1],
        brought_at=at,
    )
    session.add(intake)
    session.flush()
    return intake


def check_and_stage(
    session: Session,
    intake: PackageIntake,
    path: pathlib.Path,
    now: datetime,
    tell: Tell,
    files: FileStore,
    settings: CheckSettings | None = None,
) -> CheckResult:
    """Check the package; without errors, stage it and find the difference. Commits as it goes; may be done again.

    The intake is ``staged`` or ``refused`` afterwards, and has counts, findings and difference.
    """
    staging.drop_batch(session, intake.county, intake.id)
    settings = settings or settings_for(session, intake.county)
    session.commit()
    with read_and_check(path, settings, lambda step: tell(0, None, step), intake.name) as (package, result):
        intake.findings = _keep_findings(files, result)
        if package is not None and package.county and package.county != intake.county:
            given, own = package.county, intake.county
            raise Refused(
                "other_county", "成果包是 %(given)s 县的，这里只接收 %(county)s 县的", given=given, county=own
            )
        if package is None or not result.ok:
            _note(intake, result)
            intake.status, intake.ended_at = "refused", now
            session.commit()
        else:
            stage_checked(session, intake, package, result, path, now, tell, files, settings)
    return result


def stage_checked(
    session: Session,
    intake: PackageIntake,
    package: PackageData,
    result: CheckResult,
    path: pathlib.Path,
    now: datetime,
    tell: Tell,
    files: FileStore | None,
    settings: CheckSettings | None = None,
) -> None:
    """Stage a package without errors and find the difference. Commits as it goes.

    Without a file store its papers and pictures are not kept.
    """
    _note(intake, result)
    srid = _srid(package)
    refuse_other_zone(session, intake.county, srid)
    _refuse_part(session, intake.county, package)
    tell(0, None, "digest")
    intake.sha256, intake.srid = _digest(path, package), srid
    intake.divisions = {code: list(names) for code, names in divisions_of(package).items()}
    staging.open_batch(session, intake.county, intake.id)
    session.commit()
    staging.stage(session, package, intake.id, srid, _may_fail(tell))
    if files is not None:
        limits = (settings or CheckSettings()).limits
        stage_attachments(session, intake.county, intake.id, path, files, tell, limits)
    tell(0, None, "compare")
    compare(session, intake)
    keep_run(
        session, intake.county, PACKAGE, kept(result.findings, package), ref=intake.name, division=intake.county,
        by=intake.brought_by, begun_at=now, ended_at=now, parcels=result.counts.get("DK", 0), settings={},
    )  # fmt: skip
    intake.status, intake.staged_at = "staged", now
    session.commit()


def _note(intake: PackageIntake, result: CheckResult) -> None:
    intake.counts, intake.by_rule = result.counts, result.by_rule()
    intake.errors, intake.warnings = len(result.errors), len(result.findings) - len(result.errors)


def compare(session: Session, intake: PackageIntake) -> None:
    """Find the difference with the register as it is now."""
    occupied = is_occupied(session, intake.county)
    with staging.in_bulk(session):
        found = find_difference(session, intake.county, intake.id)
    intake.difference = found if occupied else None


def swap(
    session: Session,
    intake: PackageIntake,
    by: str,
    confirmed_by: str | None,
    now: datetime,
    tell: Tell,
    findings: tuple[Any, ...] = (),
    as_shown: bool = True,
) -> t.ImportBatch:
    """Take the staged batch into the register, in the session's transaction (the caller commits).

    ``as_shown``: Conflict when the register has changed since the difference was shown. Conflict also while open
    cases hold things of the county; Refused when the staged rows are gone.
    """
    county = intake.county
    rescope(session, county)
    session.execute(
        text("select pg_advisory_xact_lock(hashtext('import'), :county)"), {"county": int(county)}
    )
    occupied = is_occupied(session, county)
    if occupied:
        _refuse_held(session, county)
    kept = {name: number for name, number in (intake.counts or {}).items() if number and name != "files"}
    if staging.counts(session, county, intake.id) != kept:
        raise Refused("staged_rows_lost", "暂存的成果包数据不完整，请重新检查成果包")
    tell(0, None, "compare")
    if as_shown:
        with staging.in_bulk(session):
            found = find_difference(session, county, intake.id)
        if (found if occupied else None) != intake.difference:
            raise Conflict("difference_changed", "登记数据在比较之后有变动，请重新比较")
    assert intake.srid is not None
    divisions = {code: (own, full) for code, (own, full) in (intake.divisions or {}).items()}
    enter_county(session, county, divisions, intake.srid)
    batch = t.ImportBatch(
        county=county, name=intake.name, sha256=intake.sha256, imported_at=now, imported_by=by,
        confirmed_by=confirmed_by, counts=intake.counts, findings=list(findings), difference=intake.difference,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    today = now.astimezone(_LOCAL).date()
    with staging.in_bulk(session):
        take_in(session, county, intake.id, str(batch.id), now, today, tell)
        tell(0, None, "standard")
        take_in_standard(session, county, intake.id, intake.srid, str(batch.id), now, today)
    keep_masters(session, county, batch.id, by, now)
    failpoints.reach("swapped")
    staging.drop_batch(session, county, intake.id)
    # now, not when autovacuum comes by: it forgets what is due when the server dies first
    session.execute(text("select operational.gather_statistics()"))
    row = session.get_one(PackageIntake, (county, intake.id), populate_existing=True)
    row.status, row.batch, row.ended_at = "taken", batch.id, now
    return batch


def drop(session: Session, intake: PackageIntake, now: datetime, note: str | None = None) -> None:
    """It will not be taken in: its staged rows go, the record of it stays."""
    staging.drop_batch(session, intake.county, intake.id)
    intake.status, intake.ended_at, intake.note = "dropped", now, note or intake.note


def sweep(engine: Engine, county: str, now: datetime) -> int:
    """Drop what commands that died have left staged; gives how many."""
    with Session(engine, info={"scope": county}) as session:
        rows = session.scalars(
            select(PackageIntake.id).where(
                PackageIntake.county == county,
                PackageIntake.source == "command",
                PackageIntake.status.in_(OPEN),
            )
        ).all()
    swept = 0
    for number in rows:
        try:
            with working_on(engine, county, number) as session:
                drop(session, session.get_one(PackageIntake, (county, number)), now, "中断")
                session.commit()
                swept += 1
        except Conflict:
            continue  # somebody works on it
    return swept


def _may_fail(tell: Tell) -> Tell:
    def told(done: int, total: int | None, phase: str) -> None:
        if done:
            failpoints.reach("staging")
        tell(done, total, phase)

    return told


def _keep_findings(files: FileStore, result: CheckResult) -> str | None:
    """As JSON lines, by content: of a bad county there may be hundreds of thousands."""
    if not result.findings:
        return None
    rows = (f.as_dict() | {"message": written(f.message) or f.message} for f in result.findings)
    return files.put("\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode())


def _refuse_held(session: Session, county: str) -> None:
    rows = session.scalars(
        select(Case.number)
        .join(Reservation, (Reservation.county == Case.county) & (Reservation.case_id == Case.id))
        .where(Reservation.county == county, Reservation.released_at.is_(None))
        .distinct()
        .order_by(Case.number)
    ).all()
    if rows:
        named = "、".join(rows[:_NAMED]) + ("……" if len(rows) > _NAMED else "")
        count = len(rows)
        raise Conflict(
            "county_in_use",
            "有 %(number)s 件在办业务占用登记数据，办结前不能替换：%(cases)s",
            number=count,
            cases=named,
        )


def _refuse_part(session: Session, county: str, package: PackageData) -> None:
    """A township's package would end everything else of the county: it is for a county that has nothing else."""
    part = part_of(package)
    party = t.IssuingParty.division
    others = select(t.IssuingParty.id).where(t.IssuingParty.county == county, ~party.startswith(part))
    if part != county and session.scalar(others.limit(1)) is not None:
        raise Refused(
            "part_of_county",
            "成果包只有%(part)s的数据，导入会把本县其他乡镇、村的登记数据全部终止，未导入。"
            "请带来全县的成果包；一个乡镇或村的成果包只能导入没有其他登记数据的县",
            part=package.units.get(f"{part:0<14}") or part,
        )


def _srid(package: PackageData) -> int:
    """EPSG code of the parcel layer; S03 has made sure that there is a zone."""
    found = [zone(crs) for crs in package.layers["DK"].crs]
    srid = next((z.epsg for z in found if z and z.epsg), None)
    if srid is None:
        raise Refused("no_srid", "地块图层的坐标系没有 EPSG 编号，不能导入")
    return srid


def _digest(path: pathlib.Path, package: PackageData) -> str:
    """Of the zip's bytes, or of a folder's relative paths and contents in their order."""
    digest = hashlib.sha256()
    members = [path] if path.is_file() else [file for _, file in sorted(package.files.items()) if file]
    names = [""] if path.is_file() else [name for name, file in sorted(package.files.items()) if file]
    for name, member in zip(names, members, strict=True):
        digest.update(name.encode() + b"\0")
        with member.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()
