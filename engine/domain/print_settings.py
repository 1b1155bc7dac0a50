"""How a county wants its papers printed. Pure; the dated rows lie in engine/store/print_settings.py."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.said import say

PAGE_SIZES = {"A4": "210mm 297mm", "A3": "297mm 420mm", "16K": "184mm 260mm"}  # width, height
MOST_DECIMALS = 4  # NY/T 2539 has 2; older certificates have up to 4
BOUNDS = {"mu_decimals": (0, MOST_DECIMALS), "parcels_per_page": (1, 40), "background_width": (10, 420),
          "background_height": (10, 420)}  # fmt: skip


@dataclass(frozen=True)
class PrintSettings:
    """Lengths in mm. ``background`` is the SHA-256 of a picture that lies behind certificate pages, "" for none."""

    mu_decimals: int = 2
    page_size: str = "A4"
    split_fields: bool = False  # dates into year, month, day; postcodes and numbers digit by digit
    hide_basic_farmland: bool = False
    parcels_per_page: int = 8  # of a certificate; more parcels go on to further pages
    background: str = ""
    background_width: int = 180
    background_height: int = 250

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def from_json(row: dict[str, Any] | None, decimals: int = 2) -> PrintSettings:
    """Settings of an earlier release lack what came later."""
    known = {field.name for field in fields(PrintSettings)}
    return PrintSettings(**({"mu_decimals": decimals} | {k: v for k, v in (row or {}).items() if k in known}))


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
    for name in ("split_fields", "hide_basic_farmland"):
        if name in given:
            found[name] = given[name] in (True, "1", "yes", "on")
    if "background" in given:
        found["background"] = str(given["background"])
    if faults:
        raise Invalid(faults)
    return PrintSettings(**found)
