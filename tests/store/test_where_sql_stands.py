"""SQL is written in store, queries and exchange; whoever decides or shows something asks them."""

import ast

import pytest

from engine.settings import ROOT

STATEMENTS = {"select", "insert", "update", "delete", "text"}
ELSEWHERE = {
    "engine/usecases/move_clock.py",  # the demonstration's clock, in a table of its own
    "web/app.py",  # asks whether the database answers
}
PLACES = ("engine/domain", "engine/bpmn", "engine/operations", "engine/projections", "engine/usecases", "web")


@pytest.mark.parametrize("place", PLACES)
def test_no_statement_is_made_outside(place):
    found = set()
    for path in (ROOT / place).rglob("*.py"):
        if "node_modules" in path.parts:
            continue
        imports = (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.ImportFrom))
        named = {one.name for n in imports if (n.module or "").startswith("sqlalchemy") for one in n.names}
        if STATEMENTS & named:
            found.add(str(path.relative_to(ROOT)))
    assert found <= ELSEWHERE
