"""Import a delivery package: the only way register data enters besides cases. All or nothing."""

import hashlib
import pathlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.domain.errors import Conflict, Refused
from engine.exchange.check_package import CheckResult, read_and_check
from engine.exchange.check_register import kept
from engine.exchange.checks.crs import zone
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding
from engine.exchange.importing.county import enter_county
from engine.exchange.importing.register_rows import write_register
from engine.exchange.importing.replace import close_current
from engine.exchange.package.model import PackageData
from engine.store.quality import PACKAGE, keep_run
from engine.store.scope import rescope
from engine.store.tables import register as t
from engine.store.tables.cases import Reservation

_LOCAL = ZoneInfo("Asia/Shanghai")
Progress = Callable[[str], None]


class PackageRefused(Refused):
    """The package has errors: nothing was written; `result` has every finding."""

    def __init__(self, result: CheckResult):
        super().__init__("package_refused", "成果包有 %(errors)s 处错误，未导入", errors=len(result.errors))
        self.result = result


@dataclass(frozen=True)
class ImportResult:
    """What was taken in; `counts` are rows of the package, `findings` the warnings that were kept."""

    county: str
    batch: int
    counts: dict[str, int]
    findings: tuple[Finding, ...] = field(default=())
    replaced: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As `package import --json` prints it."""
        return {
            "county": self.county,
            "batch": self.batch,
            "replaced": self.replaced,
            "counts": self.counts,
            "findings": [f.as_dict() for f in self.findings],
        }


def import_package(
    session: Session,
    path: str | pathlib.Path,
    *,
    actor: str,
    now: datetime,
    replace: bool = False,
    progress: Progress | None = None,
    settings: CheckSettings | None = None,
) -> ImportResult:
    """Check the package and write it into the register, in the session's transaction (the caller commits).

    Raises PackageRefused with every finding when there is an error; Conflict when the county's register is
    not empty and `replace` is not asked for, or is held by open cases. With `replace` what stood until today
    is closed as history, and what the package says stands from today.
    """
    tell = progress or (lambda step: None)
    with read_and_check(path, settings, progress) as (package, result):
        if package is None or not result.ok:
            raise PackageRefused(result)
        county = package.county
        rescope(session, county)
        _lock(session, county)
        occupied = _occupied(session, county)
        if occupied and not replace:
            raise Conflict("county_not_empty", "该县登记数据已存在，如需重新导入请选择替换", county=county)
        if occupied:
            _refuse_reserved(session, county)
        tell("写入行政区划")
        enter_county(session, package, _srid(package))
        batch = _batch(session, package, result, pathlib.Path(path), actor, now)
        today = now.astimezone(_LOCAL).date()
        closed = close_current(session, county, today, now) if occupied else None
        tell("写入登记数据")
        write_register(session, package, _srid(package), str(batch), now, today, closed)
        # now, not when autovacuum comes by: it forgets what is due when the server dies first
        session.execute(text("select operational.gather_statistics()"))
    return ImportResult(county, batch, result.counts, result.findings, occupied)


def _lock(session: Session, county: str) -> None:
    """One import of a county at a time, until the transaction ends."""
    session.execute(
        text("select pg_advisory_xact_lock(hashtext('import'), :county)"), {"county": int(county)}
    )


def _occupied(session: Session, county: str) -> bool:
    return (
        session.scalar(select(t.IssuingParty.id).where(t.IssuingParty.county == county).limit(1)) is not None
    )


def _refuse_reserved(session: Session, county: str) -> None:
    held = session.scalar(
        select(Reservation.code)
        .where(Reservation.county == county, Reservation.released_at.is_(None))
        .limit(1)
    )
    if held is not None:
        raise Conflict("county_in_use", "该县有在办业务，办结前不能替换登记数据", county=county)


def _srid(package: PackageData) -> int:
    """EPSG code of the parcel layer; S03 has made sure that there is a zone."""
    found = [zone(crs) for crs in package.layers["DK"].crs]
    srid = next((z.epsg for z in found if z and z.epsg), None)
    if srid is None:
        raise Refused("no_srid", "地块图层的坐标系没有 EPSG 编号，不能导入")
    return srid


def _batch(
    session: Session, package: PackageData, result: CheckResult, path: pathlib.Path, actor: str, now: datetime
) -> int:
    batch = t.ImportBatch(
        county=package.county,
        name=path.name if path.is_file() else package.root_name,
        sha256=_digest(path, package),
        imported_at=now,
        imported_by=actor,
        counts=result.counts,
        findings=[f.as_dict() for f in result.findings],
    )
    session.add(batch)
    session.flush()
    keep_run(
        session, package.county, PACKAGE, kept(result.findings, package), ref=batch.name, division=package.county,
        by=actor, begun_at=now, ended_at=now, parcels=result.counts.get("DK", 0), settings={},
    )  # fmt: skip
    return batch.id


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
