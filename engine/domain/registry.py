"""移交不动产登记: what the registry is asked, and what its receipt (回执) may say. Pure.

Agriculture files contracts, natural resources registers the right and prints the certificate (自然资发〔2022〕157号).
Each asking is a hand-over with a key of its own; the registry answers it once, accepted or refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.from_yaml import read_yaml
from engine.domain.said import say
from engine.domain.unit_codes import read_units

MESSAGE = "registry_receipt"
"""Name of the message that a case waits for after a hand-over, and of the variable that keeps it."""
KINDS = ("first", "change", "reissue", "replace", "cancel")
WAITING, ACCEPTED, REFUSED = "waiting", "accepted", "refused"
PRINTED = ("certificate_number", "print_serial", "printed_on")
"""What a receipt says of the certificate."""
LONGEST = 200  # characters of a number; 2,000 of a reason


@dataclass(frozen=True)
class Receipt:
    """``number``: of the registry's own entry; the certificate's fields where one was printed.

    ``units``: parcel code -> 不动产单元号 (engine/domain/unit_codes.py), of those parcels that the registry told it of.
    """

    outcome: str  # accepted, refused
    on: date
    number: str | None = None
    reason: str | None = None
    certificate_number: str | None = None  # 不动产权证号 BDCQZH
    print_serial: str | None = None  # 印刷序列号, printed on the sheet itself
    printed_on: date | None = None
    units: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"units": self.units} if self.units else {}
        return told | {
            "outcome": self.outcome,
            "on": self.on.isoformat(),
            "number": self.number,
            "reason": self.reason,
            "certificate_number": self.certificate_number,
            "print_serial": self.print_serial,
            "printed_on": self.printed_on.isoformat() if self.printed_on else None,
        }


@dataclass(frozen=True)
class Asked:
    """What a hand-over was about, as far as its receipt must fit it."""

    county: str
    kind: str
    parcels: tuple[str, ...]

    @classmethod
    def of(cls, county: str, kind: str, facts: Mapping[str, Any]) -> "Asked":
        return cls(county, kind, tuple(one["DKBM"] for one in facts.get("DK") or []))


def read_receipt(said: Any, today: date, asked: Asked) -> Receipt:
    """What somebody typed, sent or imported, as a receipt. Invalid names every field that cannot be."""
    if not isinstance(said, Mapping):
        raise Invalid({"outcome": [say("回执应写明结果 outcome：accepted 或 refused")]})
    wrong: dict[str, list[str]] = {}
    outcome = said.get("outcome")
    if outcome not in (ACCEPTED, REFUSED):
        wrong["outcome"] = [say("请选择登记机构的结果")]
    on = _day(said, "on", wrong, required=True)
    printed_on = _day(said, "printed_on", wrong)
    texts = {name: _text(said, name, wrong) for name in ("number", "certificate_number", "print_serial")}
    reason = _text(said, "reason", wrong, 2000)
    if outcome == ACCEPTED and not texts["number"]:
        wrong.setdefault("number", []).append(say("请填写登记机构的登记编号"))
    if outcome == REFUSED and not reason:
        wrong.setdefault("reason", []).append(say("请填写登记机构不予登记的理由"))
    if on and on > today:
        wrong.setdefault("on", []).append(say("回执日期不能晚于今天"))
    if printed_on and printed_on > today:
        wrong.setdefault("printed_on", []).append(say("印制日期不能晚于今天"))
    units: dict[str, str] = {}
    if outcome == ACCEPTED and asked.kind != "cancel":
        units, faults = read_units(said.get("units"), asked.county, asked.parcels)
        wrong |= faults
    if wrong:
        raise Invalid(wrong)
    assert on is not None
    if outcome == REFUSED:
        return Receipt(REFUSED, on, number=texts["number"], reason=reason)
    printed = texts["certificate_number"], texts["print_serial"], printed_on
    return Receipt(ACCEPTED, on, texts["number"], reason, *printed, units)


def _text(said: Mapping[str, Any], name: str, wrong: dict[str, list[str]], most: int = LONGEST) -> str | None:
    value = said.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if (
        not isinstance(value, str)
        or len(value) > most
        or any(ord(c) < 32 and c not in "\r\n\t" for c in value)
    ):
        wrong[name] = [say("文字太长，或含有不能用的字符")]
        return None
    return value.strip()


def _day(
    said: Mapping[str, Any], name: str, wrong: dict[str, list[str]], required: bool = False
) -> date | None:
    value = said.get(name)
    if value in (None, ""):
        if required:
            wrong[name] = [say("请填写日期")]
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        wrong[name] = [say("日期应写作 2026-10-12 这样的年月日")]
        return None


@cache
def _shipped() -> dict[str, Any]:
    return read_yaml((Path(__file__).parent / "data" / "registry.yaml").read_text("utf-8"))


def code(kind: str, what: str) -> str:
    """A code of the registry's dictionaries: ``code("registration", "first")``."""
    return _shipped()["codes"][kind]["value"][what]


def code_name(kind: str, value: str) -> str:
    return _shipped()["codes"][kind]["names"].get(value, value)


def reason_of(kind: str) -> str:
    return _shipped()["reasons"]["value"][kind]


def key_of(case_number: str, attempt: int) -> str:
    """业务号 YWH of one asking: the registry must take the same key only once."""
    return f"{case_number}-{attempt:02d}"
