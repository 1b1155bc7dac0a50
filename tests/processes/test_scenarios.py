"""Every scenario of every shipped case type, played against the whole system on real PostGIS.

Only a few of them print their papers, since drawing takes seconds; `tianqi process scenarios` prints all.
"""

from collections import defaultdict
from copy import deepcopy
from datetime import date

import pytest

from engine.commands.trial import COUNTY
from engine.domain.from_yaml import read_yaml
from engine.queries import scenario_facts
from engine.settings import ROOT
from engine.store.versions import read_folder
from engine.usecases.scenarios import all_flows, read_story, run_scenario, stories
from engine.usecases.scenarios.story import story_of

FOLDERS = [path.parent for path in sorted((ROOT / "processes").glob("*/case_type.yaml"))]
SIGNING = ROOT / "processes" / "contract_signing"
PRINTED = {"county", "with_survey", "rejection_village", "adjustment", "extinction", "lost"}
PLAYED = [(folder, path) for folder in FOLDERS for path in stories(folder)]
taken: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)  # case type -> scenario -> its flows


@pytest.mark.parametrize(("folder", "path"), PLAYED, ids=[f"{f.name}-{p.stem}" for f, p in PLAYED])
def test_the_system_does_what_the_scenario_says(running, folder, path):
    outcome = run_scenario(
        running, COUNTY, read_folder(folder), read_story(path), printing=path.stem in PRINTED
    )
    assert outcome.ok, outcome.message
    assert outcome.steps == len(read_story(path).steps) > 0
    taken[folder.name][path.stem] = outcome.flows


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_together_they_take_every_flow(folder):
    if taken[folder.name].keys() != {path.stem for path in stories(folder)}:
        pytest.skip("the scenarios were not all played")
    assert all_flows(read_folder(folder)) - set().union(*taken[folder.name].values()) == set()


def test_a_scenario_leaves_nothing_behind(running):
    folder = SIGNING
    files, path = read_folder(folder), folder / "scenarios" / "rejection_village.yaml"
    with running.sessions(COUNTY) as session:
        before = scenario_facts.first_household(session, COUNTY, "in_force", 1)
        assert before is not None
    kept = list(running.settings.files.iterdir()) if running.settings.files.exists() else []
    for _ in range(2):  # the same household again, since the first run holds and changes nothing
        assert run_scenario(running, COUNTY, files, read_story(path), printing=False).ok
    with running.sessions(COUNTY) as session:
        assert scenario_facts.first_household(session, COUNTY, "in_force", 1) == before
        assert scenario_facts.cases_of(session, COUNTY, before) == 0
    assert kept == (list(running.settings.files.iterdir()) if running.settings.files.exists() else [])


CLAIMS = {
    "status": "completed",
    "tasks": {"village_check": "township"},
    "deadlines": {"village_check": {"last_day": date(2026, 7, 1)}},
    "documents": ["acceptance_notice", "contract"],
    "messages": ["已备案"],
    "applicant_sees": {"step": "county", "todo": False},
    "register": {"contract": {"term_start": date(2028, 1, 1)}},
    "holds": False,
    "waiting": ["contract_publicity"],
    "outcome": "end_completed",
    "unheard_of": True,
}


@pytest.mark.parametrize("key", CLAIMS)
def test_a_wrong_claim_is_noticed(running, key):
    """The check itself can fail: what the scenario claims after its first step is not so."""
    told = told_by("rejection_village")
    told["steps"] = told["steps"][:1]
    told["steps"][0]["then"] = {key: CLAIMS[key]}
    outcome = played(running, told)
    assert not outcome.ok
    assert key in outcome.message


REFUSALS = {
    "which succeeds": {"who": "village", "does": "village_check", "error": "refused"},
    "for another reason": {"who": "county", "does": "village_check", "error": "not_found"},
    "with other fields": {
        "who": "village",
        "does": "village_check",
        "error": "invalid",
        "fields": ["opinion"],
    },
}
RIGHT = {"decision": "reject", "reasons": ["V03"], "opinion": "界址有争议。"}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_that_does_not_come_is_noticed(running, case):
    told = told_by("rejection_village")
    tried = REFUSALS[case] | {"data": RIGHT if case == "which succeeds" else {"decision": "pass"}}
    told["steps"] = [told["steps"][0], {"step": {"zh": "不该成", "en": "must fail"}, "refused": [tried]}]
    outcome = played(running, told)
    assert not outcome.ok
    assert outcome.message.startswith("不该成")


def test_nobody_fits_is_said(running):
    told = told_by("rejection_village") | {"household": {"contract": "in_force", "parcels": 10_000}}
    assert "没有符合条件的承包方" in played(running, told).message


def told_by(name):
    return deepcopy(read_yaml((SIGNING / "scenarios" / f"{name}.yaml").read_text("utf-8")))


def played(running, told):
    return run_scenario(running, COUNTY, read_folder(SIGNING), story_of(told), printing=False)
