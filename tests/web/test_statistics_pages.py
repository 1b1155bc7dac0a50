"""The statistics pages answer, for every position that may open them, in both languages."""

import pytest

from tests.web.staff import COUNTY, Staff, staff, words  # noqa: F401  # staff is a fixture

PAGES = (
    "/statistics", "/statistics/supervision", "/statistics/summaries", "/statistics/yearly",
    *(f"/statistics/ledgers/{name}" for name in ("contracts", "parcels", "contractors", "members", "certificates",
                                                 "changes", "ending", "blocks")),
)  # fmt: skip


@pytest.mark.parametrize("account", ["village1", "township1", "county", "steward"])
def test_every_page_for_who_may(staff, account):
    client = staff(account)
    for path in PAGES:
        for lang in ("zh", "en"):
            answer = client.get(f"{path}?lang={lang}")
            assert answer.status_code == 200, (path, answer.text[:2000])
