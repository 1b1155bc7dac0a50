"""The quality pages and their twins for programs: filter, scope, settling, settings, workbook."""

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from engine.commands.trial import COUNTY
from engine.domain.actor import Actor
from engine.queries import quality
from engine.store import reservations
from engine.store.quality import REGISTER, keep_run, settle_by_case
from engine.store.register import read_household
from engine.store.tables import register as t
from engine.store.tables.cases import Case
from engine.store.tables.quality import QualityFinding, QualitySettingsChange, QualityStep
from tests.usecases.opening import open_case
from tests.web.api_support import sign_in

VILLAGE, OTHER = "990101100201", "990101200201"


def row(number, **values):
    record = values.pop("record", f"{VILLAGE}01{number:05d}")
    base = {
        "mark": number.to_bytes(16, "big"), "rule": "T15", "severity": "warning", "table": "DK", "record": record,
        "field": None, "other": None, "message": "有细缝", "said": None, "division": record[:14], "x": 1.0, "y": 2.0,
    }  # fmt: skip
    return base | values


@pytest.fixture(scope="module")
def found(running):
    """120 warnings and a few errors in one village, one in another; a formula and an identity number among them."""
    said = {"text": "碎面：面积 %(area)s 平方米，请并入相邻地块或删去", "facts": {"area": "0.5"}}
    rows = [row(n) for n in range(1, 121)]
    rows += [
        row(200, rule="T04", severity="error", message="碎面", said=said),
        row(201, rule="S02", severity="error", message="=cmd|' /C calc'!A0", table="CBF", record=f"{VILLAGE}010001"),
        row(202, rule="A09", severity="error", table="CBF_JTCY", record=f"{VILLAGE}010001/110101199003074557",
            message="号码 110101199003074557 有误"),
        row(203, record=f"{OTHER}0100001"),
    ]  # fmt: skip
    with running.sessions(COUNTY) as session:
        now = running.clock.now()
        keep_run(session, COUNTY, REGISTER, rows, ref="", division=COUNTY, by="测试", begun_at=now, ended_at=now,
                 parcels=9, settings={})  # fmt: skip
        session.commit()
        return {
            f.mark[-1]: f.id
            for f in session.scalars(select(QualityFinding).where(QualityFinding.county == COUNTY))
        }


@pytest.fixture
def steward(client_for, found):
    return client_for("steward")


def text_of(answer, status=200):
    assert answer.status_code == status, answer.text[:500]
    return answer.text


