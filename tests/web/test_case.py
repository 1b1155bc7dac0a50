"""The case page: what happened in plain words, the model it runs on, its papers; and nobody else's case."""

import hashlib
import io

import pytest
from sqlalchemy import select

from engine.jobs.ticker import fire_due
from engine.store.tables.cases import Case, Paper
from engine.store.tables.history import ReadRecord
from engine.store.versions import read_folder
from engine.usecases.carry_out_effect import drain
from tests.contract_scan import scan_for
from tests.web.staff import COUNTY, picture, staff, words  # noqa: F401  # staff is a fixture

SERIAL = "云（2026）第000001号"


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


@pytest.fixture(scope="module")
def number(village):
    return village.start(village.households()[0])


@pytest.fixture(scope="module")
def papers(number, running):
    with running.sessions(COUNTY) as session:
        case = session.scalar(select(Case).where(Case.county == COUNTY, Case.number == number))
        return {p.kind: p for p in session.scalars(select(Paper).where(Paper.case_id == case.id))}


def noted(running, action):
    with running.sessions(COUNTY) as session:
        return session.scalars(select(ReadRecord.subject).where(ReadRecord.action == action)).all()


def test_what_happened_is_told_in_plain_words(village, number, running):
    page = words(village.get(f"/cases/{number}"))
    assert "发包方代农户提出申请" in page
    assert (
        "收到材料： 承包方代表身份证 、 委托代办书" in page
        or "收到材料： 委托代办书 、 承包方代表身份证" in page
    )
    assert "出具 受理通知书" in page
    assert "转到“村级初审”，由稻香镇柳湾村 村级经办人办理" in page
    assert "剩余5个工作日" in page and "剩余60个工作日" in page
    assert "operation_done" not in page and "accept_case" not in page
    assert f"case:{number}" in noted(running, "open")


def test_before_and_after_stand_side_by_side(village, number):
    page = village.get(f"/cases/{number}").text
    assert "<del>1997年1月1日 至 2026年12月31日</del>" in page
    assert "<ins>2027年1月1日 至 2056年12月31日</ins>" in page
    assert (
        "亩" in words(village.get(f"/cases/{number}")) and 'data-epsg="45' in page and "+proj=tmerc" in page
    )


@pytest.mark.parametrize("path", ["", "/diagram.bpmn", "/tasks/4"])
def test_another_villages_case_reads_like_a_missing_one(staff, number, path):
    other = staff("village2")
    theirs, missing = other.get(f"/cases/{number}{path}"), other.get(f"/cases/99010120991231999999{path}")
    assert theirs.status_code == missing.status_code == 404
    assert words(theirs).replace(number, "N") == words(missing).replace("99010120991231999999", "N")


@pytest.mark.parametrize("odd", ["%00", "1" * 300, "'; drop table cases", "九九"])
def test_an_odd_number_is_no_case(village, odd):
    assert village.get(f"/cases/{odd}").status_code == 404
    assert village.get("/cases/99010120260302000001/tasks/99999999999999999999").status_code == 404


def test_the_diagram_is_the_cases_own_version(village, number, running):
    answer = village.get(f"/cases/{number}/diagram.bpmn")
    shipped = read_folder(running.settings.processes / "contract_signing")["process.bpmn"]
    assert answer.data == shipped and answer.mimetype == "application/xml"
    page = village.get(f"/cases/{number}").text
    assert (
        'data-current="village_check"' in page and "accept_case" in page.split('data-done="')[1].split('"')[0]
    )


def test_a_paper_opens_under_its_chinese_name_and_safely(village, papers, running):
    paper = papers["id_card"]
    answer = village.get(f"/papers/{paper.id}")
    assert answer.status_code == 200
    assert hashlib.sha256(answer.data).hexdigest() == paper.sha256
    disposition = answer.headers["Content-Disposition"]
    assert (
        disposition.startswith("attachment;")
        and "filename*=UTF-8''%E8%BA%AB%E4%BB%BD%E8%AF%81.png" in disposition
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.mimetype == "image/png"
    shown = village.get(f"/papers/{paper.id}?inline=1")
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert f"paper:{paper.id}" in noted(running, "download")


def test_a_paper_of_another_village_is_not_there(staff, papers):
    assert staff("village2").get(f"/papers/{papers['id_card'].id}").status_code == 404
    assert staff("county").get(f"/papers/{papers['id_card'].id}").status_code == 200


def test_a_paper_that_is_not_printed_yet_says_so(village, papers):
    answer = village.get(f"/papers/{papers['acceptance_notice'].id}")
    assert answer.status_code == 409 and "正在生成" in words(answer)


def test_a_filed_case_still_shows_what_it_changed(staff, village, running):
    """From the application to the certificate, as four people at their pages."""
    code = village.households()[0]
    number = village.start(code)
    village.pass_village(number)
    staff("township1").do(number, decision="pass", opinion="同意")
    staff("handler").check_for_county(number)
    staff("county").do(number, decision="approve", opinion="同意")
    page = words(village.get(f"/cases/{number}"))
    assert "等待“合同公示”期满" in page or "期满：" in page
    running.clock.move_to(running.clock.now().replace(month=4, day=20))
    assert fire_due(running) >= 1
    photo = {"papers-publicity_photo-upload": (picture("#999"), "公示.png")}
    village.do(number, places=["own", "neighbours"], outcome="none", **photo)
    signed = {"papers-signed_contract-upload": (io.BytesIO(scan_for(running, number)), "合同.pdf")}
    village.do(
        number,
        both_signed="yes",
        signed_on="2026-04-20",
        place="柳湾村村委会",
        contractor_signatory="代表",
        identity_check="id_card",
        **signed,
    )
    staff("county").do(number, decision="file", opinion="同意备案")
    page = village.get(f"/cases/{number}")
    assert "登记簿已更新，合同编码 " in words(page)
    assert "<del>1997年1月1日 至 2026年12月31日</del>" in page.text and "已于2026年4月20日" in words(page)
    drain(running)  # the hand-over is packed and laid down
    receipt = {"outcome": "accepted", "on": "2026-04-20", "number": "登记第1号", "certificate_number": SERIAL}
    assert staff("county").post(f"/registry/hand-overs/{number}-01/receipt", **receipt).status_code == 303
    village.do(
        number,
        certificate_serial=SERIAL,
        handed_on="2026-04-20",
        receiver_name="代表",
        receiver_id_number=own_number(),
        old_certificate="collected",
        **{"papers-receipt-upload": (picture("#eee"), "签收单.png")},
    )
    page = words(village.get(f"/cases/{number}"))
    assert "已办结" in page and "办件办结" in page
    household = words(village.get(f"/register/{code}"))
    assert "2027年1月1日" in household and "2056年12月31日" in household and SERIAL in household


def own_number() -> str:
    """An identity number with a right check digit (GB 11643)."""
    body = "99010119800101001"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]
