"""Columns of a package in memory: Arrow arrays that read like lists, and geometries kept as WKB.

An average county has two million boundary points: as Python objects they take ten times the room. Rules that
look at every row work on the arrays (``Table.arrow``); what reads a row here and there indexes as before.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

BLOCK = 50_000  # rows that become Python objects or geometries at a time
_HEADS = {1: 5, 2: 9}  # WKB's plain points and lines: bytes before the first place
_LEAST = 21  # bytes of WKB with a place
_FEW = 0.2  # distinct values to rows: below it a column of text is kept as a dictionary


class Values(Sequence[Any]):
    """A column: iterates and indexes as Python values; ``arrow`` is the array itself."""

    __slots__ = ("arrow",)

    def __init__(self, arrow: pa.Array):
        self.arrow = arrow

    def __len__(self) -> int:
        return len(self.arrow)

    def __iter__(self) -> Iterator[Any]:
        if pa.types.is_dictionary(self.arrow.type):
            known = [*self.arrow.dictionary.to_pylist(), None]
            last = len(known) - 1
            for start in range(0, len(self), BLOCK):
                for index in self.arrow.indices[start : start + BLOCK].fill_null(last).to_numpy().tolist():
                    yield known[index]
            return
        for start in range(0, len(self), BLOCK):
            yield from self.arrow[start : start + BLOCK].to_pylist()

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return (
                list(Values(self.arrow[place.start : place.stop]))
                if place.step is None
                else list(self)[place]
            )
        return self.arrow[int(place)].as_py()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def values_at(column: Sequence[Any], rows: np.ndarray) -> list[Any]:
    """Of some rows, faster than one by one."""
    if isinstance(column, Values):
        return column.arrow.take(pa.array(rows)).to_pylist()
    return [column[row] for row in rows.tolist()]


def arrow_of(values: Sequence[Any]) -> pa.Array:
    """The array of any column, also of a list; what is of mixed kinds becomes text."""
    if isinstance(values, Values):
        return values.arrow
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def plain(array: pa.Array) -> pa.Array:
    """Without a dictionary."""
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def compact(blocks: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
    """One array of them all; text that repeats becomes a dictionary."""
    if not blocks:
        return pa.array([], kind)
    first = blocks[0]
    if pa.types.is_string(kind) and len(first) and len(first.unique()) < _FEW * len(first):
        # each block by itself, so that the whole column never lies there twice
        return pa.chunked_array([b.dictionary_encode() for b in blocks]).unify_dictionaries().combine_chunks()
    return first if len(blocks) == 1 else pa.chunked_array(blocks).combine_chunks()


def rows_where(array: pa.Array, wrong: Callable[[pa.Array], pa.Array]) -> list[int]:
    """Rows whose value is wrong; ``wrong`` maps values to booleans, and sees each value of a dictionary once.

    No value is never wrong.
    """
    if pa.types.is_dictionary(array.type):
        found = wrong(array.dictionary).take(array.indices)
    else:
        found = pc.and_(wrong(array), array.is_valid())
    return rows_of(found)


def rows_not_in(array: pa.Array, allowed: pa.Array) -> list[int]:
    return rows_where(array, lambda values: pc.invert(pc.is_in(values, allowed)))


def rows_unlike(array: pa.Array, pattern: str) -> list[int]:
    """Rows that do not match the regular expression."""
    return rows_where(array, lambda values: pc.invert(pc.match_substring_regex(values, pattern)))


def rows_of(found: pa.Array | pa.ChunkedArray) -> list[int]:
    """Rows that are true."""
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    return np.flatnonzero(found.fill_null(False).to_numpy(zero_copy_only=False)).tolist()


def distinct(array: pa.Array) -> pa.Array:
    """With a dictionary, for what is dear to say of a value and the same for each row that has it."""
    return array if pa.types.is_dictionary(array.type) else array.dictionary_encode()


def numbers(array: pa.Array) -> np.ndarray:
    """As floats, none as NaN."""
    return array.cast(pa.float64()).to_numpy(zero_copy_only=False)


def places(values: pa.Array, among: pa.Array) -> np.ndarray:
    """Where each value first stands among others; -1 where it does not."""
    return pc.index_in(plain(values), value_set=plain(among)).fill_null(-1).to_numpy()


def parted(array: pa.Array, by: str = "/") -> tuple[np.ndarray, pa.Array]:
    """Lists written as text taken apart: the row of each part, and the part."""
    lists = pc.split_pattern(plain(array), by)
    return pc.list_parent_indices(lists).to_numpy(), lists.flatten()


def repeated(array: pa.Array) -> list[tuple[Any, int]]:
    """Values that come more than once, and how often."""
    found = plain(array).drop_null().value_counts()
    found = found.filter(pc.greater(found.field("counts"), 1))
    return [(entry["values"], entry["counts"]) for entry in found.to_pylist()]


class Geometries(Sequence[Any]):
    """Geometries as WKB, made when they are asked for: one by number, many by slice or array of numbers.

    What is empty or not even a geometry (an open ring, say) is None.
    """

    __slots__ = ("wkb",)

    def __init__(self, wkb: pa.Array):
        self.wkb = wkb

    def __len__(self) -> int:
        return len(self.wkb)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return _made(self.wkb[slice(*place.indices(len(self)))])
        if isinstance(place, int | np.integer):
            return _made(
                self.wkb[int(place) : int(place) + 1]
                if place >= 0
                else self.wkb[len(self) + int(place) :][:1]
            )[0]
        chosen = np.asarray(place)
        return _made(self.wkb.take(pa.array(np.flatnonzero(chosen) if chosen.dtype == bool else chosen)))

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), BLOCK):
            yield from self[start : start + BLOCK]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return _made(self.wkb)


def _made(wkb: pa.Array) -> np.ndarray:
    found = np.atleast_1d(shapely.from_wkb(np.array(wkb.to_pylist(), object), on_invalid="ignore"))
    if shapely.has_z(found).any():
        found = shapely.force_2d(found)
    found[shapely.is_empty(found)] = None
    return found


def taken(geometry: Geometries | np.ndarray, rows: np.ndarray) -> Geometries:
    """Some rows, still as WKB."""
    if isinstance(geometry, Geometries):
        return Geometries(geometry.wkb.take(pa.array(rows)))
    return geometries(shapely.to_wkb(geometry[rows]).tolist())


def line_ends(geometry: Geometries | np.ndarray, rows: np.ndarray) -> np.ndarray:
    """First and last place of points and lines, shape (rows, 2), complex; nan where there is none.

    Read off the WKB without making geometries, where it is the usual kind.
    """
    wkb = taken(geometry, rows).wkb
    offsets = np.frombuffer(wkb.buffers()[1], np.int32)[wkb.offset :][: len(wkb) + 1].astype(np.int64)
    data = np.frombuffer(wkb.buffers()[2] or b"", np.uint8)
    ends = np.full((len(wkb), 2), np.nan + 0j)
    usual = np.diff(offsets) >= _LEAST
    kind = np.zeros(len(wkb), np.int64)
    kind[usual] = (
        _read(data, offsets[:-1][usual], "<u1")[:, 0] * _read(data, offsets[:-1][usual] + 1, "<u4")[:, 0]
    )
    for number, head in _HEADS.items():
        of = np.flatnonzero(kind == number)
        for column, start in enumerate((offsets[of] + head, offsets[of + 1] - 16)):
            ends[of, column] = _read(data, start, "<f8", 2) @ (1, 1j)
    rest = np.flatnonzero(~np.isin(kind, tuple(_HEADS)))
    shapes = _made(wkb.take(pa.array(rest)))
    for column, place in enumerate((0, -1)):
        at = np.where(shapely.get_type_id(shapes) == 0, shapes, shapely.get_point(shapes, place))
        ends[rest, column] = shapely.get_x(at) + 1j * shapely.get_y(at)
    return ends


def _read(data: np.ndarray, starts: np.ndarray, kind: str, count: int = 1) -> np.ndarray:
    """So many numbers from each place of the bytes."""
    width = np.dtype(kind).itemsize * count
    return data[starts[:, None] + np.arange(width)].view(kind)


def geometries(wkb: Iterable[bytes | None]) -> Geometries:
    return Geometries(pa.array(wkb, pa.binary()))


def blocks(geometry: Geometries | np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """First row and geometries of so many rows at a time."""
    for start in range(0, len(geometry), BLOCK):
        yield start, np.asarray(geometry[start : start + BLOCK])


def joined(pieces: Sequence[Geometries]) -> Geometries:
    return Geometries(pa.chunked_array([piece.wkb for piece in pieces]).combine_chunks())


def blank(array: pa.Array) -> pa.Array:
    """True where text is missing or nothing but blanks."""
    text = plain(array)
    return pc.or_(pc.equal(text, ""), pc.utf8_is_space(text)).fill_null(True)


def is_value(array: pa.Array, value: str) -> pa.Array:
    """True where it is that text; never null."""
    return pc.equal(plain(array), value).fill_null(False)
