"""Ledgers say what the register's rows say: compared, day by day, with plain Python over all rows."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.domain import masking
from engine.domain.actor import system
from engine.domain.changes import (
    AssignParcels,
    CancelCertificate,
    ContractedArea,
    CorrectValue,
    EndHousehold,
    NewCertificate,
    ReissueCertificate,
    SignContract,
    SwapParcels,
)
from engine.queries.as_of import When
from engine.queries.ledgers import LEDGERS, Asked, ledger_page, stream
from engine.queries.statistics.overview import overview
from engine.queries.statistics.sums import View
from engine.store.changes import make, register_for
from engine.store.register import Cause
from engine.store.tables import register as t
from engine.store.tables.standard import TransferContract
from tests.store.test_changes_stored import fresh, halved
from tests.usecases.acting import COUNTY

BEFORE, SWAPPED, ENDED, AFTER = date(2026, 3, 2), date(2026, 5, 6), date(2026, 7, 8), date(2026, 12, 1)
KNOWN = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
ACTOR = system(COUNTY)
CODES = {"A": "99010120260506000001", "B": "99010120260708000002", "C": "99010120260708000003"}


def do(running, on, ref, *changes):
    at = datetime(on.year, on.month, on.day, 2, int(ref[-1]), tzinfo=UTC)
    with running.sessions(COUNTY) as session:
        make(session, COUNTY, changes, Cause("case", ref, on, at))
        session.commit()


def seen(running, day, *codes):
    with running.sessions(COUNTY) as session:
        return register_for(session, COUNTY, [EndHousehold(code, "") for code in codes], day)


@pytest.fixture(scope="module")
def story(running):
    """A swap, a split of a parcel, a lost certificate, and a cancelled one, on days of their own."""
    first, second = fresh(running, 2)
    register = seen(running, SWAPPED, first, second)
    own, other = register.contracts[first].codes[0], register.contracts[second].codes[0]
    do(running, SWAPPED, CODES["A"], SwapParcels(first, (own,), second, (other,)))
    [third] = fresh(running, 1)
    register = seen(running, ENDED, third)
    parcel = register.contracts[third].codes[0]
    do(running, ENDED, CODES["B"], halved(register, parcel, (96001, 96002)))
    lost = NewCertificate("云（2026）田溪县农村土地承包经营权证第000777号", "田溪县人民政府", ENDED)
    do(running, ENDED, CODES["C"], ReissueCertificate(first, "遗失", lost), CancelCertificate(second, "交回"))
    return {"first": first, "second": second, "third": third, "own": own, "other": other, "parcel": parcel}


def rows_of(running, name, day, known=KNOWN, actor=ACTOR, **filters):
    """As dicts by column key, through the stream that workbooks use."""
    with running.sessions(actor.scope) as session:
        asked = Asked(actor, When(day, known), **filters)
        ledger = LEDGERS[name]
        keys = [column.key for column in ledger.columns]
        found = [row for batch in stream(session, ledger, asked) for row in batch]
        page = ledger_page(session, ledger, asked, 1)
    assert found[: len(page.rows)] == page.rows
    assert page.total == len(found)
    return [dict(zip(keys, row, strict=True)) for row in found]


@pytest.fixture(scope="module")
def raw(running, story):
    """Every row of the register, by table; read once, without any of the queries under test."""
    with running.sessions(COUNTY) as session:
        return {
            table.__name__: [
                {c.key: getattr(row, c.key) for c in table.__mapper__.column_attrs}
                for row in session.scalars(select(table))
            ]
            for table in (
                t.Contractor, t.ContractorVersion, t.Member, t.Parcel, t.ParcelVersion, t.Contract,
                t.ContractVersion, t.ContractedParcel, t.Certificate, t.CertificateVersion,
            )
        }  # fmt: skip


def standing(raw, thing, owner, day):
    """id -> version that holds on the day as known now: the very words of the tables' docstring."""
    return {
        v[owner]: v
        for v in raw[f"{thing}Version"]
        if v["superseded_at"] is None
        and v["valid_from"] <= day
        and (v["valid_to"] is None or v["valid_to"] > day)
    }


def by_id(raw, thing):
    return {row["id"]: row for row in raw[thing]}


