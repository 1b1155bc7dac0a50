"""The staff's cases and tasks. Each module adds its pages to the one blueprint."""

from web.inbox import (
    cases,
    correcting,
    counter,
    drawing,
    lists,
    many,
    notices,
    on_map,
    papers,
    printing,
    publicity,
    reassigning,
    remarks,
    several,
    signing,
    starting,
    tasks,
)
from web.inbox.blueprint import blueprint

__all__ = [
    "blueprint",
    "cases",
    "correcting",
    "counter",
    "drawing",
    "lists",
    "many",
    "notices",
    "on_map",
    "papers",
    "printing",
    "publicity",
    "reassigning",
    "remarks",
    "several",
    "signing",
    "starting",
    "tasks",
]
