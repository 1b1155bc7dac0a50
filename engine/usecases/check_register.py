"""Run the quality rules over a county's register, or a part of it, and keep what they find."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.domain.errors import Refused
from engine.exchange.check_register import check_register as found_in
from engine.exchange.check_register import kept, own_settings, parcels_below, register_package
from engine.exchange.checks import Tell, in_order
from engine.exchange.checks.settings import settings_of
from engine.exchange.findings import Finding
from engine.store.quality import REGISTER, keep_run, lock_run
from engine.store.scope import one_view, read_only
from engine.usecases.wiring import Wiring


@dataclass(frozen=True)
class Checked:
    run: UUID
    findings: tuple[Finding, ...]
    counts: dict[str, int]  # rows of each layer and table

    @property
    def by_rule(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for one in self.findings:
            counts[one.rule] = counts.get(one.rule, 0) + 1
        return counts


def check_register(app: Wiring, county: str, prefix: str, by: str, tell: Tell | None = None) -> Checked:
    """``prefix``: a division of the county; its records are judged against the whole register.

    Nothing is kept before the end: a run that ``tell`` stops leaves the last one's findings as they are. Raises
    Refused for a division elsewhere, Conflict while another run of the county writes.
    """
    prefix = prefix or county
    if not prefix.startswith(county) or not prefix.isdigit() or len(prefix) not in (6, 9, 12, 14):
        raise Refused("division", "没有这个区划：应为本县的6、9、12或14位代码")
    tell = tell or (lambda done, total, phase: None)
    begun_at = app.clock.now()
    tell(0, 0, "read")
    with app.sessions(county) as session:
        one_view(session)
        read_only(session)
        own = own_settings(session, county)
        package = register_package(session, county)
    found = in_order(found_in(package, settings_of(own), tell, prefix))
    tell(0, 0, "keep")
    rows = kept(found, package)
    parcels = parcels_below(package, prefix)
    with app.sessions(county) as session:
        lock_run(session, county)
        run = keep_run(
            session, county, REGISTER, rows, ref="", division=prefix, by=by, begun_at=begun_at,
            ended_at=app.clock.now(), parcels=parcels, settings=own,
        )  # fmt: skip
        session.commit()
    counts = {name: len(table) for name, table in {**package.layers, **package.tables}.items()}
    return Checked(run, tuple(found), counts)


def as_long_work(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """``asked``: division, by."""

    def told(done: int, total: int, phase: str) -> None:
        tell(done, total or None, phase)  # type: ignore[arg-type]

    checked = check_register(app, county, asked.get("division") or county, asked["by"], told)
    return {"run": str(checked.run), "findings": len(checked.findings), "rules": checked.by_rule}
