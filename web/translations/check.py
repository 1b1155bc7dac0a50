"""`python -m web.translations.check`: every text marked for translation has its English in messages.po.

Exit 0 when complete, 1 with the list of what is missing. `--update` adds new texts to the .po file with an empty
English line, keeps what is there, and drops what no source says any more. Texts are Chinese msgids marked with
`_()`, `gettext`, `ngettext`, `lazy_gettext` or `N_` in web/ (Python and templates); what engine/ says (`say`,
engine/domain/said.py); the messages of the errors that it raises; and those of the rules for changes.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from engine.domain.changes.findings import rules

WEB = Path(__file__).parents[1]
CATALOGUE = WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po"
ENGINE = WEB.parent / "engine"
ERRORS = dict.fromkeys(("NotFound", "NotAllowed", "Conflict", "Refused", "Invalid", "DomainError"), (2,))
BPMN_ERRORS = dict.fromkeys(
    (
        "ExpressionRefused",
        "ExpressionFailed",
        "TaskNotOpen",
        "BadCommand",
        "StateMismatch",
        "RunFailed",
        "refuse",
    ),
    (1,),
)
KEYWORDS = {
    **ERRORS,
    **BPMN_ERRORS,
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "_l": None,
    "N_": None,
    "say": None,
}
SAID = "engine.domain.said"
NOT_SAID = {
    name: place for name, place in KEYWORDS.items() if name != "say"
}  # another `say` writes to the screen
SECOND = {"refuse": (2,)}  # of the model's builder, which names the element first
JINJA = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
HEADER = """# English of the pages; the Chinese texts are the keys. Kept by `python -m web.translations.check --update`.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def sources() -> list[Path]:
    """Python files and templates of web/ and engine/, without the front end's packages and the style guide."""
    skipped = {"node_modules", "dist", "dev", "translations"}
    files = [*WEB.rglob("*.py"), *WEB.joinpath("templates").rglob("*.html")]
    pages = [f for f in files if not skipped & set(f.relative_to(WEB).parts)]
    return sorted(pages) + sorted(ENGINE.rglob("*.py"))


def texts() -> Iterator[tuple[str | tuple[str, ...], str]]:
    """(msgid or (singular, plural), where it stands) for every marked text."""
    for path in sources():
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        for keywords in (KEYWORDS if SAID in path.read_text() else NOT_SAID, SECOND):
            for line, text, _comments, _context in extract_from_file(method, path, keywords, options=JINJA):
                yield text, f"{path.name}:{line}"
    for name, rule in rules().items():
        yield rule.message, f"changes.yaml:{name}"


def _catalogue() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def missing() -> list[tuple[str, str]]:
    """(text, what is wrong) for every text without a usable English entry."""
    catalogue, faults = _catalogue(), {}
    for text, where in texts():
        key = text if isinstance(text, str) else text[0]
        found = catalogue.get(key)
        english = _strings(found.string if found else None)
        if not english or not all(english):
            faults[key] = f"{where}: no English"
        elif found and found.fuzzy:
            faults[key] = f"{where}: fuzzy"
        elif any(set(PLACEHOLDER.findall(key)) != set(PLACEHOLDER.findall(e)) for e in english):
            faults[key] = f"{where}: placeholders differ"
    return list(faults.items())


def _strings(text: object) -> list[str]:
    """One string, or one for each plural form."""
    return (
        [text] if isinstance(text, str) else [str(t) for t in text] if isinstance(text, (list, tuple)) else []
    )


def update() -> None:
    """Writes the .po file anew, sorted by text: known English kept, new texts empty."""
    known, fresh = _catalogue(), Catalog(locale="en")
    for text, _where in texts():
        key = text if isinstance(text, str) else text[0]
        found = known.get(key)
        fresh.add(text, found.string if found else None)
    with CATALOGUE.open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, fresh, sort_output=True, width=0, omit_header=True)


def main(arguments: list[str]) -> int:
    if "--update" in arguments:
        update()
    faults = missing()
    for text, fault in faults:
        print(f"{fault}: {text}")
    print(f"{len(faults)} text(s) without English")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