@pytest.mark.parametrize("day", [BEFORE, SWAPPED, AFTER])
def test_contracts(running, raw, day):
    ours = rows_of(running, "contracts", day)
    contracts, contractors = by_id(raw, "Contract"), by_id(raw, "Contractor")
    theirs = {
        (contracts[i]["code"], contractors[contracts[i]["contractor_id"]]["code"]): v
        for i, v in standing(raw, "Contract", "contract_id", day).items()
        if v["state"] == "in_force"
    }
    assert {(row["contract"], row["contractor"]) for row in ours} == theirs.keys()
    for row in ours:
        version = theirs[row["contract"], row["contractor"]]
        assert (row["area"], row["parcels"], row["to"]) == (
            version["total_area"], version["parcel_count"], version["term_end"],
        )  # fmt: skip


@pytest.mark.parametrize("day", [BEFORE, SWAPPED, AFTER])
def test_parcels_and_who_holds_them(running, raw, day):
    ours = {row["code"]: row for row in rows_of(running, "parcels", day)}
    parcels = by_id(raw, "Parcel")
    versions = {parcels[i]["code"]: v for i, v in standing(raw, "Parcel", "parcel_id", day).items()}
    assert ours.keys() == versions.keys()
    assert all(ours[code]["area"] == v["measured_area"] for code, v in versions.items())
    contracts, contractors = by_id(raw, "Contract"), by_id(raw, "Contractor")
    lies = defaultdict(list)
    for row in raw["ContractedParcel"]:
        lies[row["contract_version_id"]].append(row)
    held = {}
    for i, v in standing(raw, "Contract", "contract_id", day).items():
        if v["state"] == "in_force":
            for row in lies[v["restates"] or v["id"]]:
                code = contractors[contracts[i]["contractor_id"]]["code"]
                held[parcels[row["parcel_id"]]["code"]] = (code, row["contract_area"])
    assert {c: (r["contractor"], r["contract_area"]) for c, r in ours.items() if r["contractor"]} == held
    assert {row["code"] for row in rows_of(running, "parcels", day, held="yes")} == held.keys()
    assert {row["code"] for row in rows_of(running, "parcels", day, held="no")} == ours.keys() - held.keys()
    reserve = {code for code, v in versions.items() if v["category"] == "22"}
    assert {row["code"] for row in rows_of(running, "parcels", day, category="22")} == reserve


def test_the_swap_is_seen_from_its_day_on(running, story):
    for day, holder in ((date(2026, 5, 5), story["first"]), (SWAPPED, story["second"])):
        [row] = [r for r in rows_of(running, "parcels", day) if r["code"] == story["own"]]
        assert row["contractor"] == holder
    early = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)  # before it was recorded
    [row] = [r for r in rows_of(running, "parcels", AFTER, known=early) if r["code"] == story["own"]]
    assert row["contractor"] == story["first"]


@pytest.mark.parametrize("day", [BEFORE, AFTER])
def test_contractors_and_members_with_masked_numbers(running, raw, day):
    ours = {row["code"]: row for row in rows_of(running, "contractors", day)}
    contractors = by_id(raw, "Contractor")
    versions = {
        contractors[i]["code"]: v for i, v in standing(raw, "Contractor", "contractor_id", day).items()
    }
    assert ours.keys() == versions.keys()
    members = defaultdict(list)
    for row in raw["Member"]:
        members[row["contractor_version_id"]].append(row)
    for code, row in ours.items():
        assert row["id_number"] == masking.number(versions[code]["id_number"]) != versions[code]["id_number"]
        assert "*" in row["phone"] or row["phone"] == ""
        assert row["members"] == versions[code]["member_count"]
    listed = rows_of(running, "members", day)
    expected = [
        (code, m["position"], m["name"], masking.number(m["id_number"]))
        for code, v in sorted(versions.items())
        for m in sorted(members[v["restates"] or v["id"]], key=lambda m: m["position"])
    ]
    assert [(r["code"], r["position"], r["name"], r["id_number"]) for r in listed] == expected


