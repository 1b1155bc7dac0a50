"""Expressions and cells: by their grammar, and by changing what is already there."""

from random import Random

NAMES = ["a", "check", "rows", "big", "deep", "text", "n", "size", "items", "loopCounter", "true", "eq"]
FIELDS = ["b", "decision", "rows", "__class__", "in", "not", "count", "x" * 50]
LITERALS = [
    "0", "1", "2.50", "12345678901234567890", "9" * 40, "9" * 41, "0." + "0" * 38 + "1", "'x'", '"y"', "''", "'it\\'s'", "'\\\\'",
    "'" + "z" * 200 + "'", "'田契'", "'\u202e'", "true", "false", "null", "None", "[]", "['a', 'b']", "[1, 'a', true, null]",
]  # fmt: skip
OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%", "in", "not in", "and", "or", "eq", "ne", "lt", "ge", "div", "mod"]  # fmt: skip
FUNCTIONS = ["size", "len", "number", "abs", "round", "min", "max", "sum", "any", "all", "contains", "starts_with", "open", "eval"]  # fmt: skip
PIECES = [
    *OPERATORS, *LITERALS, *NAMES, *FUNCTIONS, "(", ")", "[", "]", ".", ",", "?", ":", "!", "not", "empty", "-", "${", "}", "#{", "'", '"', "\\",
    "**", "//", "=", ";", "{", "lambda", "__import__", "\x00", "\u2028", "\xa0", "（", "＝", "１", "é", "\ud800", "e9", "1e9", "0x1", "_", "@", "`", "\n",
]  # fmt: skip
CELLS = [
    "-", '"lease"', '"a","b"', 'not("a")', "< 5", ">= 2.5", "[1..10]", "(1..10]", "]1..10[", "true", "null", 'date("2024-01-01")',
    '[date("2024-01-01")..date("2024-12-31")]', "!= 3", "= 4", "1, 2, > 9", "not(1, 2)", "-5", "", " ", '"\\""',
]  # fmt: skip
CELL_PIECES = ['"', "..", "[", "]", "(", ")", ",", "-", "<", ">=", "not(", "null", "true", "1", "2.5", "9" * 50, "date(", '"x"', "\\", "é", "?", " ", "..", "１"]  # fmt: skip


def by_grammar(dice: Random, depth: int = 0) -> str:
    """Mostly well formed, of every construct."""
    if depth > dice.choice((1, 2, 3, 28)) or dice.random() < 0.15:
        return dice.choice((dice.choice(LITERALS), _path(dice)))

    def inner() -> str:
        return by_grammar(dice, depth + 1)

    way = dice.randrange(11)
    if way < 4:
        return f"{inner()} {dice.choice(OPERATORS)} {inner()}"
    if way < 7:
        return dice.choice(("!({})", "not {}", "-{}", "empty {}", "({})", "[{}]", "({}) == 1")).format(
            inner()
        )
    if way == 7:
        return f"{inner()} ? {inner()} : {inner()}"
    if way == 8:
        return f"[{inner()}, {inner()}]"
    if way == 9:
        return f"{dice.choice(FUNCTIONS)}({', '.join(inner() for _ in range(dice.randint(0, 3)))})"
    return f"{_path(dice)}[{inner()}]"


def _path(dice: Random) -> str:
    path = dice.choice(NAMES)
    for _ in range(dice.choice((0, 0, 1, 1, 2, 40))):
        path += dice.choice((f".{dice.choice(FIELDS)}", f"['{dice.choice(FIELDS)}']", "[0]"))
    return path


def wrapped(dice: Random, text: str) -> str:
    return dice.choice(("{}", "${{{}}}", "#{{{}}}", " ${{ {} }} ")).format(text)


def changed(dice: Random, text: str, pieces: list[str]) -> str:
    """Cut, doubled, swapped, or with foreign pieces put in."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(text))
        to = min(len(text), at + dice.choice((0, 1, 1, 3, 10)))
        way = dice.randrange(4)
        if way == 0:
            text = text[:at] + text[to:]
        elif way == 1:
            text = text[:at] + dice.choice(pieces) + text[to:]
        elif way == 2:
            text = text[:at] + text[at:to] * dice.choice((2, 3, 60)) + text[to:]
        else:
            text = text[:at] + chr(dice.choice((dice.randrange(32, 127), dice.randrange(0x3000)))) + text[to:]
    return text[:3000]


def expression(dice: Random) -> str:
    text = wrapped(dice, by_grammar(dice))
    return changed(dice, text, PIECES) if dice.random() < 0.5 else text


def cell(dice: Random) -> str:
    text = dice.choice(CELLS)
    return text if dice.random() < 0.1 else changed(dice, text, CELL_PIECES)
