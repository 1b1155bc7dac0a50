"""The staff's cases and tasks. Each module adds its pages to the one blueprint."""

from web.inbox import (
    cases,
    drawing,
    lists,
    notices,
    papers,
    publicity,
    reassigning,
    remarks,
    several,
    starting,
    tasks,
)
from web.inbox.blueprint import blueprint

__all__ = [
    "blueprint",
    "cases",
    "drawing",
    "lists",
    "notices",
    "papers",
    "publicity",
    "reassigning",
    "remarks",
    "several",
    "starting",
    "tasks",
]
