"""The statistics pages are for everybody: axe, 360 px, both languages."""

import pytest

from tests.e2e.looking import look
from tests.usecases.acting import COUNTY, played

LEDGERS = ("contracts", "parcels", "members", "certificates", "changes", "ending")


@pytest.fixture(scope="module")
def busy(site):
    """A case that changed the register, and one under way."""
    played(site.app, "hand_out_certificate")
    played(site.app, "township_review")


def test_figures_and_summary_tables(visit, busy):
    page = visit.staff("county")
    for path in (
        "/statistics",
        "/statistics/supervision",
        "/statistics/summaries",
        f"/statistics?division={COUNTY}100",
    ):
        look(page, path)


def test_ledgers(visit, busy):
    page = visit.staff("village1")
    for name in LEDGERS:
        look(page, f"/statistics/ledgers/{name}")
    look(page, "/statistics/ledgers/changes?since=2026-01-01&day=2030-01-01&state=case")


def test_the_yearly_form(visit, busy):
    look(visit.staff("village1"), "/statistics/yearly?year=2025")
    look(visit.staff("county"), "/statistics/yearly?year=2025")
