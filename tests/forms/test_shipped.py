"""Every form that ships with a case type can be loaded and drawn in both languages."""

from pathlib import Path

import pytest

import forms
from engine.domain.case_type import CaseType

SHIPPED = sorted(Path(__file__).parents[2].glob("processes/*/forms/*.yaml"))


def test_forms_are_shipped():
    assert SHIPPED


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_shipped_form_is_sound(path):
    folder = path.parents[1]
    case_type = CaseType({p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.yaml")})
    source = case_type.form_source(path.stem)  # one that extends another has its fields too
    assert forms.check(source, case_type.lists) == []
    form = forms.load(source)
    assert form.name == path.stem
    for lang in ("zh", "en"):
        assert all(view.label for view in form.view({}, {}, lang) if view.kind != "note")
    form.read({})
