"""Sends what the API's description allows, and what it forbids, with tokens of every role; judges the answers.

Two ways: schemathesis' enumeration of each operation's boundaries (fixed, and quick: the CI's), and its random generation
from a seed (slow: `make fuzz`). What it is told of real things (a case's number, a household's code) takes the place of an
address's parts in every second request, so that requests get past the first "not found".
"""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

CONFORM = ("content_type_conformance", "response_headers_conformance", "response_schema_conformance")
PROBLEM = "application/problem+json"
SEED = 20260302
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


@dataclass
class Attack:
    """``tokens``: role -> bearer token. ``things``: name of an address's part -> real values."""

    web: Any
    tokens: dict[str, str]
    things: dict[str, list[str]]
    areas: dict[str, set[str]]  # role -> what it may open
    faults: list[str] = field(default_factory=list)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    def operations(self, only: str = "") -> Iterator[Any]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=self.web)
            for result in schema.get_all_operations():
                if only in result.ok().label:
                    yield result.ok()

    def boundaries(self, most: int, only: str = "") -> None:
        """Of each operation ``most`` of its enumerated requests, evenly taken."""
        for operation in self.operations(only):
            config = operation.schema.config.generation_for(operation=operation)
            made = list(
                operation.schema.iter_coverage_cases(
                    operation, generation_modes=MODES, generation_config=config
                )
            )
            own = [case for case in made if case.method.lower() == operation.method.lower()]
            step = max(1, -(-len(own) // most))
            self.send(operation, [*own[::step], *(case for case in made[:1] if case not in own)])

    def at_random(self, examples: int, only: str = "") -> None:
        for operation in self.operations(only):
            for mode in MODES:
                self.send(operation, drawn(operation, mode, examples))

    def send(self, operation: Any, cases: Iterable[Any]) -> None:
        roles, number = cycle(self.roles_for(operation)), count()
        for case in cases:
            role, turn = next(roles), next(number)
            if turn % 2 == 0:
                self.put_real(case, turn // 2)
            self.judge(case, role)

    def roles_for(self, operation: Any) -> list[str]:
        """Those that get in take turns with all the others, so that few examples reach the view already."""
        inside = [role for role in self.tokens if self.enters(operation, role)]
        return [role for pair in zip(cycle(inside or [""]), self.tokens, strict=False) for role in pair]

    def enters(self, operation: Any, role: str) -> bool:
        """By the scope that the description says it takes; the portal takes applicants alone."""
        if "/portal/" in operation.path:
            return role == "applicant"
        wanted = [area for one in operation.definition.raw.get("security") or [] for area in one["bearer"]]
        return role != "applicant" and set(wanted) <= self.areas.get(role, set())

    def put_real(self, case: Any, turn: int) -> None:
        for name in case.path_parameters or {}:
            real = self.things.get(name)
            if real:
                case.path_parameters[name] = real[turn % len(real)]

    def judge(self, case: Any, role: str) -> None:
        operation = case.operation
        token = self.tokens.get(role)
        answer = case.call(headers={"Authorization": f"Bearer {token}"} if token else {})
        status, kind = answer.status_code, str(answer.headers.get("content-type"))
        self.answers[operation.label, status] += 1
        about = f"{case.method} {operation.label} as {role}: {status} {kind} {sent(case)}"
        if status >= 500 or (status >= 400 and PROBLEM not in kind):
            self.faults.append(about)
        if status == 405:
            return  # a method that the address does not take: refused, as judged above
        if str(status) not in operation.definition.raw["responses"]:
            self.faults.append(f"not told of: {about}")
        try:
            case.validate_response(answer, checks=CHECKS.get_by_names(CONFORM))
        except FailureGroup as group:
            told = "; ".join(f"{type(one).__name__}: {one}"[:400] for one in group.exceptions)
            self.faults.append(f"does not conform: {about} {told}")


def drawn(operation: Any, mode: GenerationMode, examples: int) -> list[Any]:
    """From the seed: the same ones each time."""
    made: list[Any] = []

    @seeded(SEED)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        made.append(case)

    with suppress(Unsatisfiable):  # an operation without anything to get wrong
        one()
    return made


def sent(case: Any) -> str:
    """What to try again."""
    return f"{case.path_parameters} {case.query} {case.headers} {case.body!r}"[:400]


def some_of(faults: list[str], most: int = 12) -> list[str]:
    """One of each operation is enough to read."""
    return list({fault.split(" as ")[0]: fault for fault in faults}.values())[:most]
