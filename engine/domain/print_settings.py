"""How a county wants its papers printed. Pure; the dated rows lie in engine/store/print_settings.py."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.said import say

PAGE_SIZES = {"A4": "210mm 297mm", "A3": "297mm 420mm", "16K": "184mm 260mm"}  # width, height
MOST_DECIMALS = 4  # NY/T 2539 has 2; older certificates have up to 4
BOUNDS = {"mu_decimals": (0, MOST_DECIMALS), "parcels_per_page": (1, 40), "background_width": (10, 420),
          "background_height": (10, 420)}  # fmt: skip
SWITCHES = ("split_fields", "hide_basic_farmland", "boxed_contract_dates")
MOST_CLAUSES, LONGEST_CLAUSE = 20, 500  # characters


@dataclass(frozen=True)
class PrintSettings:
    """Lengths in mm. ``background`` is the SHA-256 of a picture that lies behind certificate pages, "" for none.

    ``clauses`` are the county's own beside those of the form; contracts drawn up while the settings hold state them.
    """

    mu_decimals: int = 2
    page_size: str = "A4"
    split_fields: bool = False  # dates into year, month, day; postcodes and numbers digit by digit
    hide_basic_farmland: bool = False
    parcels_per_page: int = 8  # of a certificate; more parcels go on to further pages
    background: str = ""
    background_width: int = 180
    background_height: int = 250
    boxed_contract_dates: bool = False  # the contract's dates in boxes, empty ones to be written into
    clauses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(row: dict[str, Any] | None, decimals: int = 2) -> PrintSettings:
    """Settings of an earlier release lack what came later."""
    known = {field.name for field in fields(PrintSettings)}
    kept = {"mu_decimals": decimals} | {k: v for k, v in (row or {}).items() if k in known}
    return PrintSettings(**(kept | {"clauses": tuple(kept.get("clauses", ()))}))


def checked(given: dict[str, Any], before: PrintSettings) -> PrintSettings:
    """From a form or JSON; what is not given stays. Raises Invalid by field."""
    found = before.as_json()
    faults: dict[str, list[str]] = {}
    for name, (least, most) in BOUNDS.items():
        if name in given:
            text = str(given[name]).strip()
            if not (text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most):
                faults[name] = [say("请填%(least)s到%(most)s的整数", least=least, most=most)]
            else:
                found[name] = int(text)
    if "page_size" in given:
        found["page_size"] = given["page_size"]
        if given["page_size"] not in PAGE_SIZES:
            faults["page_size"] = [say("请从列出的纸张中选")]
    for name in SWITCHES:
        if name in given:
            found[name] = given[name] in (True, "1", "yes", "on")
    if "background" in given:
        found["background"] = str(given["background"])
    if "clauses" in given:
        found["clauses"] = clauses_of(given["clauses"])
        if len(found["clauses"]) > MOST_CLAUSES:
            faults["clauses"] = [say("附加条款最多%(most)s条", most=MOST_CLAUSES)]
        elif any(len(one) > LONGEST_CLAUSE for one in found["clauses"]):
            faults["clauses"] = [say("每条附加条款不超过%(most)s字", most=LONGEST_CLAUSE)]
    if faults:
        raise Invalid(faults)
    return PrintSettings(**found)


def clauses_of(given: str | Iterable[str]) -> tuple[str, ...]:
    """A clause a line, or a list of them; each on one line, empty ones and repetitions left out."""
    lines = given.splitlines() if isinstance(given, str) else given
    return tuple(dict.fromkeys(clause for line in lines if (clause := " ".join(line.split()))))
