"""Which questions are asked: `show_if` and `required_if` on the answers given above them."""

from collections.abc import Mapping

from forms.spec import Conditions, Field, Paper, as_key


def holds(conditions: Conditions, answers: Mapping[str, object]) -> bool:
    """Whether every condition holds. A field with several answers holds if any of them is listed."""
    return all(_given(answers.get(name)) & set(wanted) for name, wanted in conditions)


def _given(value: object) -> set[str]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return {as_key(v) for v in values if isinstance(v, (str, int, bool)) or v is None}


def shown(asked: Field, answers: Mapping[str, object]) -> bool:
    return holds(asked.show_if, answers) if asked.show_if else True


def wanted(asked: Field | Paper, answers: Mapping[str, object]) -> bool:
    """Whether an answer must be given, or a paper handed in."""
    return asked.required or bool(asked.required_if and holds(asked.required_if, answers))
