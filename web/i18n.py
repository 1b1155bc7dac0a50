"""How a person reads the pages: language (Chinese first), text size, dates in China's time.

`?lang=en` and `?elder=1` are remembered in cookies, so both switches work without JavaScript and signing in.
Chinese texts are the msgids; English comes straight from the .po file, so nothing has to be compiled.
"""

import datetime
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, request
from flask_babel import Babel, Domain, get_locale, gettext, lazy_gettext, ngettext

from engine.domain.said import in_words_of, read_again
from web.assets import asset_url

__all__ = ["N_", "elder", "gettext", "init_i18n", "lang", "lazy_gettext", "ngettext"]

LANGUAGES = ("zh", "en")
SHANGHAI = ZoneInfo("Asia/Shanghai")
YEAR = 365 * 24 * 3600
ENGLISH = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"


def N_(text: str) -> str:
    """Marks a text for translation where it is written; it is translated where it is shown."""
    return text


@lru_cache(maxsize=1)
def _english(changed: float) -> Translations:
    """The English catalogue of the .po file as it was at its last change."""
    compiled = BytesIO()
    with ENGLISH.open("rb") as source:
        write_mo(compiled, read_po(source, locale="en"))
    compiled.seek(0)
    return Translations(compiled)


class PoDomain(Domain):
    """Reads English from the .po file; Chinese needs no catalogue."""

    def get_translations(self) -> NullTranslations:
        english = request and lang() == "en" and ENGLISH.exists()
        return _english(ENGLISH.stat().st_mtime) if english else NullTranslations()


def lang() -> str:
    """`zh` or `en`, for everything that is not gettext: forms, bilingual YAML, documents."""
    return "en" if str(get_locale() or "zh").startswith("en") else "zh"


def _chosen_language() -> str:
    asked = request.args.get("lang") or request.cookies.get("lang")
    return asked if asked in LANGUAGES else "zh"


def elder() -> bool:
    """Whether the reader asked for 长辈版: larger, and less at once."""
    return (request.args.get("elder") or request.cookies.get("elder")) == "1"


def _remember(answer: Response) -> Response:
    if request.path.startswith("/api/"):
        return answer  # a program says what it wants each time
    for name, allowed in (("lang", LANGUAGES), ("elder", ("0", "1"))):
        value = request.args.get(name)
        if value in allowed:
            answer.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True
            )
    return answer


def switch_url(**choice: str) -> str:
    """This page's address with another language or text size; what was searched for stays."""
    kept = {k: v for k, v in request.args.to_dict(flat=False).items() if k not in choice}
    return f"{request.path}?{urlencode({**kept, **choice}, doseq=True)}"


def local_time(moment: datetime.datetime) -> datetime.datetime:
    return moment.astimezone(SHANGHAI)


def _day(value: datetime.date | str | None) -> str:
    """A local date in words: 2026年3月5日, 5 March 2026. Moments are first put into China's time."""
    if not value:
        return ""
    given = datetime.date.fromisoformat(value[:10]) if isinstance(value, str) else value
    given = local_time(given).date() if isinstance(given, datetime.datetime) else given
    return format_date(given, "y年M月d日" if lang() == "zh" else "d MMMM y", locale=lang())


def _moment(value: datetime.datetime | None) -> str:
    if not value:
        return ""
    pattern = "y年M月d日 HH:mm" if lang() == "zh" else "d MMMM y, HH:mm"
    return format_datetime(local_time(value), pattern, locale=lang())


def _mu(m2: Decimal | str | None, places: int = 2) -> str:
    """Square metres as 亩 (1 m2 = 0.0015 mu), rounded for showing only."""
    return "" if m2 is None else f"{Decimal(m2) * Decimal('0.0015'):.{places}f}"


def _both(value: Any) -> str:
    """A bilingual `{zh, en}` text in the reader's language; plain text as it is."""
    if isinstance(value, dict):
        return str(value.get(lang()) or value.get("zh", ""))
    return value.for_lang(lang()) if hasattr(value, "for_lang") else str(value or "")


def in_words(text: str) -> str:
    """What the engine says, in the reader's language. Plain text, and what there is no English of, as it is."""
    return in_words_of(text, gettext) if lang() == "en" else str(text)


def errors_said(answer: dict[str, Any]) -> dict[str, list[str]]:
    """What was wrong in a submission that was not taken, by field, in the reader's language."""
    return {
        name: [in_words(read_again(one)) if isinstance(one, dict) else gettext(one) for one in texts]
        for name, texts in answer.get("errors", {}).items()
    }


def faults_said(answer: dict[str, Any]) -> list[str]:
    """The same, each fault once."""
    return list(dict.fromkeys(said for texts in errors_said(answer).values() for said in texts))


FILTERS: dict[str, Callable[..., Any]] = {
    "faults_said": faults_said,
    "day": _day,
    "moment": _moment,
    "instant": lambda iso: _moment(datetime.datetime.fromisoformat(iso)) if iso else "",
    "mu": _mu,
    "both": _both,
    "in_words": in_words,
}


def init_i18n(app: Flask) -> None:
    """Babel, the two switches, and what every template may use: filters, `lang`, `elder`, `switch_url`, `asset_url`."""
    babel = Babel(default_locale="zh", default_timezone="Asia/Shanghai")
    babel.init_app(app, locale_selector=_chosen_language, default_domain="messages")
    app.extensions["babel"].instance = _with_domain(app.extensions["babel"].instance)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(switch_url=switch_url, asset_url=asset_url)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(_remember)
    app.context_processor(lambda: {"lang": lang(), "elder": elder()})


def _with_domain(babel: Babel) -> Babel:
    """Flask-Babel builds its Domain in a property; ours is put in its place."""
    domain = PoDomain()

    class WithDomain(type(babel)):  # type: ignore[misc]
        domain_instance = property(lambda self: domain)

    babel.__class__ = WithDomain
    return babel
