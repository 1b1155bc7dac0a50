"""The rules on the register: a clean county, a planted flaw, what a second run makes of what it no longer finds."""

import pytest
import shapely
from sqlalchemy import select, text

from engine.commands.trial import COUNTY
from engine.domain.changes import CorrectValue, RemeasureParcel, geometry
from engine.exchange.check_again import JUDGED
from engine.store.quality import NOBODY
from engine.store.tables.quality import QualityFinding, QualityStep
from engine.usecases.carry_out_effect import drain
from engine.usecases.check_register import check_register
from tests.store.test_changes_stored import do, fresh, nothing_about, seen

VILLAGES = 12
BEFORE: dict[str, bytes] = {}  # outlines that were spoiled


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
    BEFORE[row.code] = bytes(row.old)
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


def test_what_a_filed_case_mends_is_fixed_at_once(running, spoiled):
    """Without a run: the overlap, for both parcels, and the area. What needs the whole county waits."""
    check_register(running, COUNTY, "", "测试")
    waiting = {row.id: row for row in open_findings(running)}
    rules = {row.rule for row in waiting.values() if spoiled in (row.record, row.other)}
    assert {"T03", "T13"} <= rules
    outline = shapely.from_wkb(bytes(BEFORE[spoiled]))
    assert do(running, RemeasureParcel(spoiled, geometry.area(outline), outline.wkt, "实测"))
    while drain(running):
        pass
    left = {row.id: row for row in open_findings(running)}
    gone = [row for id_, row in waiting.items() if id_ not in left]
    assert {("T03", spoiled), ("T13", spoiled)} <= {(row.rule, row.record) for row in gone}
    assert any(row.rule == "T03" and row.other == spoiled for row in gone), "the neighbour's too"
    assert {row.rule for row in left.values()}.isdisjoint(JUDGED), left
    with running.sessions(COUNTY) as session:
        step = session.scalars(select(QualityStep).where(QualityStep.finding_id == gone[0].id)).one()
        assert (step.did, step.person_id) == ("fixed", NOBODY) and step.reason.startswith(COUNTY)


def spoil_household(running, code, change):
    with running.sessions(COUNTY) as session:
        session.execute(
            text(f"""
            update operational.contractor_versions v set {change}
            from operational.contractors c where c.county = v.county and c.id = v.contractor_id
              and c.county = :c and c.code = :code and v.valid_to is null and v.superseded_at is null"""),  # noqa: S608
            {"c": COUNTY, "code": code},
        )
        session.commit()


def test_a_household_that_a_case_corrects_is_looked_at_again(running):
    (code,) = fresh(running, 1)
    spoil_household(running, code, "member_count = member_count + 1, surveyor = null")
    check_register(running, COUNTY, code[:14], "测试")
    of_it = {row.rule for row in open_findings(running) if row.record.startswith(code)}
    assert {"R03", "A01"} <= of_it
    do(
        running,
        CorrectValue(
            "contractors",
            code,
            "phone",
            seen(running, nothing_about(code)).contractors[code].phone,
            "13912345678",
            "换号",
        ),
    )
    while drain(running):
        pass
    of_it = {row.rule for row in open_findings(running) if row.record.startswith(code)}
    assert "R03" not in of_it and "A01" in of_it, "nobody has filled in who surveyed it"
    spoil_household(running, code, "surveyor = '测绘员'")  # the next run finds nothing


def test_what_is_found_no_more_is_fixed(running):
    check_register(running, COUNTY, "", "测试")
    assert open_findings(running) == []
