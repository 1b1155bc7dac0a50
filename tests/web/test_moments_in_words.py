"""Times that a model states itself, in both languages."""

import pytest

from web.moments import time_words


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("PT36H", "36小时", "36 hours"),
        ("P15D", "15天", "15 days"),
        ("P1D", "1天", "1 day"),
        ("P1Y2M10DT2H30M5S", "1年2个月10天2小时30分钟5秒", "1 year 2 months 10 days 2 hours 30 minutes 5 seconds"),
        ("P2W", "2周", "2 weeks"),
        ("R3/P7D", "每7天一次，共3次", "every 7 days, 3 times"),
        ("R/PT12H", "每12小时一次", "every 12 hours"),
        ("2027-03-01", "2027年3月1日", "1 March 2027"),
        ("2027-03-01T09:00:00+08:00", "2027年3月1日 09:00", "1 March 2027, 09:00"),
        ("2027-03-01T01:00:00Z", "2027年3月1日 09:00", "1 March 2027, 09:00"),
        ("2027-03-01T09:00", "2027-03-01 09:00", "2027-03-01 09:00"),
        ("whenever", "whenever", "whenever"),
        ("P0D", "P0D", "P0D"),
    ],
)  # fmt: skip
def test_a_time_in_words(web, text, chinese, english):
    for asked, expected in (("zh", chinese), ("en", english)):
        with web.test_request_context(f"/?lang={asked}"):
            assert time_words(text) == expected
