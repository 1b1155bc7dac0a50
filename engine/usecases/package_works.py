"""Long work on delivery packages: check and stage one, compare it again, take it in. Each may begin again from the start."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.errors import DomainError
from engine.domain.said import read_again
from engine.exchange.findings import Finding
from engine.exchange.importing import intakes
from engine.exchange.importing.staging import Tell
from engine.queries.statistics.kept import sum_up
from engine.store.tables.packages import PackageIntake
from engine.usecases.cancelled import Cancelled
from engine.usecases.package_files import place_of, read_intake, remove_upload
from engine.usecases.wiring import Wiring

Step = Callable[[Session, PackageIntake], dict[str, Any]]


def check_package(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    def step(session: Session, intake: PackageIntake) -> dict[str, Any]:
        path = place_of(app.settings, intake)
        result = intakes.check_and_stage(session, intake, path, app.clock.now(), tell, app.files)
        if not result.ok:
            remove_upload(app.settings, intake)
        return {"errors": len(result.errors), "warnings": len(result.findings) - len(result.errors)}

    return _worked(app, county, asked["intake"], ("waiting",), "refused", step)


def compare_package(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    def step(session: Session, intake: PackageIntake) -> dict[str, Any]:
        tell(0, None, "compare")
        intakes.compare(session, intake)
        intake.status, intake.note = "staged", None
        session.commit()
        return {"difference": intake.difference}

    return _worked(app, county, asked["intake"], ("waiting",), "staged", step)


def take_in_package(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    def step(session: Session, intake: PackageIntake) -> dict[str, Any]:
        warnings = tuple(finding.as_dict() for finding in read_findings(app, intake))
        by = intake.asked_by or intake.brought_by
        batch = intakes.swap(session, intake, by, asked["confirmed_by"], app.clock.now(), tell, warnings)
        tell(0, None, "figures")
        sum_up(session, county, app.clock.now())
        session.commit()
        remove_upload(app.settings, intake)
        return {"batch": batch.id}

    return _worked(app, county, asked["intake"], ("taking",), "staged", step)


def read_findings(app: Wiring, intake: PackageIntake) -> list[Finding]:
    """All findings of its check, as they were kept."""
    if intake.findings is None:
        return []
    rows = map(json.loads, app.files.get(intake.findings).decode().splitlines())
    return [
        Finding(
            **row
            | {"message": read_again(row["message"]) if isinstance(row["message"], dict) else row["message"]}
        )
        for row in rows
    ]


def _worked(
    app: Wiring, county: str, number: int, states: tuple[str, ...], otherwise: str, step: Step
) -> dict[str, Any]:
    """The step, holding the intake. What a rule refuses is no failure of the work: the intake says why.

    A work that is cancelled, or comes again after it was done, finds another state and does nothing.
    """
    with app.sessions(county) as session:
        engine = session.get_bind().engine
    with intakes.working_on(engine, county, number) as session:
        intake = read_intake(session, county, number)
        if intake.status not in states:
            return {"status": intake.status}
        try:
            return step(session, intake) | {"status": intake.status}
        except DomainError as error:
            session.rollback()
            intake = read_intake(session, county, number)
            intake.note = json.dumps({"message": error.message, "facts": error.facts}, ensure_ascii=False)
            intake.status = otherwise
            if otherwise == "refused":
                intake.ended_at = app.clock.now()
                remove_upload(app.settings, intake)
            session.commit()
            return {"refused": str(error)}
        except Cancelled:  # nothing stays of what was staged; who still wants the package brings it again
            session.rollback()
            intake = read_intake(session, county, number)
            if otherwise == "refused":
                intakes.drop(session, intake, app.clock.now())
                remove_upload(app.settings, intake)
            else:
                intake.status = otherwise
            session.commit()
            raise
