"""Templates of papers: Jinja in a sandbox, where a value that is not there stops the paper.

A county edits these templates in the browser, so they can reach nothing but the context: no attributes
of Python objects, no files, no unescaped text. They start with ``{% extends "paper.html" %}`` (the sheet
with its foot) and may ``{% import "parts.html" as parts %}``; or extend a notice that most case types send
(``rejection_notice.html`` and the like in ``base/``) and say otherwise in its blocks.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import (
    DictLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
    pass_context,
)
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, Undefined, missing

from engine.documents import formats
from engine.documents.qr import qr_svg
from engine.documents.sandbox import PaperEnvironment, budget
from engine.documents.svg import drawing
from engine.domain import masking, remedies
from engine.domain.errors import Refused

BASE = Path(__file__).parent / "base"


def fill(template: str, context: Mapping[str, Any]) -> str:
    """The HTML of a paper.

    ``None`` and empty text count as not given; where a paper may do without a value its template says
    so (``default``, ``is defined``). Errors: ``Refused`` with code ``missing_value`` (facts: ``name``,
    dotted, as ``contractor.phone``), ``bad_template`` or ``bad_value``.
    """
    given = _given(context)
    try:
        with budget():
            return environment().from_string(template).render(given)
    except UndefinedError as fault:
        raise Refused("missing_value", "文书缺少必填内容：%(name)s", name=_name_of(fault, given)) from None
    except TemplateSyntaxError as fault:
        message = "文书模板第 %(line)s 行有误：%(fault)s"
        raise Refused("bad_template", message, line=fault.lineno, fault=str(fault.message)) from None
    except (TemplateError, SecurityError) as fault:
        raise Refused("bad_template", "文书模板有误：%(fault)s", fault=str(fault)) from None
    except (TypeError, ValueError, LookupError, ArithmeticError, RecursionError) as fault:
        raise Refused("bad_value", "文书内容的格式有误：%(fault)s", fault=str(fault)) from None


class Missing(StrictUndefined):
    """A value that is not there; its error carries where it was looked for and under which name."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateError] = UndefinedError,
    ):
        raising: Any = partial(_not_there, obj, name) if exc is UndefinedError else exc
        super().__init__(hint, obj, name, raising)


def _not_there(owner: Any, name: str | None, message: str) -> UndefinedError:
    fault = UndefinedError(message)
    fault.sought = (owner, name or message)  # type: ignore[attr-defined]
    return fault


@lru_cache
def environment() -> PaperEnvironment:
    sheets = {path.name: path.read_text("utf-8") for path in sorted(BASE.glob("*.html"))}
    made = PaperEnvironment(
        loader=DictLoader(sheets), undefined=Missing, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {name: _needs_value(filter_) for name, filter_ in FILTERS.items()} | {"mu": _mu}
    made.globals["period_of"] = lambda name, day: remedies.period(name, formats.as_date(day))
    made.globals["qr"] = lambda url, size_mm=15: drawing(qr_svg(url, size_mm))
    return made


FILTERS: dict[str, Callable[..., Any]] = {
    "date": formats.date_zh,
    "m2": formats.square_metres,
    "unit": formats.unit_zh,
    "grade": formats.grade_zh,
    "yes_no": formats.yes_no,
    "parcel_number": formats.parcel_number,
    "clause": formats.clause,
    "mask_id": masking.number,
    "mask_phone": masking.number,
    "mask_name": masking.name,
    "drawing": drawing,
}


def _needs_value(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """A missing value must be reported by its name, not as a type that the filter cannot read."""

    def checked(value: Any, *args: Any) -> Any:
        if isinstance(value, Undefined):
            str(value)
        return filter_(value, *args)

    return checked


@pass_context
def _mu(context: Context, value: Any) -> str:
    """Area in mu with the decimals the county sets (``county.mu_decimals``, otherwise 2)."""
    county = context.get("county")
    return _needs_value(formats.mu)(
        value, int(county.get("mu_decimals", 2)) if isinstance(county, Mapping) else 2
    )


def check_template(template: str) -> None:
    """Raises TemplateSyntaxError for what could never be filled: syntax, and filters that are not there."""
    environment().compile(template, raw=True)


def _given(value: Any) -> Any:
    if isinstance(value, Mapping):
        items = ((key, _given(item)) for key, item in value.items())
        return {key: item for key, item in items if item is not None and item != ""}
    if isinstance(value, (list, tuple)):
        return [_given(item) for item in value]
    return value.strip() if isinstance(value, str) else value


def _name_of(fault: UndefinedError, context: Mapping[str, Any]) -> str:
    owner, name = getattr(fault, "sought", (None, str(fault)))
    for path, value in _walk("", context):
        if value is owner:
            return f"{path}.{name}" if path else str(name)
    return str(name)


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    yield path, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list):
        for place, item in enumerate(value, 1):
            yield from _walk(f"{path}[{place}]", item)
