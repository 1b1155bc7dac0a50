"""A part of a name, by the index of its pairs of characters (migration 0022)."""

from typing import Any

from sqlalchemy import ColumnElement, and_, cast, literal, literal_column
from sqlalchemy.dialects.postgresql import TSQUERY


def contains(table: Any, column: str, word: str) -> ColumnElement[bool]:
    """Rows of the table (not of an alias of it) whose column contains the word: those with all its pairs, looked at."""
    kept: Any = literal_column(f"{table.__tablename__}.{column}_pairs")
    with_pairs = kept.op("@@", is_comparison=True)(cast(literal(sought(word)), TSQUERY))
    return and_(with_pairs, getattr(table, column).contains(word, autoescape=True))


def sought(word: str) -> str:
    """As a tsquery: one character is the beginning of a pair, or a pair of its own at the end."""
    if len(word) == 1:
        return f"{_quoted(word)}:*"
    return " & ".join(dict.fromkeys(_quoted(word[at : at + 2]) for at in range(len(word) - 1)))


def _quoted(piece: str) -> str:
    return "'" + piece.replace("\\", "\\\\").replace("'", "''") + "'"
