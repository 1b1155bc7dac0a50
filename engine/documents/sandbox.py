"""The sandbox that papers' templates are filled in: nothing of Python, no file, no unescaped text, no endless work.

A county edits templates in the browser and a worker fills them, so what one template can ask for is bounded:
the steps of its loops and calls, the text it makes, the sizes it multiplies to. Only the filters below are there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateSyntaxError
from jinja2.filters import do_join
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

STEPS = 50_000  # turns of loops and calls of one paper; a contract of 50 parcels takes some hundreds
LARGEST = 5_000_000  # characters or items of one value
TEXT = 50_000_000  # characters put together, macros within macros counted each time
NUMBERS = (int, float, complex)

JINJA_FILTERS = (
    "abs", "default", "d", "count", "length", "list", "first", "last", "sum", "min", "max", "sort", "unique",
    "reverse", "round", "int", "float", "upper", "lower", "trim", "select", "reject", "selectattr", "rejectattr",
    "map", "groupby", "dictsort", "items", "e", "escape", "forceescape", "string",
)  # fmt: skip
JINJA_GLOBALS = ("range", "dict", "namespace")


@dataclass
class Spent:
    steps: int = 0
    text: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > STEPS:
            raise SecurityError(f"more than {STEPS} steps of loops and calls")

    def add_text(self, characters: int) -> None:
        self.text += characters
        if self.text > TEXT:
            raise SecurityError(f"more than {TEXT} characters of text")


_spent: ContextVar[Spent] = ContextVar("spent")


@contextmanager
def budget() -> Iterator[None]:
    """One paper's worth; filling happens within it."""
    token = _spent.set(Spent())
    try:
        yield
    finally:
        _spent.reset(token)


def counted(values: Iterable[Any]) -> Iterator[Any]:
    """What a loop goes through, a step at a time."""
    for value in values:
        _spent.get().step()
        yield value


def bounded(value: Any) -> Any:
    if isinstance(value, (str, bytes, list, tuple, set, Mapping)) and len(value) > LARGEST:
        raise SecurityError(f"more than {LARGEST} characters or items")
    return value


def put_together(parts: Iterable[str]) -> str:
    spent, kept = _spent.get(), []
    for part in parts:
        spent.add_text(len(part))
        kept.append(part)
    return "".join(kept)


class PaperEnvironment(ImmutableSandboxedEnvironment):
    """``{{ a.items }}`` means the value called items and never a method of dict."""

    intercepted_binops = frozenset(["+", "*", "**", "%"])
    concat = staticmethod(put_together)  # type: ignore[assignment]

    def __init__(self, **options: Any):
        super().__init__(
            autoescape=True, optimized=False, finalize=_lines, **options
        )  # optimizing would compute while it is checked
        own: dict[str, Callable[..., Any]] = {"counted": counted, "bounded": bounded, "join": _join}
        self.filters = {name: self.filters[name] for name in JINJA_FILTERS} | own
        self.globals = {name: self.globals[name] for name in JINJA_GLOBALS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def wrap_str_format(self, value: Any) -> None:
        """Formats can ask for any width: ``format`` is an attribute like any other, and refused below."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Texts, numbers and lists have no attributes here; a date has its parts."""
        if isinstance(obj, date):
            return attr in ("year", "month", "day")
        if isinstance(obj, (str, bytes, *NUMBERS, list, tuple, set)):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        numbers = isinstance(left, NUMBERS) and isinstance(right, NUMBERS)
        if operator == "**" or (operator in "*%" and isinstance(left, (str, bytes, list, tuple))):
            raise SecurityError(f"{operator} is not for templates")
        if operator == "*" and isinstance(right, (str, bytes, list, tuple)):
            raise SecurityError("* is not for templates")
        if numbers and max(abs(left), abs(right)) > 10**15:
            raise SecurityError("numbers too large")
        return bounded(super().call_binop(context, operator, left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        _spent.get().step()
        for value in (*args, *kwargs.values()):
            bounded(value)
        return super().call(__context, __obj, *args, **kwargs)

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        """Every loop counts its steps, every assignment is measured, and escaping is never turned off."""
        switch = source.find(nodes.ScopedEvalContextModifier) or source.find(nodes.EvalContextModifier)
        if switch is not None:
            raise TemplateSyntaxError("autoescape is not for templates", switch.lineno, name, filename)
        for loop in source.find_all(nodes.For):
            loop.iter = _through("counted", loop.iter)
        for assigned in source.find_all(nodes.Assign):
            assigned.node = _through("bounded", assigned.node)
        return super()._generate(source, name, filename, defer_init)


def _lines(value: Any) -> Any:
    """What people typed on several lines stands on several lines: each claim, each article of an agreement."""
    if not isinstance(value, str) or isinstance(value, Markup) or "\n" not in value:
        return value
    return Markup('<br><span class="line"></span>').join(value.strip().splitlines())


def _through(filter_: str, value: Any) -> nodes.Filter:
    return nodes.Filter(value, filter_, [], [], None, None, lineno=value.lineno)


def _join(eval_ctx: Any, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    items = list(counted(value))
    return bounded(do_join(eval_ctx, items, bounded(d)[:1000], attribute))


_join.jinja_pass_arg = do_join.jinja_pass_arg  # type: ignore[attr-defined]
