"""What a form is: frozen dataclasses for fields, options and papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from forms.text import Text

Conditions = tuple[tuple[str, tuple[str, ...]], ...]


class FormFault(ValueError):
    """A form that cannot be used as written. `problems` lists the faults, in Chinese."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("；".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Option:
    value: str
    label: Text
    hint: Text | None = None


@dataclass(frozen=True)
class Paper:
    """One named paper that a `files` field asks for, for example the identity card."""

    kind: str
    label: Text
    required: bool = False
    hint: Text | None = None
    show_if: Conditions = ()  # on the form's answers; only spares people from reading: handing it in is never wrong
    required_if: Conditions = ()  # on the form's answers: must be handed in then


@dataclass(frozen=True)
class Field:
    """One question. Unused settings keep their defaults; `kind` says which ones count."""

    name: str
    kind: str
    label: Text
    hint: Text | None = None
    required: bool = False
    show_if: Conditions = ()
    required_if: Conditions = ()
    options: tuple[Option, ...] = ()
    options_from: str | None = None
    papers: tuple[Paper, ...] = ()
    fields: tuple["Field", ...] = ()
    repeated: bool = False
    min: str | None = None
    max: str | None = None
    max_length: int | None = None
    min_length: int | None = None
    decimals: int | None = None
    pattern: str | None = None
    unit: Text | None = None
    prefill: str | None = None
    default: object = None
    autocomplete: str | None = None
    text: Text | None = None
    withheld: bool = False  # used once by what acts on the form, and kept nowhere among its answers
    not_after: str | None = None  # of a date: "today", where it tells what has happened already
    free: bool = False  # of parcels: land of the collective that nobody holds, not the household's own
    changes: tuple[str, ...] = ()  # of a drawing: the kinds of change that it takes; none: all
    of: str | None = (
        None  # the question above that names the households whose parcels or members this is about
    )

    @property
    def asks(self) -> bool:
        return self.kind != "note"

    @property
    def low(self) -> Decimal | None:
        return None if self.min is None else Decimal(self.min)

    @property
    def high(self) -> Decimal | None:
        return None if self.max is None else Decimal(self.max)


def as_key(value: object) -> str:
    """How a value is written in conditions and option lists; YAML 1.1 reads a bare `yes` as True."""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    return "" if value is None else str(value)
