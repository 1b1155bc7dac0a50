"""date: a local date, kept as YYYY-MM-DD."""

import datetime
import re

from forms.clean import narrow, plain, wrong
from forms.spec import Field
from forms.text import Text

TODAY = "today"  # the one word that `not_after` takes

_WRITTEN = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def date(value: object, asked: Field) -> str:
    """Takes 2026-3-5, 2026/03/05, 2026年3月5日 and 20260305."""
    found = _WRITTEN.fullmatch(narrow(plain(value, asked, 40)))
    if not found:
        raise wrong(asked, "date")
    year, month, day, joined_month, joined_day = found.groups()
    try:
        given = datetime.date(int(year), int(month or joined_month), int(day or joined_day))
    except ValueError:
        raise wrong(asked, "date") from None
    if given.isoformat() < (asked.min or "1900-01-01"):
        raise wrong(asked, "date_early", min=asked.min or "1900-01-01")
    if given.isoformat() > (asked.max or "9999-12-31"):
        raise wrong(asked, "date_late", max=asked.max)
    return given.isoformat()


def said(value: str) -> Text:
    """An ISO day in both languages, for a message."""
    return Text(_told(value, "zh"), _told(value, "en"))


def show(value: object, asked: Field, lang: str) -> str:
    return _told(value, lang)


def _told(value: object, lang: str) -> str:
    """2026年3月5日, 5 March 2026; what is no date stays as it is."""
    try:
        given = datetime.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    if lang.startswith("en"):
        return f"{given.day} {_MONTHS[given.month - 1]} {given.year}"
    return f"{given.year}年{given.month}月{given.day}日"


def openapi(asked: Field) -> dict[str, object]:
    return {"type": "string", "format": "date"}