def test_pages_of_findings_follow_each_other_without_a_row_twice(steward):
    import re

    seen, address = [], "/quality?rule=T15"
    while address:
        page = text_of(steward.get(address))
        seen += re.findall(r'/quality/findings/(\d+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) == 121


def test_the_filter_is_in_the_address_and_counts_are_by_rule(steward):
    page = text_of(steward.get("/quality?severity=error"))
    assert "共 3 条" in page and "T04" in page and ">120<" not in page
    assert "没有符合条件" in text_of(steward.get("/quality?q=没有这样的话"))
    page = text_of(steward.get(f"/quality?division={OTHER}"))
    assert f"{OTHER}0100001" in page and f"{VILLAGE}0100001" not in page
    for spoiled in (
        "after=[1,2]",
        "after=%5B%22a%22",
        "rule=X99",
        "state=;",
        "division=990101'--",
        'after=["a","b",99999999999999999999]',
        'after=["\\ud800","b",1]',
    ):
        text_of(steward.get("/quality?" + spoiled))


def test_a_village_sees_its_own(client_for, found):
    page = text_of(client_for("village1").get("/quality?state=all"))
    assert f"{VILLAGE}0100001" in page
    assert f"{OTHER}0100001" not in page
    assert client_for("village1").get(f"/quality/findings/{found[203]}").status_code == 404
    assert (
        client_for("village1")
        .post(f"/quality/findings/{found[203]}", data={"did": "fixed", "reason": "x x"})
        .status_code
        == 404
    )


def test_identity_numbers_are_masked_and_the_reader_s_language_counts(steward, found):
    page = text_of(steward.get("/quality?rule=A09"))
    assert "110101199003074557" not in page and "110***********4557" in page
    assert "Sliver of 0.5 m²" in text_of(steward.get("/quality?rule=T04&lang=en"))
    steward.get("/quality?lang=zh")


def test_the_workbook_holds_the_filtered_list_and_no_formula(steward):
    answer = steward.get("/quality/export?severity=error")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 4
    assert rows[0][0] == "规则"
    cells = [str(cell) for line in rows[1:] for cell in line]
    assert "'=cmd|' /C calc'!A0" in cells
    assert not any(cell.startswith("=") or "110101199003074557" in cell for cell in cells)


def test_settling_needs_a_reason_and_is_recorded(running, steward, found):
    where = f"/quality/findings/{found[1]}"
    page = text_of(steward.post(where, data={"did": "no_fault", "reason": " "}), 422)
    assert "请写明原因" in page and 'value="no_fault" checked' in page
    text_of(steward.post(where, data={"did": "all right", "reason": "看过"}), 422)
    assert steward.post(where, data={"did": "no_fault", "reason": "现场为田埂"}).status_code == 303
    assert "现场为田埂" in text_of(steward.get(where))
    with running.sessions(COUNTY) as session:
        assert session.get_one(QualityFinding, (COUNTY, found[1])).state == "no_fault"
        (step,) = session.scalars(select(QualityStep).where(QualityStep.finding_id == found[1]))
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            session.execute(
                text("update operational.quality_steps set reason = 'x' where county = :c"), {"c": COUNTY}
            )
    assert step.reason == "现场为田埂"


def test_no_fault_stays_and_fixed_comes_back(running, found):
    again = [row(1), row(2)]
    with running.sessions(COUNTY) as session:
        session.get_one(QualityFinding, (COUNTY, found[2])).state = "fixed"
        session.get_one(QualityFinding, (COUNTY, found[1])).state = "no_fault"
        session.flush()
        now = running.clock.now()
        keep_run(session, COUNTY, REGISTER, again, ref="", division=f"{VILLAGE}01", by="测试", begun_at=now,
                 ended_at=now, parcels=9, settings={})  # fmt: skip
        session.expire_all()
        states = {n: session.get_one(QualityFinding, (COUNTY, found[n])).state for n in (1, 2, 3, 203)}
        session.rollback()
    assert states == {1: "no_fault", 2: "open", 3: "fixed", 203: "open"}


def form(**changes):
    """The settings page as it is sent when nothing was changed."""
    from engine.exchange.findings import rules

    sent = {}
    for rule, entry in rules().items():
        if not entry.get("firm"):
            sent |= {f"on-{rule}": "1", f"severity-{rule}": entry["severity"]}
    return {
        name: value
        for name, value in (sent | {"reason": "按县里要求"} | changes).items()
        if value is not None
    }


def test_settings_are_kept_recorded_and_refused_in_words(running, steward):
    text_of(steward.get("/quality/settings"))
    bad = form(**{"tolerance-angle": "尖", "tolerance-gap_width": "99", "fields-A01": "CBF.CBFBM"})
    page = text_of(steward.post("/quality/settings", data=bad), 422)
    assert "应为数字" in page and "应在 0.005 至 2 之间" in page and "登记簿必须有它：CBF.CBFBM" in page
    assert 'value="尖"' in page, "what was typed is kept"
    good = form(
        **{
            "tolerance-angle": "4",
            "on-T15": None,
            "severity-T14": "error",
            "fields-A01": "cbf.gsshr、CBF.CBFDCY",
        }
    )
    assert steward.post("/quality/settings", data=good).status_code == 303
    with running.sessions(COUNTY) as session:
        (change,) = session.scalars(select(QualitySettingsChange))
        assert change.after == {
            "rules": {"T14": {"severity": "error"}, "T15": {"on": False}},
            "tolerances": {"angle": 4},
            "fields": {"A01": ["CBF.CBFDCY", "CBF.GSSHR"]},
        }
    assert "T15 停用" in text_of(steward.get("/quality/settings"))
    assert steward.post("/quality/settings", data=form(reason="恢复默认")).status_code == 303


def test_only_the_county_s_steward_runs_and_sets(client_for):
    for name in ("village1", "township1", "county"):
        client = client_for(name)
        assert client.get("/quality/settings").status_code == 403
        assert client.post("/quality/runs").status_code == 403
        text_of(client.get("/quality"))


def test_a_run_is_asked_for_followed_and_stopped(running, steward):
    answer = steward.post("/quality/runs")
    where = answer.headers["Location"]
    assert "等待开始" in text_of(steward.get(where))
    assert steward.post(where + "/cancel").status_code == 303
    from engine.usecases.carry_out_effect import drain

    drain(running)
    assert "已停止" in text_of(steward.get(where))
    where = steward.post("/quality/runs").headers["Location"]
    drain(running)
    assert "查到" in text_of(steward.get(where))


def test_a_case_is_started_with_what_is_wrong_named(client_for, running, found):
    from tests.web.api_support import households_of

    client = client_for("village1")
    household = households_of(running, sign_in(client.application, "village1"))[0]
    page = text_of(client.get(f"/cases/new/contract_signing?contractor={household.code}&finding={found[3]}"))
    assert "有细缝" in page and "T15" in page
    foreign = text_of(
        client.get(f"/cases/new/contract_signing?contractor={household.code}&finding={found[203]}")
    )
    assert "有细缝" not in foreign


def test_a_finding_and_the_case_that_deals_with_it_lead_to_each_other(client_for, running, web, found):
    """Row 202 is about the village's first household."""
    number, clerk, now = open_case(running), client_for("village1"), running.clock.now()
    flaw = row(202, rule="A09", severity="error", table="CBF_JTCY", record=f"{VILLAGE}010001/110101199003074557",
               message="号码 110101199003074557 有误")  # fmt: skip
    with running.sessions(COUNTY) as session:
        keep_run(session, COUNTY, REGISTER, [flaw], ref="", division=VILLAGE, by="测试", begun_at=now, ended_at=now,
                 parcels=9, settings={})  # fmt: skip
        session.commit()
    for page in (clerk.get("/quality?rule=A09"), clerk.get(f"/quality/findings/{found[202]}")):
        assert f"/cases/{number}" in page.text and "办理中" in page.text
    assert "记入登记簿后马上重新核查" in text_of(clerk.get(f"/quality/findings/{found[202]}"))
    steward = text_of(client_for("steward").get(f"/quality/findings/{found[202]}"))
    assert number in steward and f"/cases/{number}" not in steward, "whose place has no cases"
    own = text_of(clerk.get(f"/cases/{number}"))
    assert f"/quality/findings/{found[202]}" in own and f"/quality/findings/{found[203]}" not in own
    assert "110101199003074557" not in own
    assert sign_in(web, "village1").get(f"/quality/findings/{found[202]}").get_json()["case"] == number
    with running.sessions(COUNTY) as session:
        case = session.scalar(select(Case).where(Case.number == number))
        reservations.release(session, case, now)  # as when it is filed
        one = session.get_one(QualityFinding, (COUNTY, found[202]))
        settle_by_case(session, one, number, "县级经办人", now)
        session.commit()
    page = text_of(clerk.get(f"/quality/findings/{found[202]}"))
    assert f"业务 {number} 办结后重新核查" in page and "办理中" not in page and "在办件中更正" not in page
    assert "已更正" in text_of(clerk.get(f"/cases/{number}"))


@pytest.mark.parametrize(("role", "scope"), [("village_clerk", VILLAGE), ("county_officer", COUNTY)])
def test_whose_land_a_finding_is_about(running, role, scope):
    """As that office's own role; of land elsewhere the village is told nothing."""
    actor = Actor("1", "某人", role, scope, COUNTY)
    with running.sessions(COUNTY) as session:
        codes = list(session.scalars(select(t.Contractor.code).order_by(t.Contractor.code)))
        known = [
            one for one in (read_household(session, COUNTY, code) for code in codes) if one and one.parcels
        ]
    own = next(one for one in known if one.code.startswith(VILLAGE))
    other = next(one for one in known if not one.code.startswith(VILLAGE))
    with running.sessions(scope) as session:
        assert quality.household_of(session, actor, about(own.parcels[0].code)) == own.code
        told = quality.household_of(session, actor, about(other.parcels[0].code))
        assert told == (other.code if scope == COUNTY else None)


def about(parcel):
    return QualityFinding(table="DK", record=parcel, other=None)


def test_programs_do_the_same(web, found):
    steward, village = sign_in(web, "steward"), sign_in(web, "village1")
    first = steward.get("/quality/findings?limit=100&state=all").get_json()
    more = steward.get(f"/quality/findings?limit=100&state=all&cursor={first['next']}").get_json()
    assert len(first["items"]) == 100 and not {i["id"] for i in first["items"]} & {
        i["id"] for i in more["items"]
    }
    assert steward.get("/quality/counts?state=all").get_json()["counts"]["T04"] == 1
    assert village.get(f"/quality/findings/{found[203]}").status_code == 404
    settled = steward.post(
        f"/quality/findings/{found[200]}/settle", {"did": "fixed", "reason": "已并入"}, key="a"
    )
    assert settled.get_json()["state"] == "fixed"
    assert (
        steward.post(f"/quality/findings/{found[200]}/settle", {"did": "fixed", "reason": " "}).status_code
        == 422
    )
    assert "T15" in steward.get("/quality/settings").get_json()["rules"]
    bad = steward.post("/quality/settings", {"tolerances": {"angle": "x"}, "reason": "试试"})
    assert bad.status_code == 422
    assert village.get("/quality/settings").status_code == 403
    asked = steward.post("/quality/runs", {})
    assert asked.status_code == 202
    stopped = steward.ask("DELETE", asked.headers["Location"].split("/api/v1")[1])
    assert stopped.status_code == 202
