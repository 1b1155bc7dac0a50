"""Run a case type's scenarios against the whole system: people, papers, deadlines, register, portal, record.

A scenario is played on a stage (stage.py): a real database, whose changes are rolled back at the end, so that
scenarios don't disturb each other nor anything else. The version played is the folder's, not the published one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from engine.bpmn import load_definition
from engine.domain.case_type import CaseType
from engine.domain.errors import DomainError
from engine.store import versions
from engine.usecases.scenarios.expect import check, check_record
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from engine.usecases.scenarios.stage import Differs, Engines, Stage, stage
from engine.usecases.scenarios.story import Story, read_story, with_settings

__all__ = ["Engines", "Outcome", "Story", "all_flows", "read_story", "run_folder", "run_scenario", "stories"]

log = structlog.get_logger()


@dataclass(frozen=True)
class Outcome:
    """``steps``: how many went as told; ``flows``: ids of the sequence flows that the case took."""

    case_type: str
    scenario: str
    ok: bool
    steps: int
    message: str
    flows: frozenset[str] = frozenset()


def run_folder(app: Engines, county: str, folder: Path, printing: bool = True) -> Iterator[Outcome]:
    """Every scenario of the case type's folder, one after the other."""
    files = versions.read_folder(folder)
    for path in stories(folder):
        yield run_scenario(app, county, files, read_story(path), printing)


def stories(folder: Path) -> list[Path]:
    return sorted(folder.glob("scenarios/*.yaml"))


def all_flows(files: Mapping[str, bytes]) -> frozenset[str]:
    """The sequence flows that there are to take."""
    return frozenset(load_definition(versions.version_id(files), CaseType(files).model_files()).flows)


def run_scenario(
    app: Engines, county: str, files: Mapping[str, bytes], story: Story, printing: bool = True
) -> Outcome:
    """Never raises for what the scenario or the system does wrong: the outcome says so."""
    files = with_settings(files, story.parameters)
    case_type, steps = versions.read_version(versions.version_id(files), files), 0
    first = asking_story(app, story)
    with stage(app, (first or story).start) as on:
        play = Play(on, county, case_type, story, printing)
        told = ""
        try:
            put_in_force(on, county, files)
            if first:
                begin_asked(play, first)
            else:
                set_scene(play)
            for step in story.steps:
                told = step["step"]["zh"]
                play_step(play, step)
                steps += 1
            told = "结束时"
            play.turn(False)
            flows = check_record(play)
        except (Differs, DomainError) as error:
            return Outcome(case_type.name, story.name, False, steps, f"{told}：{error}")
        except Exception as error:
            log.exception("scenario broke", scenario=story.name, step=told)
            return Outcome(
                case_type.name, story.name, False, steps, f"{told}：{type(error).__name__}: {error}"
            )
    return Outcome(case_type.name, story.name, True, steps, "", frozenset(flows))


def asking_story(app: Engines, story: Story) -> Story | None:
    """Of a story about a case that another case asked for: that one's."""
    if not story.asking:
        return None
    folder = app.settings.processes / story.asking["case_type"]
    return read_story(folder / "scenarios" / f"{story.asking['scenario']}.yaml")


def begin_asked(play: Play, first: Story) -> None:
    """The other case goes so far that it asks."""
    assert play.story.asking
    files = versions.read_folder(play.stage.settings.processes / play.story.asking["case_type"])
    put_in_force(play.stage, play.county, files)
    case_type = versions.read_version(versions.version_id(files), files)
    other = Play(play.stage, play.county, case_type, first, play.printing)
    set_scene(other)
    for step in first.steps:
        play_step(other, step)
        if other.number and play.follow(other):
            return
    raise Differs("那一件没有提出测绘")


def put_in_force(on: Stage, county: str, files: Mapping[str, bytes]) -> None:
    with on.sessions(county) as session:
        at = on.clock.now()
        version = versions.store_version(session, files, "scenarios", "scenarios", at)
        versions.put_in_force(session, county, versions.read_version(version, files).name, version, at)
        session.commit()


def play_step(play: Play, step: Mapping) -> None:
    play.turn(step.get("case") == "correction")
    play.mark()
    if "stands" in step:
        play.stand_against(step["stands"])
    for tried in step.get("refused", ()):
        play.attempt(tried)
    if step.get("in") == "asking" and play.asking:
        play.asking.act(step["who"], step["does"], step)
        play.asking.carry_out()
    elif "does" in step:
        play.act(step["who"], step["does"], step)
    elif "waits" in step:
        play.wait(step["waits"])
    elif "receives" in step:
        play.receive(step["receives"])
    play.carry_out()
    check(play, step.get("then") or {})
