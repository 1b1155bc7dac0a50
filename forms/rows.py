"""Adding and removing rows without JavaScript: a button `_rows`: `add:members`, `remove:members:2`."""

from typing import Any

from forms.schema import most_rows
from forms.spec import Field


def changed(asked: tuple[Field, ...], data: dict[str, Any], pressed: str) -> dict[str, Any]:
    verb, _, rest = pressed.partition(":")
    name, _, number = rest.partition(":")
    field = next((f for f in asked if f.name == name and f.repeated), None)
    if field is None:
        return data
    rows = list(data.get(name) or [])
    if verb == "add" and len(rows) < most_rows(field):
        rows.append({})
    if verb == "remove" and number.isdigit() and int(number) < len(rows):
        del rows[int(number)]
    return {**data, name: rows}
