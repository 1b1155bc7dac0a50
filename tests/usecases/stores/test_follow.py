"""Vault and query store follow the register, crash or not, and ``reconcile`` names whatever does not agree."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
import shapely.affinity
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm.attributes import flag_modified

from engine.domain import masking
from engine.domain.changes import ChangeRepresentative, Relation, RemeasureParcel
from engine.domain.clock import local_date
from engine.jobs.ticker import tick
from engine.queries import open_land
from engine.store import disputes, open_parcels, survey, survey_layers, vault
from engine.store.changes import _told, make
from engine.store.register import Cause, county_of, read_household
from engine.store.tables.register import Block, Contractor
from engine.store.tables.work import OutboxRow
from engine.usecases.carry_out_effect import drain
from engine.usecases.stores import follow, follow_query, follow_stores, follow_vault, reconcile
from tests.usecases.acting import COUNTY
from tests.usecases.stores.places import codes, resurvey


@pytest.fixture(autouse=True)
def _quiet(running):
    """Each test begins with stores that agree."""
    drain(running)
    yield
    drain(running)
    follow_stores(running, COUNTY, {}, lambda *_: None)


@pytest.fixture
def owner(running):
    engine = create_engine(running.settings.owner_database_url)
    with engine.connect() as connection:
        connection.execute(text("select set_config('app.scope', :county, false)"), {"county": COUNTY})
        yield connection
    engine.dispose()


def set_rules(running, **rules) -> None:
    with running.sessions(COUNTY) as session:
        county = county_of(session, COUNTY)
        county.settings = {**county.settings, "stores": rules}
        flag_modified(county, "settings")
        session.commit()


def kept(running, code):
    with running.vault_sessions() as session:
        return vault.of_codes(session, COUNTY, "DK", [code])[code]


def opened(running, code):
    with running.query_sessions() as session:
        return open_parcels.of_codes(session, COUNTY, [code]).get(code)


def found(running):
    """Of parcels."""
    return [(d.store, d.code, d.problem) for d in reconcile(running, COUNTY).differences if d.layer == "DK"]


def laid(running):
    return [(d.store, d.layer, d.problem) for d in reconcile(running, COUNTY).differences]


def test_after_an_import_all_three_agree(running):
    said = reconcile(running, COUNTY)
    assert said.agrees, said.differences[:5]
    assert said.stores["vault"]["hash"] == said.stores["operational"]["hash"]
    layers = said.stores["vault"]["layers"]
    assert layers == said.stores["operational"]["layers"]
    assert {layer for layer, (number, _) in layers.items() if number} == {"JZD", "JZX", "KZD"}
    numbers = {store: row["parcels"] for store, row in said.stores.items()}
    assert len(set(numbers.values())) == 1
    assert numbers["vault"] > 200
    assert said.stores["vault"]["villages"] == len(said.villages)


def test_an_import_brings_points_and_lines_as_they_came(running):
    with running.vault_sessions() as session:
        counts = vault.count(session, COUNTY)
        points = [
            code
            for v in vault.villages(session, COUNTY, "JZD")
            for code in vault.of_village(session, COUNTY, "JZD", v)
        ]
    assert counts["JZD"] > counts["DK"]
    assert counts["JZX"] > 0
    assert counts["KZD"] > 0
    assert all(code[:6] == COUNTY and "#" in code for code in points)
    assert follow.follow_stores(running, COUNTY, {}, lambda *_: None)["layers"] == 0  # nothing is new


def test_a_dispute_and_a_transfer_are_seen_by_anyone(running):
    """A dispute is no changeset: its blocks are followed all the same, and so is their end."""
    code, at = codes(running)[3], running.clock.now()
    case, today = SimpleNamespace(county=COUNTY, division=code[:14]), local_date(at)
    with running.sessions(COUNTY) as session:
        disputes.block(session, case, "农仲案1", [code], today, at, "test")
        session.commit()
    drain(running)
    assert opened(running, code).marks == ("dispute",)
    with running.sessions(COUNTY) as session:
        assert disputes.unblock(session, case, "农仲案1", today - timedelta(days=1), at) == 1
        session.commit()
    drain(running)
    assert opened(running, code).marks == ()
    with running.sessions(COUNTY) as session:  # its last day is today, on which nobody will write anything
        disputes.block(session, case, "农仲案2", [code], today, at, "test")
        assert disputes.unblock(session, case, "农仲案2", today, at) == 1
        session.commit()
    drain(running)
    assert opened(running, code).marks == ("dispute",)
    tick(running, None)  # what may have been missed before this process began
    assert tick(running, None)["days"] == 0
    running.clock.move_to(at + timedelta(days=1))
    assert tick(running, None)["days"] == 1
    drain(running)
    assert opened(running, code).marks == ()
    assert tick(running, None)["days"] == 0, "once a day"
    none = SimpleNamespace(transfers={}, encumbrances={})
    let = SimpleNamespace(transfers={"1": SimpleNamespace(parcels=(code,))}, encumbrances={})
    assert _told([], none, let) == _told([], let, none) == (set(), {code})


def test_a_filed_change_is_followed_by_the_touched_parcels_alone(running, monkeypatch):
    code = codes(running)[2]
    with running.sessions(COUNTY) as session:
        outline = shapely.from_wkb(survey.of_codes(session, COUNTY, [code])[code].master.outline)
        smaller = shapely.set_precision(shapely.affinity.scale(outline, 0.9, 0.9), 0.001)
        area = Decimal(f"{smaller.area:.2f}")
        cause = Cause("case", "20260302000001", running.clock.now().date(), running.clock.now())
        make(session, COUNTY, [RemeasureParcel(code, area, smaller.wkt, None)], cause)
        session.commit()
    with running.sessions(COUNTY) as session:
        rows = session.scalars(
            select(OutboxRow).where(OutboxRow.county == COUNTY, OutboxRow.status == "waiting")
        ).all()
        told = {row.kind: row.payload["parcels"] for row in rows if row.kind.startswith("follow_")}
    assert told == {"follow_vault": [code], "follow_query": [code]}
    assert {store for store, *_ in found(running)} == {"vault", "query"}
    asked = []
    real = follow.public_facts.of_codes
    monkeypatch.setattr(
        follow.public_facts,
        "of_codes",
        lambda s, c, parcels, day: asked.extend(parcels) or real(s, c, parcels, day),
    )
    drain(running)
    assert sorted(asked) == told["follow_query"]
    assert found(running) == []
    one = kept(running, code)
    assert (one.version, one.cause, one.cause_ref) == (2, "case", "20260302000001")
    assert shapely.from_wkb(one.master.outline).equals(smaller)
    with running.vault_sessions() as session:
        places = {
            tuple(shapely.from_wkb(point.master.outline).coords)
            for point in vault.of_village(session, COUNTY, "JZD", code[:12]).values()
            if not point.gone and code in point.master.facts["DKBM"]
        }
    corners = {(point,) for point in smaller.exterior.coords}
    assert places and corners >= places  # the case's own points, at once
    assert follow_stores(running, COUNTY, {}, lambda *_: None) == {"masters": 0, "layers": 0, "open": 0}


def test_another_head_is_told_of_all_the_households_parcels(running):
    with running.sessions(COUNTY) as session:
        every = session.scalars(
            select(Contractor.code).where(Contractor.county == COUNTY).order_by(Contractor.code)
        )
        households = (read_household(session, COUNTY, code) for code in every.all())
        house = next(
            h for h in households if h and len(h.members) > 2 and len({m.name[0] for m in h.members}) > 1
        )
        head = next(m for m in house.members if m.name[0] != house.name[0] and m.note_code is None)
        relations = tuple(
            Relation(m.id_number, "02" if m is head else "90" if m.relation in ("01", "02") else m.relation)
            for m in house.members
        )
        cause = Cause("case", "20260302000002", running.clock.now().date(), running.clock.now())
        make(session, COUNTY, [ChangeRepresentative(house.code, relations)], cause)
        session.commit()
    held = [parcel.code for parcel in house.parcels]
    assert {store for store, *_ in found(running)} == {"query"}
    drain(running)
    assert {opened(running, parcel).holder for parcel in held} == {masking.name(head.name)}
    assert found(running) == []


def test_following_again_changes_nothing(running):
    code = codes(running)[0]
    resurvey(running, code)
    assert follow_vault(running, COUNTY, [code]) == 1
    assert follow_vault(running, COUNTY, [code]) == 0
    assert follow_query(running, COUNTY, [code]) in (0, 1)
    assert follow_query(running, COUNTY, [code]) == 0
    assert kept(running, code).version == 2


def test_a_worker_that_dies_between_two_stores_is_followed_by_another(running, monkeypatch):
    set_rules(running, decimals=1)
    follow_stores(running, COUNTY, {}, lambda *_: None)
    code = codes(running)[1]
    exact = resurvey(running, code, by=0.123)

    def die(place: str) -> None:
        raise KeyboardInterrupt(place)

    monkeypatch.setattr(follow, "reach", die)
    with pytest.raises(KeyboardInterrupt, match="vault_followed"):
        follow_vault(running, COUNTY, [code])
    assert kept(running, code).master.outline == exact.outline
    monkeypatch.undo()
    follow_vault(running, COUNTY, [code])
    with running.sessions(COUNTY) as session:
        held = survey.of_codes(session, COUNTY, [code])[code].master
    corners = shapely.get_coordinates(shapely.from_wkb(held.outline))
    assert np.allclose(corners, np.round(corners, 1), rtol=0, atol=1e-6)
    assert kept(running, code).master.outline == exact.outline  # the vault has it as surveyed
    set_rules(running)


def test_rounding_leaves_no_exact_corner_in_the_register(running):
    """Else a rounded parcel could be drawn again from its points and lines."""
    set_rules(running, decimals=0)
    follow_stores(running, COUNTY, {}, lambda *_: None)
    for layer in ("JZD", "JZX"):
        with running.sessions(COUNTY) as session:
            village, held = next(survey_layers.by_village(session, COUNTY, layer))
        with running.vault_sessions() as session:
            kept_there = vault.of_village(session, COUNTY, layer, village)
        exact = {code: one.master for code, one in kept_there.items() if not one.gone}
        assert exact.keys() == held.keys()
        here, there = (
            shapely.get_coordinates([shapely.from_wkb(these[code].outline) for code in sorted(exact)])
            for these in ({code: one.master for code, one in held.items()}, exact)
        )
        assert np.allclose(here, np.round(there), rtol=0, atol=1e-6)
        assert not np.allclose(here, there, rtol=0, atol=0.01)
    assert follow_stores(running, COUNTY, {}, lambda *_: None)["layers"] == 0
    set_rules(running)


def test_rounding_keeps_neighbours_together_and_masters_exact(running):
    before = {code: kept(running, code).master for code in codes(running, 12)}
    set_rules(running, decimals=0, left_out=["ZJRXM"])
    follow_stores(running, COUNTY, {}, lambda *_: None)
    assert reconcile(running, COUNTY).agrees
    with running.sessions(COUNTY) as session:
        held = survey.of_codes(session, COUNTY, list(before))
    for code, master in before.items():
        assert kept(running, code).master == master
        assert "ZJRXM" not in held[code].master.facts
        corners = shapely.get_coordinates(shapely.from_wkb(held[code].master.outline))
        assert np.array_equal(corners, np.round(corners))
    exact = shapely.union_all([shapely.from_wkb(m.outline) for m in before.values()])
    drawn = [shapely.from_wkb(held[code].master.outline) for code in before]
    shared = sum(shapely.area(drawn)) - shapely.union_all(drawn).area
    assert shared < 0.02 * exact.area
    set_rules(running)


def test_reconcile_names_what_was_changed_in_each_store(running, owner):
    first, second, third, fourth = codes(running, 4)
    owner.execute(text("update query.parcels set area_mu = 9.9 where code = :code"), {"code": first})
    owner.execute(text("delete from query.parcels where code = :code"), {"code": second})
    owner.execute(
        text("update operational.parcel_versions v set measured_area = 7 from operational.parcels p"
             " where p.id = v.parcel_id and p.code = :code and valid_to is null and superseded_at is null"),
        {"code": third},
    )  # fmt: skip
    owner.execute(text("alter table vault.masters disable trigger append_only"))
    owner.execute(
        text("update vault.masters set geom = st_translate(geom, 1, 0) where layer = 'DK' and code = :code"),
        {"code": fourth},
    )
    shifted = (
        "update vault.masters set geom = st_translate(geom, :by, 0)"
        " where layer in ('JZD', 'JZX') and code like :code"
    )
    owner.execute(
        text(shifted),
        {"by": 1, "code": f"{fourth}#%"},
    )
    owner.execute(text("alter table vault.masters enable trigger append_only"))
    owner.execute(
        text(
            "update operational.map_features set facts = facts || '{\"KZDZT\": \"毁\"}' where layer = 'KZD'"
        ),
    )
    owner.commit()
    said = set(found(running))
    boundaries = {(store, layer, problem) for store, layer, problem in laid(running) if layer != "DK"}
    assert boundaries == {
        ("vault", "JZD", "altered"), ("vault", "JZD", "differs"), ("vault", "JZX", "altered"),
        ("vault", "JZX", "differs"), ("vault", "KZD", "differs"),
    }  # fmt: skip
    assert ("query", first, "differs") in said
    assert ("query", second, "missing") in said
    assert ("vault", third, "differs") in said
    assert {("vault", fourth, "altered"), ("vault", fourth, "differs")} <= said
    assert {code for _, code, _ in said} == {first, second, third, fourth}
    owner.execute(text("alter table vault.masters disable trigger append_only"))
    owner.execute(
        text("update vault.masters set geom = st_translate(geom, -1, 0) where layer = 'DK' and code = :code"),
        {"code": fourth},
    )
    owner.execute(
        text(shifted),
        {"by": -1, "code": f"{fourth}#%"},
    )
    owner.execute(text("alter table vault.masters enable trigger append_only"))
    owner.commit()


def test_a_store_that_is_away_stops_neither_the_case_nor_the_other_store(running, monkeypatch):
    code = codes(running)[3]
    resurvey(running, code, by=30)
    monkeypatch.setattr(type(running), "vault_sessions", lambda self: (_ for _ in ()).throw(OSError("away")))
    drain(running)
    monkeypatch.undo()
    assert [store for store, *_ in found(running)] == ["vault"]
    assert reconcile(running, COUNTY).waiting == 1


def test_what_stands_on_a_parcel_is_told_by_kind_and_only_the_kinds_that_are_open(running):
    code = codes(running)[4]
    today = running.clock.now().date()
    with running.sessions(COUNTY) as session:
        for kind in ("mortgage", "seizure"):
            session.add(
                Block(
                    county=COUNTY,
                    kind=kind,
                    on="parcel",
                    code=code,
                    ref="某字第1号",
                    starts_on=today,
                    recorded_at=running.clock.now(),
                    recorded_by="x",
                    division=code[:12],
                )
            )
        session.commit()
    follow_query(running, COUNTY, [code])
    assert opened(running, code).marks == ("mortgage",)
    with running.query_sessions() as session:
        assert open_land.parcel(session, code).marks == ("mortgage",)


def test_the_query_store_has_no_name_and_no_number_as_the_register_has_them(running, owner):
    """Enterprises keep their name: they are no persons."""
    people = text("select distinct name from operational.contractor_versions where kind <> '3'")
    names = owner.execute(people).scalars().all()
    told = str(owner.execute(text("select p::text from query.parcels p")).scalars().all())
    assert len(names) > 20
    assert not [name for name in names if len(name) > 1 and name in told]
