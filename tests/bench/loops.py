"""What a step costs after a hundred rounds of a loop, beside the first steps of other cases."""

from tests.bench.measure import Figure, milliseconds, paired, seconds, times
from tests.bench.model import answers, application
from tests.bench.ours import OpenCase, Ours
from tests.bench.place import COUNTY, Place

LOOPS, CASES, ROUNDS = 100, 4, 5
GOAL = 1.5


class Looping:
    """Cases that go round: applied for, sent back by the village, applied for again."""

    def __init__(self, ours: Ours, loops: int):
        self.ours, self.steps = ours, 0
        self.cases = [ours.start(application(1)) for _ in range(CASES)]
        for _ in range(loops * CASES * 2):
            self.step()

    def step(self) -> float:
        case: OpenCase = self.cases[self.steps % CASES]
        self.steps += 1
        [element] = case.tasks
        took = seconds(lambda: self.ours.complete(case, element, answers(element, True, self.steps)))
        self.ours.claim(case)
        return took

    def afresh(self) -> float:
        """A step of a case that has just begun."""
        case = self.ours.start(application(1))
        return seconds(lambda: self.ours.complete(case, "apply", answers("apply", True, self.steps)))


def figures(place: Place) -> list[Figure]:
    ours = Ours(place.app, COUNTY)
    worn = Looping(ours, LOOPS)
    found = paired(worn.step, worn.afresh, ROUNDS, 12)
    ratio = 1 / found.ratio
    return [
        Figure(
            f"a step after {LOOPS} rounds of a loop, beside a case's first step",
            milliseconds(found.ours),
            milliseconds(found.baseline),
            times(ratio),
            f"<= {GOAL}x",
            ratio <= GOAL,
        )
    ]
