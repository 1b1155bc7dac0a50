"""Cases carried along for real: the first steps of a shipped scenario, each act in a transaction of its own.

Unlike ``run_scenario`` everything is committed, so that other sessions and other threads can meet it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import uuid4

from engine.bootstrap import App
from engine.domain.actor import Actor
from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.clock import VirtualClock
from engine.settings import ROOT
from engine.store.versions import read_folder
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from engine.usecases.scenarios.story import moment_after

COUNTY = "990101"
FOLDER = ROOT / "processes" / "contract_signing"


def playing(app: App, scenario: str = "straight", case_type: str = "contract_signing") -> Play:
    """About a household that no case holds, and a clock of its own; nothing has happened yet."""
    folder = ROOT / "processes" / case_type
    story = read_story(folder / "scenarios" / f"{scenario}.yaml")
    app.clock = VirtualClock(story.start)
    play = Play(app, COUNTY, CaseType(read_folder(folder)), story, printing=False)  # type: ignore[arg-type]
    set_scene(play)
    return play


def played(app: App, until: str, scenario: str = "straight", case_type: str = "contract_signing") -> Play:
    """Up to where the task ``until`` is open, or the timer is waited for; what must be refused is left out."""
    play = playing(app, scenario, case_type)
    play_on(play, iter(play.story.steps), until)
    return play


def play_on(play: Play, steps: Iterator[dict[str, Any]], until: str) -> None:
    """The next of the story's steps, up to there."""
    for step in steps:
        if "does" in step:
            play.act(step["who"], step["does"], step)
        elif "waits" in step:
            play.wait(step["waits"])
        elif "receives" in step:
            play.receive(step["receives"])
        if until in waited_for(play):
            return
    raise AssertionError(f"{play.story.name} does not come to {until}")


def waited_for(play: Play) -> list[str | None]:
    from engine.store import cases, event_waits

    if play.number is None:
        return []
    with play.stage.sessions(COUNTY) as session:
        case = play.case(session)
        waits = [row.element for row in cases.active_deadlines(session, case) if row.kind == "wait"]
        waits += event_waits.elements(session, case)
        return [task.element for task in cases.open_tasks(session, case)] + waits


def step_that_does(play: Play, does: str) -> dict[str, Any]:
    """The first step of the story that does it; by now it is the day on which the story does."""
    day = play.story.start
    for step in play.story.steps:
        if "waits" in step:
            day = moment_after(step["waits"], day, shipped_calendar())
        if step.get("does") == does:
            play.stage.clock.move_to(max(day, play.stage.clock.now()))
            return step
    raise LookupError(f"nobody does {does} in {play.story.name}")


def colleague(actor: Actor) -> Actor:
    """Somebody else in the same position."""
    return replace(actor, id=str(uuid4()), name="同事")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run them in threads that start together; gives what each gave or raised, in order."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(timeout=10)
        try:
            return act()
        except Exception as error:  # the test looks at it
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]
