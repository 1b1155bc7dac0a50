"""Cases under way for the demonstration: the first steps of stories, done for good by its own people."""

from dataclasses import replace
from typing import cast

from engine.domain.case_type import CaseType
from engine.queries.sample_households import sample_households
from engine.store.versions import read_folder
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from engine.usecases.scenarios.stage import Stage
from engine.usecases.scenarios.story import read_story
from engine.usecases.wiring import Wiring

# Case type, story, how many of its acts are done. None of these acts names a day.
UNDER_WAY = (
    ("contract_signing", "by_village", 1),
    ("contract_signing", "by_village", 2),
    ("contract_signing", "straight", 1),
    ("contract_signing", "straight", 3),
    ("contract_signing", "straight", 5),
    ("contract_signing", "with_survey", 5),
    ("contract_change", "members", 1),
    ("contract_change", "members", 3),
    ("certificate_change", "lost", 2),
    ("survey_request", "straight", 2),
    ("dispute_mediation", "straight", 1),
    ("dispute_arbitration", "straight", 1),
)


def begin_cases(app: Wiring, county: str) -> list[str]:
    """Their numbers. The households that visitors may play are left alone; the portal follows by the outbox."""
    with app.sessions(county) as session:
        left = [one.code for one in sample_households(session, county)]
    return [_begin(app, county, left, *told) for told in UNDER_WAY]


def _begin(app: Wiring, county: str, left: list[str], case_type: str, name: str, acts: int) -> str:
    folder = app.settings.processes / case_type
    # The register that stays is left as it was brought: a stage may say of land that it is protected.
    story = replace(read_story(folder / "scenarios" / f"{name}.yaml"), farmland=None)
    # A wiring is a stage that keeps what is played on it.
    play = Play(
        cast(Stage, app), county, CaseType(read_folder(folder)), story, printing=False, left_alone=left
    )
    set_scene(play)
    for step in [step for step in story.steps if "does" in step][:acts]:
        play.act(step["who"], step["does"], step)
    return play.case_number()
