"""Who does something: a person in one of their positions, an applicant, or the system itself."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Actor:
    """``role``/``division`` are the position used; ``division`` is also the prefix of what is visible.

    A deputy acts in the position of ``principal`` (an id), whose name is ``principal_name``: the tasks are the
    principal's, every event says for whom, and separation of duties counts what either did.
    """

    id: str
    name: str
    role: str
    division: str
    county: str
    principal: str | None = None
    principal_name: str = ""

    @property
    def person_id(self) -> UUID:
        return UUID(self.id)

    @property
    def stands_as(self) -> UUID:
        """In whose name tasks are held: one's own, or the principal's."""
        return UUID(self.principal or self.id)

    @property
    def people(self) -> tuple[str, ...]:
        """Ids of all whose acts count where duties are separated."""
        return (self.id, self.principal) if self.principal else (self.id,)

    @property
    def position(self) -> str:
        return f"{self.role}@{self.division}" if self.division else self.role

    @property
    def scope(self) -> str:
        return self.division

    def sees(self, division: str) -> bool:
        return bool(self.scope) and division.startswith(self.scope)


def system(county: str) -> Actor:
    """The ticker and the workers: they act for the county as a whole."""
    return Actor(id="system", name="系统", role="system", division=county, county=county)


def applicant(applicant_id: UUID, name: str, county: str, division: str) -> Actor:
    """A household in the portal; its scope is its own issuing party, its cases are checked by owner."""
    return Actor(id=str(applicant_id), name=name, role="applicant", division=division, county=county)
