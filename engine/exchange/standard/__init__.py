"""NY/T 2539-2016 as data: layers, ownership tables, fields and code lists.

The lengths and codes live in the YAML files beside this module, dated and with their source, because
the published text may differ in single places from the draft they were taken from.
"""

import functools
import pathlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import yaml

_HERE = pathlib.Path(__file__).parent
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times faster
_TYPE = re.compile(r"(Int|Char|Float|Date|Varbin)(\d+)?(?:\.(\d+))?")


@dataclass(frozen=True)
class Field:
    """One field of the standard: `kind` is int, char, float, date or varbin; `need` is M, O or C."""

    name: str
    title: str
    kind: str
    length: int | None
    decimals: int
    need: str
    codes: str | None
    role: str | None  # name | code | path | None


@dataclass(frozen=True)
class TableSpec:
    """One layer or ownership table. `mandatory` is True, False or the condition that makes it so."""

    name: str
    title: Mapping[str, str]
    fields: tuple[Field, ...]
    mandatory: bool | str
    key: str | None
    ysdm: tuple[str, ...] = ()
    geometry: str | None = None

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when the standard has none."""
        return {f.name: f for f in self.fields}[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Field names in the standard's order."""
        return tuple(f.name for f in self.fields)


def layers() -> Mapping[str, TableSpec]:
    """All vector layers by name (DK, JZD ...), in the standard's order."""
    return _specs("layers")


def tables() -> Mapping[str, TableSpec]:
    """All ownership tables by name (FBF, CBF ...), in the standard's order."""
    return _specs("tables")


def spec(name: str) -> TableSpec:
    """The layer or table of that name; KeyError when unknown."""
    return layers()[name] if name in layers() else tables()[name]


def fields(name: str) -> tuple[Field, ...]:
    """Fields of a layer or table, e.g. `fields("CBF")`."""
    return spec(name).fields


def codes(list_id: str, lang: str = "zh") -> Mapping[str, str]:
    """A code list as code -> label, e.g. `codes("C.7")`, `codes("GB/T 4761")`, `codes("GB/T 21010")`."""
    return _labels(list_id, "en" if lang.startswith("en") else "zh")


def label(list_id: str, code: str | None, lang: str = "zh") -> str:
    """The label of one code; the code itself when the list does not have it, "" for none."""
    return codes(list_id, lang).get(code, code) if code else ""


def list_title(list_id: str, lang: str = "zh") -> str:
    """What a code list is called."""
    return _raw_codes()[list_id]["title"][1 if lang.startswith("en") else 0]


@functools.cache
def _specs(kind: str) -> Mapping[str, TableSpec]:
    entries = _load(f"{kind}.yaml")[kind]
    return MappingProxyType({name: _spec(name, entry) for name, entry in entries.items()})


def _spec(name: str, entry: dict) -> TableSpec:
    ysdm = entry.get("ysdm", ())
    return TableSpec(
        name=name,
        title=MappingProxyType(entry["title"]),
        fields=tuple(_field(*row) for row in entry["fields"]),
        mandatory=entry["mandatory"],
        key=entry.get("key"),
        ysdm=(ysdm,) if isinstance(ysdm, str) else tuple(ysdm),
        geometry=entry.get("geometry"),
    )


def _field(name: str, title: str, type_: str, need: str, domain: str | None = None) -> Field:
    kind, length, decimals = _TYPE.fullmatch(type_).groups()  # type: ignore[union-attr]
    role = domain if domain in ("name", "code", "path") else None
    return Field(
        name, title, kind.lower(), int(length) if length else None, int(decimals or 0), need,
        None if role else domain, role or ("code" if domain else None),
    )  # fmt: skip


@functools.cache
def _labels(list_id: str, lang: str) -> Mapping[str, str]:
    column = 1 if lang == "en" else 0
    return MappingProxyType({code: pair[column] for code, pair in _raw_codes()[list_id]["codes"].items()})


@functools.cache
def _raw_codes() -> dict:
    return _load("codes.yaml")


def _load(name: str) -> dict:
    return yaml.load((_HERE / name).read_text("utf-8"), Loader=_Loader)
