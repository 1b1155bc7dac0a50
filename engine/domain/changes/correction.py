"""更正: a value that was recorded wrongly. Land, areas, parties and terms are changed by changes of their own."""

from dataclasses import dataclass, replace

from engine.domain.changes.change import Change, Touched, missing
from engine.domain.changes.findings import Finding, finding
from engine.domain.changes.register import Contractor, Parcel, Register

CORRECTABLE = {
    "parcels": (
        "name",
        "category",
        "ownership",
        "land_use",
        "grade",
        "use",
        "basic_farmland",
        "east",
        "south",
        "west",
        "north",
        "note",
        "witnesses",
    ),
    "contractors": ("address", "postcode", "phone"),
}


@dataclass(frozen=True)
class CorrectValue(Change):
    """``was`` must be what the register has: nobody has changed it in between."""

    kind: str  # parcels, contractors
    code: str
    field: str
    was: str | None
    value: str | None
    reason: str
    type: str = "correct_value"

    def touches(self) -> Touched:
        codes = frozenset([self.code])
        return Touched(parcels=codes) if self.kind == "parcels" else Touched(contractors=codes)

    def check(self, register: Register) -> list[Finding]:
        if self.field not in CORRECTABLE.get(self.kind, ()):
            return [finding("not_correctable", self.code, field=self.field)]
        found = missing(register, self.kind, [self.code])
        if found:
            return found
        now = getattr(self._thing(register), self.field)
        if now != self.was:
            found.append(finding("changed_since", self.code, was=self.was or "空", now=now or "空"))
        if now == self.value:
            found.append(finding("nothing_corrected", self.code))
        if not self.reason.strip():
            found.append(finding("no_reason", self.code))
        return found

    def _thing(self, register: Register) -> Parcel | Contractor:
        thing: Parcel | Contractor = getattr(register, self.kind)[self.code]
        return thing

    def apply(self, register: Register) -> Register:
        return register.put(replace(self._thing(register), **{self.field: self.value}))  # type: ignore[arg-type]

    def inverse(self, register: Register) -> tuple[Change, ...]:
        return (replace(self, was=self.value, value=self.was),)
