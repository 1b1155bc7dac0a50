"""A package lies in staging as the standard has it, seen by its county alone, numbers sealed, and is dropped whole."""

import pytest
from sqlalchemy import text

from engine.exchange.check_package import read_and_check
from engine.exchange.importing import staging
from engine.store.sealed import fingerprint, unseal
from engine.store.tables.packages import PackageIntake
from tests.conftest import COUNTY, START

SRID = 4525


@pytest.fixture
def batch(running, clean):
    """The clean county, staged: (batch id, package)."""
    with running.sessions(COUNTY) as session, read_and_check(clean) as (package, result):
        assert result.ok
        intake = PackageIntake(
            county=COUNTY, name="x", source="command", status="waiting", brought_by="tests", brought_by_id="",
            brought_at=START,
        )  # fmt: skip
        session.add(intake)
        session.flush()
        staging.open_batch(session, COUNTY, intake.id)
        staging.stage(session, package, intake.id, SRID, lambda *told: None)
        yield intake.id, package
        staging.drop_batch(session, COUNTY, intake.id)
        session.commit()
        assert staging.counts(session, COUNTY, intake.id) == {}


def test_every_row_lies_staged_in_its_order(running, batch):
    number, package = batch
    own = {**package.layers, **package.tables}
    with running.sessions(COUNTY) as session:
        assert staging.counts(session, COUNTY, number) == {n: len(t) for n, t in own.items() if len(t)}
        rows = session.execute(
            text(
                "select dkbm, scmj, dkbz, st_srid(geom), st_area(geom) from staging.dk where batch = :b order by row"
            ),
            {"b": number},
        ).all()
    parcels = own["DK"]
    assert [row.dkbm for row in rows] == list(parcels["DKBM"])
    assert [float(row.scmj) for row in rows] == list(parcels["SCMJ"])
    assert {row.st_srid for row in rows} == {SRID}
    assert all(abs(float(row.scmj) - row.st_area) < 0.01 for row in rows)


def test_identity_numbers_lie_sealed(running, batch):
    number, package = batch
    with running.sessions(COUNTY) as session:
        rows = session.execute(
            text("select cyzjhm, cyzjhm_found from staging.cbf_jtcy where batch = :b order by row"),
            {"b": number},
        ).all()
    numbers = list(package.tables["CBF_JTCY"]["CYZJHM"])
    assert [unseal(bytes(row.cyzjhm)) for row in rows] == numbers
    assert [bytes(row.cyzjhm_found) for row in rows] == [fingerprint(n) for n in numbers]


@pytest.mark.parametrize("scope", ["", "990102", COUNTY + "100"])
def test_who_does_not_see_the_whole_county_sees_nothing(running, batch, scope):
    number, _ = batch
    with running.sessions(scope) as session:
        assert session.scalar(text("select count(*) from staging.dk")) == 0
        with pytest.raises(Exception, match="whole county"):
            staging.drop_batch(session, COUNTY, number)
