"""A case type as its folder describes it: case_type.yaml and parameters.yaml, read into questions one can ask.

Files travel as ``{path: bytes}``, so that a shipped folder, a published version and a draft are read alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from engine.domain.deadline import Kind, Unit
from engine.domain.from_yaml import read_yaml
from engine.domain.proposing import ChangeRules

UNFILED = ("rejected", "withdrawn", "lapsed")  # ends with which nothing came of what was applied for


@dataclass(frozen=True)
class RoleAtLevel:
    role: str
    level: str  # household, village, township, county


@dataclass(frozen=True)
class DeadlineRule:
    """A period as the parameters have it on a day."""

    kind: Kind
    unit: Unit
    length: int
    title: dict[str, str]
    source: str

    @staticmethod
    def parse(kind: str, unit: str, length: int, title: dict[str, str] | None = None, source: str = ""):
        return DeadlineRule(Kind(kind), Unit(unit), length, title or {}, source)


class CaseType:
    """Read-only view of a version's files."""

    def __init__(self, files: Mapping[str, bytes]):
        self.files = files
        self.about: dict[str, Any] = read_yaml(files["case_type.yaml"])
        self._parameters: dict[str, Any] = read_yaml(files["parameters.yaml"])

    @property
    def name(self) -> str:
        return self.about["case_type"]

    @property
    def title(self) -> dict[str, str]:
        return self.about["title"]

    def role_of(self, group: str, origin: str = "self") -> RoleAtLevel:
        """Who does a candidate group's tasks; the village stands in for a household without an account."""
        row = self.about["groups"][group]
        row = row.get("by_origin", {}).get(origin, row)
        return RoleAtLevel(row["role"], row["level"])

    def is_household(self, group: str) -> bool:
        return self.about["groups"][group]["level"] == "household"

    @property
    def groups(self) -> list[str]:
        return list(self.about["groups"])

    def starter(self, origin: str) -> str | None:
        """Role that starts cases of that origin."""
        start = self.about["start"]["origins"].get(origin)
        return self.about["groups"][start["group"]]["role"] if start else None

    def start_form(self, origin: str) -> str:
        return self.about["start"]["origins"][origin]["form"]

    @property
    def offers_free_land(self) -> bool:
        """Whether a household without a contract picks from its collective's land that nobody holds."""
        return bool(self.about.get("subjects", {}).get("parcels", {}).get("free"))

    def corrects(self, answers: Mapping[str, Any]) -> bool:
        """Whether such an application corrects what an earlier case filed: ``start.corrects``, answer -> values."""
        listed = self.about["start"].get("corrects") or {}
        return bool(listed) and all(answers.get(name) in values for name, values in listed.items())

    @property
    def carries_out(self) -> str | None:
        """The answer that names the dispute whose award or agreement such an application carries out."""
        return self.about["start"].get("carries_out")

    @property
    def start_variable(self) -> str:
        return self.about["start"]["variable"]

    @property
    def many(self) -> dict[str, Any] | None:
        """{form, origin, title}: the form that starts many small cases at once, and in whose name."""
        return self.about["start"].get("many")

    @cached_property
    def lists(self) -> dict[str, list[dict[str, Any]]]:
        return self.about.get("lists", {})

    def reasons(self, codes: list[str]) -> list[dict[str, Any]]:
        """The coded reasons, with text and law, in the order of the lists."""
        rows = [row for name, rows in self.lists.items() if name.endswith("reasons") for row in rows]
        return [row for row in rows if row["code"] in codes]

    @property
    def papers(self) -> dict[str, dict[str, Any]]:
        return self.about.get("papers", {})

    @property
    def documents(self) -> dict[str, dict[str, Any]]:
        return self.about.get("documents", {})

    def voided(self, document: str, status: str) -> bool:
        """Whether such a paper holds no more once the case has ended so: it told of what came to nothing."""
        return status in UNFILED and bool(self.documents.get(document, {}).get("void_unless_filed"))

    def template(self, document: str) -> str:
        return self.files[f"documents/{document}.html"].decode()

    @property
    def steps(self) -> list[dict[str, Any]]:
        return self.about.get("steps", [])

    @property
    def statuses(self) -> dict[str, dict[str, Any]]:
        return self.about.get("status", {})

    def status_at_end(self, end: str | None) -> str:
        """completed, rejected, withdrawn (by the applicant) or lapsed (a period passed)."""
        ends = self.about.get("ends", {})
        if end in ends:
            return str(ends[end])
        return "rejected" if end and "reject" in end else "completed"

    @property
    def withdrawal(self) -> dict[str, Any] | None:
        """{message, until: [elements]}: how the applicant withdraws, and from which finished task on no more."""
        return self.about.get("withdrawal")

    @property
    def acts(self) -> dict[str, dict[str, Any]]:
        """{name: {message, form, group, title, after}}: what may be done beside the tasks, once one of ``after`` is done."""
        return self.about.get("acts", {})

    @property
    def act_forms(self) -> dict[str, str]:
        """Message -> form of each act."""
        return {row["message"]: row["form"] for row in self.acts.values()}

    @property
    def parties(self) -> dict[str, Any]:
        """Who else follows such a case in the portal and what each side does there (domain/parties.py)."""
        return self.about.get("parties", {})

    @property
    def deadlines(self) -> dict[str, dict[str, Any]]:
        return self._parameters.get("deadlines", {})

    def deadline(self, name: str, on: date) -> DeadlineRule:
        """The period of that name as it is in force on that day. KeyError for an unknown name."""
        row = self.deadlines[name]
        return DeadlineRule.parse(
            row["kind"], row["unit"], int(in_force(row["values"], on)), row["title"], row["source"]
        )

    def case_limits(self) -> list[str]:
        """Names of the limits that cover the whole case."""
        return [name for name, row in self.deadlines.items() if row.get("scope") == "case"]

    @property
    def numbers(self) -> dict[str, dict[str, Any]]:
        return self._parameters.get("numbers", {})

    def value(self, name: str, on: date) -> Any:
        """A dated number of parameters.yaml, as it is in force on that day."""
        return in_force(self.numbers[name]["values"], on)

    def number(self, name: str, on: date, otherwise: Any) -> Any:
        """``value``, or ``otherwise`` where the case's version did not know that number yet."""
        return self.value(name, on) if name in self.numbers else otherwise

    @cached_property
    def changes(self) -> ChangeRules | None:
        """How answers become changes of the register; None where operations of their own make them."""
        source = self.files.get("changes.yaml")
        return ChangeRules(read_yaml(source)) if source else None

    def form_source(self, name: str) -> dict[str, Any]:
        """The form as written; one that ``extends`` another has its fields too, with its own in their place."""
        source = read_yaml(self.files[f"forms/{name}.yaml"])
        base = isinstance(source, dict) and source.get("extends")
        if not base or base == name or f"forms/{base}.yaml" not in self.files:
            return source
        own = {field["name"]: field for field in source.get("fields", [])}
        inherited = self.form_source(base)
        fields = [own.pop(field["name"], field) for field in inherited["fields"]]
        kept = {key: value for key, value in source.items() if key != "extends"}
        return inherited | kept | {"fields": [*fields, *own.values()]}

    @property
    def form_names(self) -> list[str]:
        return sorted(
            path.removeprefix("forms/").removesuffix(".yaml")
            for path in self.files
            if path.startswith("forms/")
        )

    def model_files(self) -> dict[str, bytes]:
        return {path: body for path, body in self.files.items() if path.endswith((".bpmn", ".dmn"))}


def in_force(values: list[dict[str, Any]], on: date) -> Any:
    """The last value that begins on or before the day."""
    begun = [row for row in values if row["from"] <= on]
    if not begun:
        raise ValueError(f"no value is in force on {on}")
    return max(begun, key=lambda row: row["from"])["value"]
