"""What filing does to the register: all of it or nothing, and what was known before stays readable."""

from datetime import date

import pytest
from sqlalchemy import select, text

from engine.domain.errors import Refused
from engine.queries.scenario_facts import read_holding
from engine.store import cases
from engine.store.register import read_household
from engine.store.tables import register as t
from tests.usecases.acting import COUNTY, played, step_that_does, waited_for

FILE = {"decision": "file", "opinion": "同意备案。"}


def versions(session, table, owner, owner_id):
    query = select(table).where(getattr(table, owner) == owner_id).order_by(table.id)
    return list(session.scalars(query))


def act(play, element):
    step = step_that_does(play, element)
    play.act(step["who"], element, step)


def test_a_filed_contract_ends_the_one_before_and_both_can_be_read(running):
    play = played(running, until="file_contract")
    act(play, "file_contract")
    with running.sessions(COUNTY) as session:
        now = read_holding(session, COUNTY, play.code)
        old = play.before.household.contract
        assert dict(now.contracts)[old.id] == "ended"
        rows = versions(session, t.ContractVersion, "contract_id", old.id)
        on = date(2026, 10, 9)
        assert [(row.state, row.valid_to, row.superseded_at is None) for row in rows] == [
            ("in_force", None, False),  # as it was known until the filing
            ("in_force", on, True),  # as it was in force until that day
            ("ended", None, True),
        ]
        assert {row.cause_ref for row in rows[1:]} >= {play.number}
        entries = session.scalars(
            select(t.RegisterEntry).where(t.RegisterEntry.contractor_id == now.household.id)
        ).all()
        assert len(entries) == 2
        assert len(now.entries) == 1
        new = versions(session, t.RegisterEntryVersion, "register_entry_id", now.entries[0])[0]
        assert (new.term_start, new.term_end, new.term) == (date(2028, 1, 1), date(2057, 12, 31), "30年")
        contract = versions(session, t.ContractVersion, "contract_id", now.household.contract.id)[0]
        assert contract.previous_code == old.code
        assert contract.total_area == sum(parcel.contract_area for parcel in now.household.parcels)


@pytest.mark.parametrize(("said", "state"), [("collected", "destroyed"), ("lost", "void")])
def test_an_old_certificate_is_valid_no_more(running, said, state):
    play = played(running, until="hand_out_certificate")
    old = play.before.certificates
    assert old
    step = step_that_does(play, "hand_out_certificate")
    data = step["data"] | {
        "old_certificate": said,
        "certificate_serial": f"新证 {said}",
        "loss_statement": "遗失",
    }
    play.act(step["who"], "hand_out_certificate", step | {"data": data})
    with running.sessions(COUNTY) as session:
        [valid] = read_holding(session, COUNTY, play.code).certificates
        same = t.CertificateVersion.serial == old[0][0]
        rows = session.scalars(
            select(t.CertificateVersion).where(same).order_by(t.CertificateVersion.id)
        ).all()
        assert [row.state for row in rows if row.superseded_at is None and row.valid_to is None] == [state]
        assert rows[0].state == "valid"  # as it was known until then
    assert valid[0] == f"新证 {said}"
    assert waited_for(play) == []


def test_a_changeset_that_no_longer_fits_writes_nothing(running):
    """Somebody has taken a parcel from the household since the county decided."""
    play = played(running, until="file_contract")
    with running.sessions(COUNTY) as session:
        parcel = play.before.household.parcels[0].id
        session.execute(
            text("delete from operational.contracted_parcels where county = :county and parcel_id = :parcel"),
            {"county": COUNTY, "parcel": parcel},
        )
        session.commit()
        before = read_holding(session, COUNTY, play.code)
    footprint = play.footprint()
    with pytest.raises(Refused) as refused:
        play.act("handler", "file_contract", {"data": FILE})
    assert refused.value.code == "changeset"
    assert play.before.household.parcels[0].code in str(refused.value) or "不在该承包方名下" in str(
        refused.value
    )
    assert play.footprint() == footprint
    with running.sessions(COUNTY) as session:
        assert read_holding(session, COUNTY, play.code) == before
        assert waited_for(play) == ["file_contract"]


def square(parcel, grown):
    """The parcel's outline as a surveyor sends it, grown by so many metres."""
    import json

    import shapely

    outline = shapely.from_wkb(parcel.outline).buffer(grown, join_style="mitre")
    return json.loads(shapely.to_geojson(outline)), outline.area


def surveyed(running, grown):
    play = played(running, until="survey", scenario="with_survey")
    parcel = play.before.household.parcels[0]
    geometry, area = square(parcel, grown)
    step = dict(step_that_does(play, "survey"))
    row = {"code": parcel.code, "area_m2": "1.00", "geometry": geometry}
    step["data"] = step["data"] | {"parcels": [row]}
    play.act("surveyor", "survey", step)
    return play, parcel, area


def changeset(play):
    with play.stage.sessions(COUNTY) as session:
        from engine.store.tables.cases import Changeset

        return session.get_one(Changeset, (COUNTY, play.case_id))


def test_a_surveyed_outline_goes_into_the_register_with_the_area_it_has(running):
    play, parcel, area = surveyed(running, -0.5)
    assert changeset(play).findings == []
    resume = play.story.steps.index(step_that_does(play, "survey")) + 1
    for step in play.story.steps[resume:]:
        if "does" in step and step["does"] != "hand_out_certificate":
            play.act(step["who"], step["does"], step)
        elif "waits" in step:
            play.wait(step["waits"])
    with running.sessions(COUNTY) as session:
        now = read_household(session, COUNTY, play.code).parcel(parcel.code)
        rows = versions(session, t.ParcelVersion, "parcel_id", parcel.id)
        assert cases.find_case(session, COUNTY, play.number).status == "open"
    assert abs(float(now.measured_area) - area) < 0.05
    assert now.contract_area == now.measured_area
    assert now.outline != parcel.outline
    assert now.measured_area < parcel.measured_area
    assert [row.measured_area for row in rows[:2]] == [parcel.measured_area] * 2
    assert rows[-1].cause_ref == play.number


def test_an_outline_over_a_neighbour_s_land_is_found_and_stands_beside_the_decision(running):
    play, parcel, _ = surveyed(running, 30)
    findings = changeset(play).findings
    assert findings
    assert "T03" in {row["rule"] for row in findings}
    assert all(row["record"] == parcel.code for row in findings)


@pytest.mark.parametrize(
    "coordinates",
    [
        [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]],  # crosses itself
        [[[0, 0], [1, 1], [0, 0], [0, 0]]],  # no area
        [],
    ],
)
def test_corners_that_enclose_nothing_are_refused(running, coordinates):
    from engine.domain.errors import DomainError

    play = played(running, until="survey", scenario="with_survey")
    before = play.footprint()
    step = dict(step_that_does(play, "survey"))
    geometry = {"type": "Polygon", "coordinates": coordinates}
    step["data"] = step["data"] | {
        "parcels": [{"code": "$parcel_1", "area_m2": "1.00", "geometry": geometry}]
    }
    with pytest.raises(DomainError):
        play.act("surveyor", "survey", step)
    assert play.footprint() == before