def test_transfer_contracts_and_who_is_meant(running, raw):
    """The package's own: a swap is two of them, each household once the one that gives."""
    with running.sessions(COUNTY) as session:
        kept = list(session.scalars(select(TransferContract).order_by(TransferContract.code)))
    ours = rows_of(running, "transfers", BEFORE)
    assert kept and [row["code"] for row in ours] == [one.code for one in kept]
    contractors = by_id(raw, "Contractor")
    names = {
        contractors[i]["code"]: v["name"]
        for i, v in standing(raw, "Contractor", "contractor_id", BEFORE).items()
    }
    for row, one in zip(ours, kept, strict=True):
        assert (row["name"], row["receiver_name"]) == (names[one.contractor_code], names[one.receiver_code])
        assert (row["area"], row["price"], row["to"]) == (one.area, one.price, one.term_end)
    assert rows_of(running, "transfers", BEFORE, kind="300") == ours
    assert rows_of(running, "transfers", BEFORE, kind="200") == []
    split = [rows_of(running, "transfers", BEFORE, state=state) for state in ("runs", "over")]
    assert sorted(map(str, split[0] + split[1])) == sorted(map(str, ours))
    first = min(one.signed_on for one in kept)
    assert rows_of(running, "transfers", BEFORE, until=first - timedelta(days=1)) == []


def test_certificates_by_state(running, raw, story):
    ours = rows_of(running, "certificates", AFTER)
    assert len(ours) == len(standing(raw, "Certificate", "certificate_id", AFTER))
    states = lambda code: sorted(str(r["state"]) for r in ours if r["contractor"] == code)  # noqa: E731
    assert states(story["first"]) == ["有效", "遗失作废（已补发）"]
    assert states(story["second"]) == ["已注销"]
    [void] = rows_of(running, "certificates", AFTER, state="void")
    assert (void["reason"], void["since"], void["contractor"]) == ("遗失", ENDED, story["first"])
    assert str(void["cause"]) == f"办件 {CODES['C']}"
    kept = rows_of(running, "certificates", AFTER, state="kept")
    assert [r["contractor"] for r in kept] == [story["first"]]
    before = rows_of(running, "certificates", BEFORE)
    cancelled = [r for r in before if str(r["state"]) == "已注销"]  # by the package itself
    assert len(rows_of(running, "certificates", BEFORE, state="valid")) == len(before) - len(cancelled)
    assert len(before) == len(ours) - 1
    assert rows_of(running, "certificates", AFTER, since=date(2026, 1, 1)) == kept


def test_changes_with_cause_before_and_after(running, story):
    rows = rows_of(running, "changes", AFTER, since=date(2026, 1, 1))
    assert all(row["day"] in (SWAPPED, ENDED) for row in rows)
    assert {str(row["cause"]) for row in rows} == {f"办件 {code}" for code in CODES.values()}
    swapped = [row for row in rows if row["day"] == SWAPPED]
    assert {(str(r["what"]), str(r["did"])) for r in swapped} >= {("承包合同", "变更")}
    [first] = [r for r in swapped if r["code"].startswith(story["first"]) and str(r["what"]) == "承包合同"]
    assert "合同面积" in str(first["before"]) and "合同面积" in str(first["after"])
    assert "地块" not in str(first["before"])  # as many as before: only what differs is said
    split = {row["code"]: row for row in rows if str(row["what"]) == "地块"}
    assert str(split[story["parcel"]]["did"]) == "终止" and split[story["parcel"]]["after"] is None
    assert str(split[story["parcel"]]["cause"]) == f"办件 {CODES['B']}"
    born = [code for code, row in split.items() if str(row["did"]) == "新增"]
    assert len(born) == 2 and all(code in str(split[story["parcel"]]["kin"]) for code in born)
    assert all(str(split[code]["kin"]) == f"来自 {story['parcel']}" for code in born)
    lost = [r for r in rows if str(r["what"]) == "权证"]
    assert sorted(str(r["did"]) for r in lost) == ["变更", "变更", "新增"]


def test_changes_of_a_period_a_kind_and_of_nothing_else(running, story):
    assert rows_of(running, "changes", AFTER, since=date(2026, 8, 1)) == []
    assert rows_of(running, "changes", date(2026, 5, 5), since=date(2026, 1, 1)) == []
    only = rows_of(running, "changes", AFTER, since=date(2026, 1, 1), kind="certificate")
    assert {str(row["what"]) for row in only} == {"权证"}
    assert rows_of(running, "changes", AFTER, state="correction") == []
    imported = rows_of(running, "changes", AFTER, state="import", kind="contract")
    assert len(imported) == len(rows_of(running, "contracts", BEFORE))


def test_a_narrow_scope_sees_its_own_alone(running, story):
    village = replace(ACTOR, division=story["first"][:12])
    for name in LEDGERS:
        wide = rows_of(running, name, AFTER, division=village.division)
        assert rows_of(running, name, AFTER, actor=village) == wide
        assert (
            rows_of(running, name, AFTER, actor=village, division="99") == wide
        )  # a wider one is not granted
    elsewhere = replace(ACTOR, division="990199")
    assert all(rows_of(running, name, AFTER, actor=elsewhere) == [] for name in LEDGERS)


