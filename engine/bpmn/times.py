"""Times as timer definitions write them: ISO 8601 durations, dates and cycles. Nothing here reads a clock."""

import re

_WRAPPED = re.compile(r"\s*[$#]\{.*\}\s*", re.DOTALL)
_DURATION = r"P(?=.)(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?(T(?=.)(\d{1,6}H)?(\d{1,6}M)?(\d{1,8}S)?)?"
_DATE = r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?"
_FORMS = {
    "duration": re.compile(_DURATION, re.ASCII),
    "date": re.compile(_DATE, re.ASCII),
    "cycle": re.compile(rf"R([1-9]\d{{0,3}})?/{_DURATION}", re.ASCII),
}


def is_expression(text: str) -> bool:
    """`${...}`: computed when the wait begins; anything else stands for itself."""
    return bool(_WRAPPED.fullmatch(text))


def is_time(kind: str, text: str) -> bool:
    """The text is a duration (`P15D`), a date (`2027-03-01`, or an instant with its zone) or a cycle (`R3/P7D`)."""
    return kind in _FORMS and bool(_FORMS[kind].fullmatch(text))
