"""One Schema for page, API and OpenAPI."""

import warnings

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from hypothesis import given, settings
from hypothesis import strategies as st

import forms
from tests.forms.conftest import EVERY_KIND, LISTS

FORM = forms.load(EVERY_KIND, LISTS)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def test_openapi_describes_every_question():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        spec = APISpec("t", "1", "3.1.0", plugins=[MarshmallowPlugin()])
        spec.components.schema("EveryKind", schema=FORM.schema())
    schemas = spec.to_dict()["components"]["schemas"]
    described = schemas["EveryKind"]["properties"]
    assert set(described) == {f.name for f in FORM.fields if f.asks}
    assert described["decision"]["enum"] == ["pass", "reject"]
    assert described["signed_on"] | {"title": ""} == {"title": "", "type": "string", "format": "date"}
    assert schemas["EveryKind"]["required"] == ["decision"]
    assert schemas["EveryKindFormMembers"]["required"] == ["name", "relation"]
    assert described["title"]["title"] == "标题 / Title"


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([f.name for f in FORM.fields] + ["other"]), ANYTHING, max_size=8))
def test_no_input_makes_reading_fail(answers):
    data, errors = FORM.read(answers)
    FORM.view(data, errors)
    if not errors:
        assert FORM.read(data) == (data, {})
        FORM.summary(data)
