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
    found = shapely.from_wkb(np.array(wkb.to_pylist(), object), on_invalid="ignore")
    found = shapely.force_2d(np.atleast_1d(found))
    found[shapely.is_empty(found)] = None
    return found


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
