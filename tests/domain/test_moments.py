"""Times that models state themselves."""

from datetime import UTC, datetime

import pytest

from engine.domain.moments import moment

NOON = datetime(2027, 1, 31, 4, tzinfo=UTC)  # 12:00 in China


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("duration", "P15D", datetime(2027, 2, 15, 4, tzinfo=UTC)),
        ("duration", "P1M", datetime(2027, 2, 28, 4, tzinfo=UTC)),
        ("duration", "P1Y1M", datetime(2028, 2, 29, 4, tzinfo=UTC)),
        ("duration", "PT1H30M", datetime(2027, 1, 31, 5, 30, tzinfo=UTC)),
        ("duration", "P2W", datetime(2027, 2, 14, 4, tzinfo=UTC)),
        ("date", "2027-03-01", datetime(2027, 2, 28, 16, tzinfo=UTC)),
        ("date", "2027-03-01T08:00:00+08:00", datetime(2027, 3, 1, tzinfo=UTC)),
        ("cycle", "R3/P7D", datetime(2027, 2, 7, 4, tzinfo=UTC)),
    ],
)
def test_when_it_comes(kind, text, expected):
    assert moment(kind, text, NOON) == expected


@pytest.mark.parametrize("text", ["soon", "P9999Y", "P99999999D"])
def test_what_is_no_time_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"too far|not a duration"):
        moment("duration", text, NOON)
