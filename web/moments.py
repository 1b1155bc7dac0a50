"""Times that a model states itself, as people say them: PT36H is 36小时, R3/P7D is 每7天一次，共3次."""

import re
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from web.i18n import FILTERS, lang

_PARTS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_CYCLE = re.compile(r"R(\d*)/(.+)")


def time_words(text: str) -> str:
    """A duration, date or cycle of engine/bpmn/times.py in the reader's language; anything else as it is."""
    cycle = _CYCLE.fullmatch(text)
    if cycle:
        every = _("每%(length)s一次", length=_length(cycle[2]))
        times = int(cycle[1] or 0)
        return every if not times else every + ngettext("，共%(num)s次", "，共%(num)s次", times)
    return _length(text) if text.startswith("P") else _instant(text)


def _length(text: str) -> str:
    found = _PARTS.fullmatch(text)
    if found is None:
        return text
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    said = [
        ngettext("%(num)s年", "%(num)s年", years) if years else "",
        ngettext("%(num)s个月", "%(num)s个月", months) if months else "",
        ngettext("%(num)s周", "%(num)s周", weeks) if weeks else "",
        ngettext("%(num)s天", "%(num)s天", days) if days else "",
        ngettext("%(num)s小时", "%(num)s小时", hours) if hours else "",
        ngettext("%(num)s分钟", "%(num)s分钟", minutes) if minutes else "",
        ngettext("%(num)s秒", "%(num)s秒", seconds) if seconds else "",
    ]
    return (" " if lang() == "en" else "").join(filter(None, said)) or text


def _instant(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    if found.tzinfo is None:  # a date alone, or an hour without a zone: as it is written
        return FILTERS["day"](text) if "T" not in text else text.replace("T", " ")
    return FILTERS["moment"](found)
