"""Layers as shapefiles that grow part by part: a large layer is split over several files, as the hand-in has it."""

import pathlib
from typing import Protocol

import numpy as np

from engine.domain.errors import Refused
from engine.exchange import standard
from engine.exchange.package.model import Table
from engine.exchange.package.writing import write_shapefile

ROWS = 100_000  # in one file; a shapefile may have 2 GB, memory should not


class Layers(Protocol):
    """Where layers are written to."""

    def add(self, table: Table) -> None: ...

    def close(self) -> None: ...


class Shapefiles:
    """`DK<county><year>.shp`, or `…-1.shp`, `…-2.shp` where a layer has more rows than one file should."""

    def __init__(self, folder: pathlib.Path, county: str, year: str, epsg: int, rows: int = ROWS):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._stem, self._epsg, self._rows = folder, f"{county}{year}", epsg, rows
        self._waiting: dict[str, list[Table]] = {}
        self._files: dict[str, int] = {}

    def add(self, table: Table) -> None:
        waiting = self._waiting.setdefault(table.name, [])
        if waiting and sum(map(len, waiting)) + len(table) > self._rows:
            self._write(table.name, last=False)
        self._waiting[table.name].append(table)

    def close(self) -> None:
        for name in list(self._waiting):
            self._write(name, last=True)

    def _write(self, name: str, *, last: bool) -> None:
        tables = self._waiting[name]
        self._waiting[name] = []
        number = self._files[name] = self._files.get(name, 0) + 1
        part = "" if last and number == 1 else f"-{number}"
        path = self._folder / f"{name}{self._stem}{part}.shp"
        try:
            write_shapefile(path, _joined(tables), standard.layers()[name], self._epsg)
        except ValueError as error:
            raise Refused("too_long", "图层不能写成 shapefile：%(why)s", why=str(error)) from error


def _joined(tables: list[Table]) -> Table:
    first = tables[0]
    columns = {name: [value for table in tables for value in table[name]] for name in first.columns}
    shapes = np.concatenate([np.asarray(table.geometry, object) for table in tables])
    return Table(first.name, columns, sum(map(len, tables)), geometry=shapes, crs=first.crs)
