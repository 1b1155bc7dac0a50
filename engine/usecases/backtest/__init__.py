"""Run a draft against all recorded cases of its case type: what would have gone otherwise, and what would fail.

Nothing is written anywhere: operations are not carried out, their recorded results are handed in. Cases are
gone through one at a time, in the order of their numbers; the same draft and cases give the same report.
"""

from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

from engine.bpmn import Definition, OperationDone, OperationFailed, load_definition
from engine.bpmn.backtest import Due, Result, Turn, follow, turn_of
from engine.bpmn.errors import BpmnError
from engine.bpmn.trace import Waiting, path_of, waiting
from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.errors import Refused
from engine.queries import recorded_cases as recorded
from engine.store import versions
from engine.store.scope import read_only
from engine.store.tables.cases import Case
from engine.usecases.backtest.deadlines import DraftRules, changes
from engine.usecases.backtest.report import CaseReport, Report
from engine.usecases.publish_process import check_files
from engine.usecases.rebuild_case import Rebuilt, rebuild

__all__ = ["Backtest", "CaseReport", "Report"]

ERASED = "有记录的内容已依法删除"
DIFFERS = "按原来的版本重建，与记录不符"
BROKEN = "记录的内容不完整"


class Backtest:
    """One draft; ``report`` gathers what ``county`` finds, county by county."""

    def __init__(self, files: Mapping[str, bytes]):
        """Raises Refused with the draft's ``problems``: what may not be published cannot be tried either."""
        problems = [problem for problem in check_files(files) if problem.severity == "error"]
        if problems:
            message = "流程有%(n)s处错误，改好后才能用以往的办件检验"
            raise Refused("problems", message, n=len(problems), problems=problems)
        self.case_type = CaseType(files)
        self.draft = load_definition(versions.version_id(files), self.case_type.model_files())
        self.rules = DraftRules(self.case_type, self.draft, shipped_calendar())
        self.named = {self.draft.version}
        self.report = Report(names={element.id: element.name for element in self.draft.elements.values()})

    def county(
        self,
        session: Session,
        county: str,
        newest: int | None = None,
        each: Callable[[CaseReport], None] = lambda case: None,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:
        """Every case of the county, or the ``newest`` so many. The session is used for nothing else."""
        read_only(session)
        name = self.case_type.name
        total = recorded.count_cases(session, county, name)
        first = recorded.newest_first_number(session, county, name, newest) if newest else ""
        total = min(total, newest or total)
        for done, case in enumerate(recorded.cases_in_pages(session, county, name, first), 1):
            found = self.case(session, case)
            self.report.add(found)
            each(found)
            progress(done, total)

    def case(self, session: Session, case: Case) -> CaseReport:
        try:
            turns = self.turns(session, case)
        except Refused as fault:
            return CaseReport(case.number, case.version_id, why=ERASED, why_at=fault.facts.get("seq"))
        except BpmnError:
            return CaseReport(case.number, case.version_id, why=DIFFERS)
        except (LookupError, TypeError, ValueError):
            return CaseReport(case.number, case.version_id, why=BROKEN)
        if not turns:
            return CaseReport(case.number, case.version_id, why=DIFFERS)
        followed = follow(self.draft, turns, self.due)
        rows, tasks = recorded.deadlines_of(session, case), recorded.tasks_of(session, case)
        other = tuple(changes(self.rules, case, rows, tasks))
        return CaseReport(case.number, case.version_id, len(turns), turns[-1].end, followed, other)

    @property
    def due(self) -> Due:
        return lambda wait, started: self.rules.due(wait.deadline, started)

    def turns(self, session: Session, case: Case) -> list[Turn]:
        """Empty where the case does not rebuild as it was recorded."""
        turns: list[Turn] = []
        waits: tuple[Waiting, ...] = ()
        gathered: list[Rebuilt] = []
        for one in rebuild(session, case):
            if one.command is None:  # moved to another version, where it waits for what that one says
                waits = waiting(one.step)
                continue
            if path_of(one.step) != one.payload["path"]:
                return []
            gathered.append(one)
            if not one.step.operations:
                turns.append(_turn(gathered, waits))
                waits, gathered = turns[-1].waits, []
        if gathered or not turns:
            return []
        self.name(one.definition)
        return turns

    def name(self, definition: Definition) -> None:
        """Elements of versions that the draft has no more."""
        if definition.version not in self.named:
            self.named.add(definition.version)
            for element in definition.elements.values():
                self.report.names.setdefault(element.id, element.name)


def _turn(gathered: list[Rebuilt], before: tuple[Waiting, ...]) -> Turn:
    """One act and the operations that followed from it; ``before``: what was waited for when it came."""
    first = gathered[0]
    assert first.command is not None
    assert not isinstance(first.command, OperationDone | OperationFailed)
    results = [_result(one) for one in gathered[1:]]
    steps = [one.step for one in gathered]
    return turn_of(first.link.seq, first.link.at, first.command, steps, results, before, first.definition)


def _result(one: Rebuilt) -> Result:
    payload = one.payload
    failed = (payload["code"], payload["detail"]) if isinstance(one.command, OperationFailed) else None
    return Result(one.link.element or "", payload["topic"], payload.get("result") or {}, failed)
