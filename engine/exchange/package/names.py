"""What the files of a package are called: `<LAYER><county6><year4>[-n].shp` and its companions."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from engine.exchange import standard

_LAYER = re.compile(r"([A-Za-z]+)(\d{6})(\d{4})(-\d+)?")
_DATED = re.compile(r"(?:SL)?(\d{6})(\d{4})")


@dataclass(frozen=True)
class LayerName:
    """A layer file's name taken apart; county and year are None where the name breaks the pattern."""

    layer: str
    county: str | None
    year: str | None


def layer_name(stem: str) -> LayerName | None:
    """The layer a file belongs to, also when the rest of its name is wrong; None for other files."""
    match = _LAYER.fullmatch(stem)
    if match:
        layer = match[1].upper()
        return LayerName(layer, match[2], match[3]) if layer in standard.layers() else None
    letters = re.match(r"[A-Za-z]+", stem)
    layer = letters[0].upper() if letters else ""
    return LayerName(layer, None, None) if layer in standard.layers() else None


def dated_name(stem: str) -> tuple[str, str] | None:
    """County and year at the start of a database, unit sheet or metadata file's name."""
    match = _DATED.match(stem)
    return (match[1], match[2]) if match else None


def county_of(root_name: str, counties: Iterable[str | None]) -> str:
    """The county of the root folder's name, else the one most files name, else empty."""
    match = re.match(r"\d{6}", root_name)
    if match:
        return match[0]
    common = Counter(c for c in counties if c).most_common(1)
    return common[0][0] if common else ""


def year_of(years: Iterable[str | None]) -> str:
    """The year most files name."""
    common = Counter(y for y in years if y).most_common(1)
    return common[0][0] if common else ""