def test_assigned_land_counts_in_its_year_alone(running, story):
    from engine.domain.yearly_form import shipped_forms
    from engine.queries.statistics.yearly import live_values

    first, second = fresh(running, 2)
    day = date(2026, 9, 9)
    register = seen(running, day, first, second)
    contract = register.contracts[first]
    parcel = contract.codes[0]
    change = AssignParcels(first, second, (parcel,), day)
    do(running, day, "99010120260909000004", change)

    def total(year, name):
        with running.sessions(COUNTY) as session:
            live = live_values(
                session, ACTOR, shipped_forms()[0], year, COUNTY, datetime(2028, 1, 1, tzinfo=UTC)
            )
        return sum((values.get(name, Decimal(0)) for values in live.values()), Decimal(0))

    assert total(2026, "assigned_area") == contract.row(parcel).area
    assert total(2027, "assigned_area") == total(2025, "assigned_area") == 0
    swapped = seen(running, day, story["first"], story["second"])
    own = swapped.contracts[story["second"]].row(story["own"]).area
    other = swapped.contracts[story["first"]].row(story["other"]).area
    assert total(2026, "swapped_area") == own + other


def test_corrections_are_changes_too(running, story):
    [code] = fresh(running, 1)
    was = seen(running, AFTER, code).contractors[code].address
    at = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
    with running.sessions(COUNTY) as session:
        change = CorrectValue("contractors", code, "address", was, "柳沟村9号", "原登记笔误")
        make(session, COUNTY, [change], Cause("correction", "G-2026-1", date(2026, 11, 30), at))
        session.commit()
    [row] = rows_of(running, "changes", AFTER, state="correction")
    assert (str(row["before"]), str(row["after"])) == (f"地址 {was}", "地址 柳沟村9号")
    assert str(row["cause"]) == "更正 G-2026-1"


def test_the_first_page_adds_up(running, raw):
    from engine.domain.calendar import shipped_calendar

    with running.sessions(COUNTY) as session:
        found = overview(View(session, ACTOR, When(BEFORE, KNOWN), COUNTY), shipped_calendar())
    whole = found.whole
    contracts = [
        v for v in standing(raw, "Contract", "contract_id", BEFORE).values() if v["state"] == "in_force"
    ]
    assert (whole.contracts, whole.area) == (len(contracts), sum(v["total_area"] for v in contracts))
    assert whole.parcels == len(standing(raw, "Parcel", "parcel_id", BEFORE))
    for name in ("area", "contracts", "households", "parcels", "certificates", "not_begun", "filed"):
        assert sum(getattr(one, name) for one in found.below) == getattr(whole, name), name
    assert sum(n for n, _ in found.ending.values()) == whole.contracts
    assert (found.year, whole.due) == (2026, found.ending[2026][0])


def test_two_changes_of_one_instant_are_not_taken_for_one_another(running, story):
    """A clock that stands still: the contract that a case makes is ended by the next at the very same moment."""
    [code] = fresh(running, 1)
    day = date(2026, 10, 10)
    at = datetime(2026, 10, 10, 2, 0, tzinfo=UTC)
    for n in (1, 2):
        held = seen(running, day, code).contracts[code]
        parcels = tuple(ContractedArea(row.parcel, row.area) for row in held.parcels)
        change = SignContract(
            code, "110", date(2027, 1, 1), date(2056, 12, 31), parcels, previous_code=held.code, signed_on=day
        )
        with running.sessions(COUNTY) as session:
            make(session, COUNTY, [change], Cause("case", f"9901012026101000000{n}", day, at))
            session.commit()
    rows = rows_of(running, "changes", AFTER, since=day, until=day, kind="contract")
    assert sorted(str(row["did"]) for row in rows) == ["新增", "新增", "终止", "终止"]
    assert all(row["after"] or row["before"] for row in rows)
    ours = [row for row in rows_of(running, "ending", AFTER, year=2026) if row["contractor"] == code]
    assert [(str(row["status"]), row["later"]) for row in ours] == [("已备案", date(2056, 12, 31))]
    assert rows_of(running, "ending", date(2026, 10, 9), year=2026, state="filed") == []
