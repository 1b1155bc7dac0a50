"""Papers that belong to no case type: the archive's list, the list of destroyed certificates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.documents.render import render_document


def render_sheet(name: str, context: Mapping[str, Any]) -> bytes:
    """``archive`` or ``destruction`` as PDF; what each must be told stands in its template."""
    template = (Path(__file__).parent / f"{name}.html").read_text("utf-8")
    return render_document(template, context, verify_url=None)
