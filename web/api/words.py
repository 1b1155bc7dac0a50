"""What a program sends to search for, made safe as the pages' searches are."""

import unicodedata

MOST_WORDS = 100


def searched(asked: str) -> str:
    """Full-width digits made plain, control characters dropped, at most 100 characters."""
    plain = unicodedata.normalize("NFKC", asked[: 4 * MOST_WORDS])
    return "".join(c if c.isprintable() else " " for c in plain).strip()[:MOST_WORDS]
