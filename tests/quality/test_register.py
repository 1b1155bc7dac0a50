"""The rules on the register: a clean county, a planted flaw, what a second run makes of what it no longer finds."""

import pytest
from sqlalchemy import select, text

from engine.commands.trial import COUNTY
from engine.store.tables.quality import QualityFinding
from engine.usecases.check_register import check_register

VILLAGES = 12


def test_the_demonstration_county_is_clean(running):
    checked = check_register(running, COUNTY, "", "测试")
    assert [(f.rule, f.table, f.record, f.field, f.message) for f in checked.findings] == []


@pytest.fixture
def spoiled(running):
    """A parcel drawn over its neighbour, as an old survey might have left it; mended afterwards."""
    with running.sessions(COUNTY) as session:
        row = session.execute(
            text("""
            select a.id, p.code, st_asewkb(a.geom) as old, st_asewkb(st_buffer(a.geom, 0.5)) as new
            from operational.parcel_versions a join operational.parcels p on p.county = a.county and p.id = a.parcel_id
            where a.county = :county and a.valid_to is null and a.superseded_at is null order by p.code limit 1"""),
            {"county": COUNTY},
        ).one()
        put = text(
            "update operational.parcel_versions set geom = st_geomfromewkb(:shape) where county = :county and id = :id"
        )
        session.execute(put, {"shape": row.new, "county": COUNTY, "id": row.id})
        session.commit()
    yield row.code
    with running.sessions(COUNTY) as session:
        session.execute(put, {"shape": row.old, "county": COUNTY, "id": row.id})
        session.commit()


def open_findings(running, scope=COUNTY):
    with running.sessions(scope) as session:
        query = select(QualityFinding).where(QualityFinding.county == COUNTY, QualityFinding.state == "open")
        return list(session.scalars(query))


def test_findings_are_kept_known_again_and_fixed(running, spoiled):
    first = check_register(running, COUNTY, "", "测试")
    kept = {row.mark: row.id for row in open_findings(running)}
    assert {"T03", "T13"} <= set(first.by_rule) and len(kept) == len(first.findings)
    overlap = next(row for row in open_findings(running) if row.rule == "T03" and row.record == spoiled)
    assert overlap.division == spoiled[:14] and overlap.x and overlap.y and overlap.other
    check_register(running, COUNTY, "", "测试")
    assert {row.mark: row.id for row in open_findings(running)} == kept, "the same rows"
    other = spoiled[:9] + "999"
    check_register(running, COUNTY, other, "测试")
    assert len(open_findings(running)) == len(kept), "a run elsewhere fixes nothing here"


def test_what_is_found_no_more_is_fixed(running):
    check_register(running, COUNTY, "", "测试")
    assert open_findings(running) == []
