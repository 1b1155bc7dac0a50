"""不动产单元号 (BDCDYH): the code that the real-estate registry gives a piece of land. Pure.

28 characters (GB/T 37346): county 6, cadastral zone 3, sub-zone 3, kind of the parcel of land 2, its number 5, and 9 for
what stands on it. The kinds that land under contract may have are dated data (data/registry.yaml).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.from_yaml import read_yaml
from engine.domain.said import say

LENGTH = 28
PREFIX = "units-"
"""What a parcel's field is called on pages and in faults: ``units-<DKBM>``."""
SEPARATOR = re.compile("[；;，,、\n]")


@cache
def _rules() -> dict[str, Any]:
    shipped = read_yaml((Path(__file__).parent / "data" / "registry.yaml").read_text("utf-8"))
    return shipped["unit"]["value"]


def tidy(text: str) -> str:
    """As printed on certificates, codes are cut into groups by spaces."""
    return "".join(text.split()).upper()


def fault(unit: str, county: str) -> str | None:
    """What is wrong with a tidy code; None: nothing."""
    rules = _rules()
    if len(unit) != LENGTH or not unit.isascii():
        return say("不动产单元号应为28位")
    if unit[:6] != county:
        return say("不动产单元号前6位应为本县的代码")
    if not unit[6:12].isdigit():
        return say("不动产单元号第7至12位应为地籍区和地籍子区的数字")
    if unit[12:14] not in rules["features"]:
        return say("不动产单元号第13、14位应为承包地的特征码，例如 JD")
    if not unit[14:19].isdigit():
        return say("不动产单元号第15至19位应为宗地顺序号的数字")
    if unit[19:] != rules["without_fixtures"]:
        return say("不动产单元号后9位应为 W00000000（承包地上没有定着物）")
    return None


def read_units(said: Any, county: str, parcels: Sequence[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """(parcel -> code, faults by field) of what a receipt says of the parcels that were handed over.

    ``said``: a mapping of parcel to code, or one line of ``parcel=code`` as the registry's CSV has it. A parcel without
    a code is left out: the registry may tell it later.
    """
    found: dict[str, str] = {}
    wrong: dict[str, list[str]] = {}
    try:
        pairs = list(_pairs(said))
    except ValueError:
        return {}, {"units": [say("不动产单元号应写作 地块代码=不动产单元号，各地块之间用分号隔开")]}
    for parcel, text in pairs:
        unit = tidy(text)
        if not unit:
            continue
        trouble = say("移交的内容里没有这个地块") if parcel not in parcels else fault(unit, county)
        if trouble is None and parcel not in found and unit in found.values():
            trouble = say("两个地块不能用同一个不动产单元号")
        if trouble is None and found.get(parcel, unit) != unit:
            trouble = say("同一个地块写了两个不动产单元号")
        if trouble:
            wrong[f"{PREFIX}{parcel}"[:60]] = [trouble]
        else:
            found[parcel] = unit
    return found, wrong


def _pairs(said: Any) -> Iterator[tuple[str, str]]:
    if said in (None, ""):
        return
    if isinstance(said, Mapping):
        for parcel, unit in said.items():
            if unit is not None and not isinstance(unit, str):
                raise ValueError
            yield str(parcel), unit or ""
        return
    if not isinstance(said, str):
        raise ValueError
    for part in filter(str.strip, SEPARATOR.split(said)):
        parcel, equals, unit = part.partition("=")
        if not equals:
            raise ValueError
        yield parcel.strip(), unit
