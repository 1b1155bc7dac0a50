"""Codes of parcels and contractors: built as the standard has them, never given twice (GB/T 35958)."""

from collections.abc import Iterable

from engine.domain.changes.findings import Finding, finding, limit
from engine.domain.changes.register import Register

PARTY_DIGITS = 14


def well_formed(kind: str, code: str, party: str, contractor_kind: str = "1") -> bool:
    """Parcel: issuing party 14 + 5; contractor: 14 + 4, its range by type. Never from today's division."""
    length = limit("parcel_code_length" if kind == "parcels" else "contractor_code_length")
    if len(code) != length or not code.isdecimal() or not code.isascii() or code[:PARTY_DIGITS] != party:
        return False
    number = int(code[PARTY_DIGITS:])
    if kind == "parcels":
        return number > 0
    first, last = limit("contractor_numbers")[contractor_kind]
    return bool(first <= number <= last)


def check_new(
    register: Register,
    kind: str,
    codes: Iterable[str],
    party: str,
    replaces: Iterable[str] = (),
    contractor_kind: str = "1",
) -> list[Finding]:
    """Each new code is well formed, given once here, and free.

    A code of the past comes back only for the very same thing: when all that came of it is replaced now.
    """
    found, seen, ending = [], set(), set(replaces)
    for code in codes:
        if not well_formed(kind, code, party, contractor_kind):
            found.append(finding("code_malformed", code, party=party))
        elif code in seen:
            found.append(finding("code_twice", code))
        elif code in getattr(register, kind):
            found.append(finding("code_taken", code))
        elif code in register.retired:
            after = register.retired[code]
            if not after or not set(after) <= ending:
                found.append(finding("code_spent", code))
        seen.add(code)
    return found
