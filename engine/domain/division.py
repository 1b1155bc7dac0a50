"""行政区划 codes nest by prefix: 2 province, 4 city, 6 county, 9 township, 12 village, 14 group."""

from collections.abc import Iterable

AFTER = "~"  # sorts after every digit in the codes' C collation: a prefix is the range from it to it + AFTER
LEVELS = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12, "group": 14}


def level_of(code: str) -> str:
    for level, digits in LEVELS.items():
        if len(code) == digits:
            return level
    raise ValueError(f"not a division code: {code!r}")


def at_level(code: str, level: str) -> str:
    """The division of that level that holds ``code``: ("99010120300102", "township") -> "990101203"."""
    return code[: LEVELS[level]]


def above(code: str) -> str:
    """The division right above a township, village or group: ("990101203" of "990101203001")."""
    return code[: {9: 6, 12: 9, 14: 12}[len(code)]]


def of_issuing_party(code: str) -> str:
    """Division of an issuing party code (14 digits): a village's own code ends in 00, a township's in 00000."""
    if code.endswith("00000"):
        return code[:9]
    return code[:12] if code.endswith("00") else code


def around(codes: Iterable[str]) -> str:
    """The smallest division that holds all the things with these codes, each beginning with an issuing party's."""
    parties = {code[:14] for code in codes}
    if len(parties) == 1:
        return of_issuing_party(*parties)
    first, last = min(parties), max(parties)
    return next((first[:digits] for digits in (12, 9) if first[:digits] == last[:digits]), first[:6])
