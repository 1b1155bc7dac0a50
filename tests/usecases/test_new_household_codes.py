"""Two households of one village split at the same time: the one whose land is surveyed first is not stuck."""

from engine.domain.case_type import CaseType
from engine.store.register import read_household
from engine.store.versions import read_folder
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from tests.usecases.acting import COUNTY, ROOT, played, step_that_does, waited_for

FOLDER = ROOT / "processes" / "contract_change"
HEAD, OTHERWISE = "02", "97"  # GB/T 4761


def test_a_code_that_another_case_took_meanwhile_is_given_anew(running):
    dividing = played(running, "survey", "split_divided", "contract_change")
    story = read_story(FOLDER / "scenarios" / "split.yaml")
    other = Play(running, COUNTY, CaseType(read_folder(FOLDER)), story, False, left_alone=(dividing.code,))
    set_scene(other)
    assert other.code[:14] == dividing.code[:14], "of another issuing party: their codes cannot meet"
    step = step_that_does(other, "apply")
    other.act(step["who"], "apply", step | {"data": step["data"] | first_and_the_rest(running, other.code)})

    step = step_that_does(dividing, "survey")
    dividing.act(step["who"], "survey", step)

    assert "publicity" in waited_for(dividing)


def first_and_the_rest(app, code):
    """The first member and parcel to one household, whoever and whatever is left to the other."""
    with app.sessions(COUNTY) as session:
        home = read_household(session, COUNTY, code)
    part = ["1", *["2"] * 40]
    return {
        "split_members": [
            {"who": one.id_number, "to": part[n], "relation": HEAD if n < 2 else OTHERWISE}
            for n, one in enumerate(home.members)
        ],
        "split_parcels": [{"code": one.code, "to": part[n]} for n, one in enumerate(home.parcels)],
    }
