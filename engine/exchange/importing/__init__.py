"""Import a delivery package: the only way register data enters besides cases. All or nothing."""

import dataclasses
import pathlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.errors import Conflict, Refused
from engine.exchange.check_package import CheckResult, read_and_check
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding
from engine.exchange.importing import intakes
from engine.exchange.importing.difference import is_occupied
from engine.exchange.importing.staging import Tell
from engine.store.files import FileStore
from engine.store.scope import rescope
from engine.store.tables.packages import PackageIntake


class PackageRefused(Refused):
    """The package has errors: nothing was written; `result` has every finding."""

    def __init__(self, result: CheckResult):
        super().__init__("package_refused", "成果包有 %(errors)s 处错误，未导入", errors=len(result.errors))
        self.result = result


@dataclass(frozen=True)
class ImportResult:
    """What was taken in; `counts` are rows of the package, `findings` the warnings that were kept.

    `difference`: by kind of thing how many were added, changed, ended and the same; None for a new county.
    `batch` is None where only the difference was asked for.
    """

    county: str
    batch: int | None
    counts: dict[str, int]
    findings: tuple[Finding, ...] = field(default=())
    replaced: bool = False
    difference: dict[str, dict[str, int]] | None = None

    def as_dict(self) -> dict[str, Any]:
        """As `package import --json` prints it."""
        return {
            "county": self.county,
            "batch": self.batch,
            "replaced": self.replaced,
            "counts": self.counts,
            "difference": self.difference,
            "findings": [f.as_dict() for f in self.findings],
        }


def import_package(
    session: Session,
    path: str | pathlib.Path,
    *,
    actor: str,
    now: datetime,
    replace: bool = False,
    difference_only: bool = False,
    tell: Tell = lambda done, total, phase: None,
    files: FileStore | None = None,
    settings: CheckSettings | None = None,
) -> ImportResult:
    """Check the package, stage it, and swap it into the register in the session's transaction (the caller commits).

    Checking and staging go over a connection of their own and commit as they go; what a crash leaves of them is swept
    by the next import. Raises PackageRefused with every finding when there is an error; Conflict when the county's
    register is not empty and `replace` is not asked for, or is held by open cases. With `replace`, what differs is
    closed as history as of today, and what the package says stands from today.
    """
    path = pathlib.Path(path)
    with read_and_check(path, settings, lambda step: tell(0, None, step)) as (package, result):
        if package is None or not result.ok:
            raise PackageRefused(result)
        county = package.county
        rescope(session, county)
        occupied = is_occupied(session, county)
        if occupied and not replace and not difference_only:
            raise Conflict("county_not_empty", "该县登记数据已存在，如需重新导入请选择替换", county=county)
        engine = session.get_bind().engine
        session.rollback()  # its transaction may stand in the way of what is dropped
        intakes.sweep(engine, county, now)
        with Session(engine, expire_on_commit=False, info={"scope": county}) as first:
            name = path.name if path.is_file() else package.root_name
            number = intakes.bring(first, county, name, "command", (actor, ""), now).id
            first.commit()
        with intakes.working_on(engine, county, number) as own:
            intake = own.get_one(PackageIntake, (county, number))
            try:
                intakes.stage_checked(own, intake, package, result, path, now, tell, files, settings)
                done = ImportResult(county, None, result.counts, result.findings, occupied, intake.difference)
                if difference_only:
                    intakes.drop(own, intake, now)
                    own.commit()
                    return done
                own.rollback()
                said = tuple(finding.as_dict() for finding in result.findings)
                batch = intakes.swap(session, intake, actor, None, now, tell, said, as_shown=False)
            except BaseException:
                session.rollback()
                own.rollback()
                intakes.drop(own, own.get_one(PackageIntake, (county, number), populate_existing=True), now)
                own.commit()
                raise
    return dataclasses.replace(done, batch=batch.id)
