"""Every form that ships with a case type can be loaded and drawn in both languages."""

from pathlib import Path

import pytest
import yaml

import forms

SHIPPED = sorted(Path(__file__).parents[2].glob("processes/*/forms/*.yaml"))


def test_forms_are_shipped():
    assert SHIPPED


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_shipped_form_is_sound(path):
    source = yaml.safe_load(path.read_text("utf-8"))
    assert forms.check(source) == []
    form = forms.load(path)
    assert form.name == path.stem
    for lang in ("zh", "en"):
        assert all(view.label for view in form.view({}, {}, lang) if view.kind != "note")
    form.read({})
