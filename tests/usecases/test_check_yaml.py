"""YAML that somebody typed: bombs, depths and sizes are named as problems, soon."""

import time

import pytest

from engine.settings import ROOT
from engine.store.versions import read_folder
from engine.usecases.check_yaml import faults, yaml_problems
from engine.usecases.publish_process import check_files

FORM = "forms/village_check.yaml"
LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(read_folder(ROOT / "processes" / "contract_signing"))


def test_the_shipped_files_are_well(files):
    assert yaml_problems(files) == []


@pytest.mark.parametrize("path", [FORM, "case_type.yaml", "parameters.yaml"])
def test_a_bomb_is_a_problem_of_its_file(files, path):
    """Laughs unfold to a thousand million when somebody prints them: in a message, say."""
    text = files[path].decode()
    bomb = LAUGHS + text.replace("form: village_check", "form: *a9")
    begun = time.process_time()
    found = check_files(files | {path: bomb.encode()})
    assert [(problem.rule, problem.file) for problem in found] == [("yaml", path)]
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "body",
    [
        "&a [*a]",
        "a: &x 1",
        "[" * 50_000,
        "{a: " * 41 + "1" + "}" * 41,
        "a: [" + "1," * 20_001 + "1]",
        "a: " + "x" * 500_000,
        "a: " + "9" * 5000,
        "a: 2026-02-30",
        "x: !!python/object/apply:os.system ['id']",
        "a: [",
        "a: \x00",
        "? {a: 1}: 2",
    ],
)
def test_what_cannot_be_read_is_told_once_and_soon(body):
    begun = time.process_time()
    assert len(list(faults(body.encode()))) == 1
    assert time.process_time() - begun < 2
