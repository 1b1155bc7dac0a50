"""The archive of an ended case, and old certificates destroyed by a list: pages, programs, papers, package."""

import hashlib
import io
import json
import zipfile

import pytest
from api_support import is_problem, sign_in, work
from pypdf import PdfReader
from sqlalchemy import select

from engine.domain.chain import GENESIS
from engine.domain.events import PAPER_ISSUED
from engine.store.history import read
from engine.store.signing import exchange_key
from engine.store.tables.registry import CollectedCertificate
from tests.usecases.acting import COUNTY, played, step_that_does, waited_for
from tests.web.staff import words

FILE = {"retention": "permanent", "checked_by": "罗成", "remark": "原合同另存乡镇档案室。"}


@pytest.fixture(scope="module")
def ended(running):
    """Two contracts signed to the end, printed; the old certificates were taken back."""
    plays = []
    for _ in range(2):
        play = played(running, until="hand_out_certificate")
        step = step_that_does(play, "hand_out_certificate")
        serial = f"新证第{len(plays)}号"
        data = step["data"] | {"old_certificate": "collected", "certificate_serial": serial}
        play.act(step["who"], "hand_out_certificate", step | {"data": data})
        assert waited_for(play) == []
        plays.append(play)
    work(running)
    return plays


@pytest.fixture
def county(client_for):
    return client_for("county")


def text_of(pdf: bytes) -> str:
    return (
        "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
        .replace("\n", "")
        .replace(" ", "")
    )


def test_the_list_has_every_paper_in_order_with_pages_that_run_through(ended, county, running):
    number = ended[0].number
    listed = sign_in(running_web(county), "county").get(f"/cases/{number}/archive").json
    with running.sessions(COUNTY) as session:
        issued = [
            p["number"] for link, p in read(session, COUNTY, ended[0].case_id) if link.kind == PAPER_ISSUED
        ]
    assert [one["number"] for one in listed["entries"] if one["number"]] == issued
    assert [one["order"] for one in listed["entries"]] == list(range(1, len(listed["entries"]) + 1))
    page = 1
    for one in listed["entries"]:
        if one["pages"]:
            last = page + one["pages"] - 1
            assert one["span"] == (str(page) if one["pages"] == 1 else f"{page}-{last}")
            page = last + 1
    assert listed["pages"] == page - 1 > 10
    assert listed["intact"]
    page = words(county.get(f"/cases/{number}/archive"))
    assert "待立卷" in page
    assert all(one in page for one in issued)
    assert f"/cases/{number}/archive" in county.get(f"/cases/{number}").text


def running_web(client):
    return client.application


def test_it_is_put_in_order_once_by_two_people(ended, county):
    address = f"/cases/{ended[0].number}/archive"
    alone = county.post(address, data=FILE | {"checked_by": "县审批 何静"})
    assert alone.status_code == 422
    assert "检查人不能是立卷人本人" in words(alone)
    assert "原合同另存乡镇档案室。" in alone.text
    assert county.post(address, data=FILE).status_code == 303
    told = words(county.get(address))
    assert "已立卷" in told and f"{COUNTY}-TDCB-" in told and "罗成" in told
    assert county.post(address, data=FILE).status_code == 409


def test_the_sheets_say_what_the_page_says(ended, county):
    text = text_of(county.get(f"/cases/{ended[0].number}/archive.pdf").data)
    for expected in (
        "卷内目录",
        "卷内备考表",
        "合同备案通知书",
        "领证签收单",
        "罗成",
        "原合同另存乡镇档案室",
    ):
        assert expected in text


def test_the_package_proves_source_procedure_and_elements(ended, county, running):
    answer = county.get(f"/cases/{ended[0].number}/archive.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    said = archive.read("manifest.json")
    exchange_key(running.settings.var, "archive").public_key().verify(archive.read("signature"), said)
    manifest = json.loads(said)
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    assert set(manifest["sha256"]) | {"manifest.json", "signature"} == set(archive.namelist())
    assert manifest["source"]["county"] == COUNTY
    assert manifest["procedure"]["outcome"] == "end_completed"
    assert all(one["sha256"] == manifest["sha256"][one["file"]] for one in manifest["elements"])
    events = [json.loads(line) for line in archive.read("procedure/events.jsonl").splitlines()]
    assert len(events) == manifest["procedure"]["events"]
    assert events[-1]["hash"] == manifest["procedure"]["chain_head"]
    first = events[0]
    payload = hashlib.sha256(bytes.fromhex(first["salt"]) + first["body"].encode()).hexdigest()
    assert payload == first["payload_hash"]
    assert GENESIS.hex() != first["hash"]


WITNESSES = {"witness_1": "甲某", "office_1": "县档案馆", "witness_2": "乙某", "office_2": "县司法局"}
DESTROYED = {"destroyed_on": "2026-10-09", "place": "县造纸厂", "way": "化浆"} | WITNESSES


def ids(running):
    with running.sessions(COUNTY) as session:
        rows = session.scalars(select(CollectedCertificate).order_by(CollectedCertificate.contractor_code))
        return [str(row.id) for row in rows]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"witness_2": "甲某"}, "两名监销人不能是同一人"),
        ({"witness_1": "县审批 何静"}, "两名监销人不能是同一人"),
        ({"office_2": ""}, "请填写两名监销人的姓名和单位"),
        ({"destroyed_on": "2026-10-08"}, "销毁日期不能早于收回日期"),
        ({"place": ""}, "请填写，不超过100字"),
        ({"certificates": []}, "请选择要销毁的权证"),
    ],
)
def test_a_list_that_would_not_stand_comes_back_with_what_was_typed(ended, county, running, changes, said):
    data = DESTROYED | {"certificates": ids(running)} | changes
    answer = county.post("/registry/destructions", data=data)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="化浆"' in answer.text


def test_certificates_are_destroyed_once_before_two_witnesses(ended, county, running, client_for):
    both = ids(running)
    assert len(both) == 2
    page = words(county.get("/registry/certificates"))
    assert all(play.before.certificates[-1][0] in page for play in ended)
    assert county.post("/registry/destructions", data=DESTROYED | {"certificates": both}).status_code == 303
    again = county.post("/registry/destructions", data=DESTROYED | {"certificates": both[:1]})
    assert again.status_code == 409
    page = county.get("/registry/certificates")
    assert "没有待销毁的权证" in words(page)
    assert "甲某（县档案馆）" in words(page)
    address = page.text.split('href="/registry/destructions/')[1].split('"')[0]
    text = text_of(county.get(f"/registry/destructions/{address}").data)
    for expected in ("收回销毁清单", "县造纸厂", "化浆", "乙某", ended[0].before.certificates[-1][0]):
        assert expected in text
    assert client_for("village1").post("/registry/destructions", data=DESTROYED).status_code == 403


def test_a_case_under_way_is_not_archived(running, web, county):
    play = played(running, until="village_check")
    officer = sign_in(web, "county")
    is_problem(officer.post(f"/cases/{play.number}/archive", FILE), 422)
    is_problem(officer.get(f"/cases/{play.number}/archive/package"), 422)
    assert "会随办理增加" in words(county.get(f"/cases/{play.number}/archive"))
