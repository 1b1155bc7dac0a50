"""Check a delivery package: every finding of every implemented rule, nothing written anywhere."""

import contextlib
import pathlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.domain.said import said_of
from engine.exchange.checks import GROUND, in_order, run_checks
from engine.exchange.checks.references import count_rows
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.model import PackageData
from engine.exchange.package.opening import PackageError, opened
from engine.exchange.package.reading import read_package

Progress = Callable[[str], None]


@dataclass(frozen=True)
class CheckResult:
    """`counts`: rows per layer and table. A package with errors is refused whole; warnings are kept."""

    counts: dict[str, int]
    findings: tuple[Finding, ...] = field(default=())

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse the package."""
        return tuple(f for f in self.findings if f.severity == "error")

    @property
    def ok(self) -> bool:
        """Whether the package may be imported."""
        return not self.errors

    def by_rule(self) -> dict[str, int]:
        """How many findings each rule has."""
        return dict(Counter(f.rule for f in self.findings))

    def as_dict(self) -> dict[str, Any]:
        """As `package check --json` prints it."""
        return {"counts": self.counts, "findings": [f.as_dict() for f in self.findings]}


def check_package(
    path: str | pathlib.Path, settings: CheckSettings | None = None, progress: Progress | None = None
) -> CheckResult:
    """All findings, in the order of the rules. Bad packages give findings, never exceptions."""
    with read_and_check(path, settings, progress) as (_, result):
        return result


@contextlib.contextmanager
def read_and_check(
    path: str | pathlib.Path,
    settings: CheckSettings | None = None,
    progress: Progress | None = None,
    name: str | None = None,
) -> Iterator[tuple[PackageData | None, CheckResult]]:
    """The package's data beside the result; its files stay in place inside the context only.

    ``name`` is the file's name to whoever brought it, where it lies here under another.

    The data is None when the package could not be opened at all (F00).
    """
    settings = settings or CheckSettings()
    tell = progress or (lambda step: None)
    with contextlib.ExitStack() as stack:
        try:
            tell("打开成果包")
            files = stack.enter_context(opened(pathlib.Path(path), settings.limits, name))
            tell("读取图层和表")
            package, found = read_package(files, settings.encoding)
        except PackageError as error:
            yield (
                None,
                CheckResult({}, (finding("F00", said_of(error), record=name or pathlib.Path(path).name),)),
            )
            return
        found = settings.judged(found) + run_checks(package, settings, _steps(tell))
        yield package, CheckResult(count_rows(package), tuple(in_order(found)))


def _steps(tell: Progress) -> Callable[[int, int, str], None]:
    def step(done: int, total: int, phase: str) -> None:
        tell(f"检查地块位置 {done}/{total}" if phase == GROUND else f"检查 {phase}")

    return step
