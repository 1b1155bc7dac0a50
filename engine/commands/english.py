"""English of what the engine says, for commands: the same catalogue as the pages'."""

from collections.abc import Callable

from babel.messages.pofile import read_po

from engine.settings import ROOT

CATALOGUE = ROOT / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def english() -> Callable[[str], str]:
    """Gives the English of a Chinese sentence; what has none stays as it is."""
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="en")

    def translate(text: str) -> str:
        found = catalogue.get(text)
        return str(found.string) if found and found.string else text

    return translate
