"""A form's marshmallow Schema as JSON Schema: inside an answer, and among OpenAPI's components."""

import warnings
from functools import lru_cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from forms import Form

COMPONENTS = "#/components/schemas/"


def components(form: Form, name: str) -> dict[str, Any]:
    """The form's component under ``name``, and those of its groups under their own."""
    plugin = MarshmallowPlugin()
    spec = APISpec("forms", "1", "3.1.0", plugins=[plugin])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # apispec notes groups that two forms have in common
        spec.components.schema(name, schema=form.schema())
    found = spec.to_dict()["components"]["schemas"]
    found[name] = found[name] | {"title": str(form.title), "additionalProperties": False}
    return found


@lru_cache(maxsize=256)
def json_schema(form: Form) -> dict[str, Any]:
    """The same, standing alone: groups lie under ``$defs``. A version's forms never change."""
    found = _local(components(form, form.name))
    own = found.pop(form.name)
    return own | ({"$defs": found} if found else {})


def _local(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: inner.replace(COMPONENTS, "#/$defs/")
            if key == "$ref" and isinstance(inner, str)
            else _local(inner)
            for key, inner in value.items()
        }
    return [_local(inner) for inner in value] if isinstance(value, list) else value
