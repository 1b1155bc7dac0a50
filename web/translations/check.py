"""`python -m web.translations.check`: every text marked for translation has its English in messages.po.

Exit 0 when complete, 1 with the list of what is missing. `--update` adds new texts to the .po file with an empty
English line, keeps what is there, and drops what no source says any more. Texts are Chinese msgids marked with
`_()`, `gettext`, `ngettext`, `lazy_gettext` or `N_` in web/ (Python and templates); what engine/ says (`say`,
engine/domain/said.py); the messages of the errors that it raises; and those of the rules for changes.
A fault of a field, or an error's message, that is Chinese and not marked is told too: no reader of English could be told it;
and so is whatever the shipped models draw under a Chinese name without its English one (`name_en`).
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from engine.bpmn.model import english_of
from engine.bpmn.xml import read_xml
from engine.domain.changes.findings import rules

WEB = Path(__file__).parents[1]
CATALOGUE = WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po"
ENGINE = WEB.parent / "engine"
MODELS = WEB.parent / "processes"
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
CHINESE = re.compile("[一-鿿]")
# What they say of data files that are shipped stops the program before anybody could read it on a page; workbooks are Chinese.
OF_SHIPPED_DATA = {
    Path(name)
    for name in (
        "engine/domain/calendar.py",
        "engine/domain/yearly_form.py",
        "engine/usecases/export_ledger.py",
    )
}
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


def plain() -> list[tuple[str, str]]:
    """(text, where it stands) of every fault of a field or message of an error that cannot be said in English."""
    return [
        (ast.unparse(text), f"{path.name}:{text.lineno}: not marked for translation")
        for path in sources()
        if path.suffix == ".py" and path.relative_to(WEB.parent) not in OF_SHIPPED_DATA
        for text in plain_in(ast.parse(path.read_text()))
    ]


def plain_in(module: ast.Module) -> Iterator[ast.expr]:
    """Faults are lists: `{"field": ["..."]}`, `faults["field"] = ["..."]`; messages are arguments of ERRORS."""
    names = {
        target.id
        for one in module.body
        if isinstance(one, ast.Assign) and _is_plain(one.value, set())
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(module):
        held: list[ast.expr | None] = []
        if isinstance(node, ast.Dict):
            held = [part for value in node.values for part in _parts(value)]
        elif isinstance(node, ast.DictComp) or (
            isinstance(node, ast.Assign) and any(isinstance(one, ast.Subscript) for one in node.targets)
        ):
            held = _parts(node.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
            held = [
                one for one in node.args[1:2] if not isinstance(one, ast.Constant)
            ]  # those are keys already
        yield from (text for text in held if text is not None and _is_plain(text, names))


def _parts(value: ast.expr) -> list[ast.expr | None]:
    return (
        [*value.elts]
        if isinstance(value, ast.List)
        else [value.elt]
        if isinstance(value, ast.ListComp)
        else []
    )


def _is_plain(text: ast.expr, names: set[str]) -> bool:
    if isinstance(text, ast.Name):
        return text.id in names
    if isinstance(text, ast.JoinedStr):
        return any(_is_plain(part, names) for part in text.values)
    if isinstance(text, ast.IfExp):
        return _is_plain(text.body, names) or _is_plain(text.orelse, names)
    if isinstance(text, ast.BinOp):
        return _is_plain(text.left, names)
    return isinstance(text, ast.Constant) and isinstance(text.value, str) and bool(CHINESE.search(text.value))


def unnamed() -> list[tuple[str, str]]:
    """(name, which model and element) of what the diagrams of the shipped case types show in Chinese only."""
    return [
        (name, f"{path.parent.name}: {element} has no name_en")
        for path in sorted(MODELS.glob("*/*.bpmn"))
        for name, element in unnamed_in(path.read_bytes())
    ]


def unnamed_in(model: bytes) -> Iterator[tuple[str, str]]:
    root = read_xml(model)
    drawn = {node.get("bpmnElement") for node in root.iter() if node.get("bpmnElement")}
    for node in root.iter():
        name, element = node.get("name", ""), node.get("id")
        if element in drawn and CHINESE.search(name) and not english_of(node):
            yield name, element


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
    faults = missing() + plain() + unnamed()
    for text, fault in faults:
        print(f"{fault}: {text}")
    print(f"{len(faults)} text(s) without English")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
