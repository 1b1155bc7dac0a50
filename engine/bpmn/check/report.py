"""What the publish check says, and where it is written down."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.bpmn.model import Element
from engine.domain.said import in_words_of

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One fault: where, which rule, how bad, what is wrong and how to mend it (both Chinese, `said`)."""

    element: str | None
    rule: str
    severity: str
    message: str
    fix: str
    file: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def in_words_of(self, translate: Callable[[str], str]) -> "Problem":
        """In another language: `translate` gives its sentence for a Chinese one."""
        return replace(
            self,
            message=in_words_of(self.message, translate),
            fix=in_words_of(self.fix, translate),
        )


@dataclass
class Report:
    """Collects problems; the same one is kept once."""

    problems: dict[Problem, None] = field(default_factory=dict)

    def error(self, where: "Element | str | None", rule: str, message: str, fix: str, file: str = "") -> None:
        self._add(where, rule, ERROR, message, fix, file)

    def warning(
        self, where: "Element | str | None", rule: str, message: str, fix: str, file: str = ""
    ) -> None:
        self._add(where, rule, WARNING, message, fix, file)

    def _add(self, where: Any, rule: str, severity: str, message: str, fix: str, file: str) -> None:
        if isinstance(where, Element):
            where, file = where.id, where.file
        self.problems[Problem(where or None, rule, severity, message, fix, file)] = None

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == ERROR for problem in self)


def called(element: Element) -> str:
    """How an element is named in a message: by what people see on the drawing, else by its id."""
    return f"“{element.name or element.id}”"
