"""The data steward's place: bring a package, see what it would change, a second one confirms; by page and by program."""

import io
import zipfile

import pytest
from api_support import sign_in
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from engine.exchange.demo import write_demo_county
from engine.store.tables.packages import PackageIntake
from engine.usecases.carry_out_effect import drain
from tests.usecases.acting import COUNTY
from tests.usecases.opening import open_case
from tests.web.staff import words
from web.packages.workbooks import neutral, write_workbook


@pytest.fixture(scope="module")
def zipped(tmp_path_factory) -> bytes:
    return write_demo_county(
        tmp_path_factory.mktemp("zipped") / "990101田溪县.zip", households=60
    ).path.read_bytes()


@pytest.fixture(scope="module")
def flawed(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("flawed")
    root = write_demo_county(folder, households=40, flaws=True).path
    target = folder / "flawed.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.write(path, f"990101田溪县/{path.relative_to(root).as_posix()}")
    return target.read_bytes()


def bring(client, body: bytes, name="990101田溪县.zip") -> str:
    answer = client.post("/packages", data={"package": (io.BytesIO(body), name)})
    assert answer.status_code == 303, answer.text[:400]
    return answer.location


def number_of(place: str) -> int:
    return int(place.rpartition("/")[2])


def change_register(running) -> None:
    with running.sessions(COUNTY) as session:
        session.execute(
            text("""update operational.parcel_versions set name = '旧名' where county = :c and id = (
            select min(id) from operational.parcel_versions where valid_to is null and superseded_at is null)"""),
            {"c": COUNTY},
        )
        session.commit()


def versions(running) -> int:
    with running.sessions(COUNTY) as session:
        return session.scalar(text("select count(*) from operational.parcel_versions"))


def test_a_second_steward_confirms_what_the_first_one_brought(running, client_for, zipped):
    first, second = client_for("steward"), client_for("steward2")
    assert "样例成果包" in words(first.get("/packages"))
    change_register(running)
    before = versions(running)
    place = bring(first, zipped)
    assert "Refresh" in first.get(place).headers
    assert drain(running)
    page = first.get(place)
    assert "Refresh" not in page.headers
    assert "没有发现问题" in words(page)
    listed = words(first.get(f"{place}/differences/parcel/changed"))
    assert "地块名称" in listed
    book = CalamineWorkbook.from_filelike(io.BytesIO(first.get(f"{place}/differences.xlsx").data))
    assert [row[1] for row in book.get_sheet_by_index(0).to_python()[1:]] == ["变更"]
    assert versions(running) == before

    assert first.post(f"{place}/ask").status_code == 303
    assert "等待另一位数据管理员确认" in words(first.get(place))
    refused = first.post(f"{place}/confirm")
    assert refused.status_code == 422
    assert "另一人" in words(refused)
    assert second.post(f"{place}/confirm").status_code == 303
    assert second.post(f"{place}/confirm").status_code == 409
    assert drain(running)
    assert versions(running) == before + 2
    page = words(second.get("/packages"))
    assert "数据管理 许诺" in page
    assert "数据复核 唐宁" in page
    assert not list((running.settings.var / "packages").glob("*-*.zip"))


def test_a_bad_package_is_refused_with_every_finding(running, client_for, flawed):
    client, before = client_for("steward"), versions(running)
    place = bring(client, flawed)
    assert drain(running)
    page = words(client.get(place))
    assert "未通过检查" in page
    assert "处错误" in page
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"{place}/findings.xlsx").data))
    rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) > 40
    assert client.post(f"{place}/ask").status_code == 409
    assert versions(running) == before
    assert "Errors" not in page
    assert "errors" in words(client.get(f"{place}?lang=en"))


@pytest.mark.parametrize(("name", "status"), [("x.txt", 422), ("", 422)])
def test_what_is_no_zip_is_not_taken(client_for, name, status):
    answer = client_for("steward").post(
        "/packages", data={"package": (io.BytesIO(b"x"), name)} if name else {}
    )
    assert answer.status_code == status


def test_what_only_looks_like_one_is_said_to_be_none(running, client_for):
    client = client_for("steward")
    place = bring(client, b"not a zip at all", "成果.zip")
    assert drain(running)
    assert "F00 错误 成果.zip" in words(client.get(place)), "the finding names the file as it was brought"
    with running.sessions(COUNTY) as session:
        assert session.get_one(PackageIntake, (COUNTY, number_of(place))).status == "refused"


def test_another_countys_package_is_not_taken(running, client_for, zipped):
    other = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(zipped)) as source,
        zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for info in source.infolist():
            target.writestr(info.filename.replace("990101田溪县/", "990102邻县/"), source.read(info))
    client = client_for("steward")
    place = bring(client, other.getvalue(), "990102邻县.zip")
    assert drain(running)
    page = words(client.get(place))
    assert "990102" in page


def test_a_cancelled_check_leaves_nothing(running, client_for, zipped):
    client = client_for("steward")
    place = bring(client, zipped)
    assert client.post(f"{place}/cancel").status_code == 303
    drain(running)
    with running.sessions(COUNTY) as session:
        parts = text("""select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace
            where nspname = 'staging' and relname like :part""")
        assert session.scalar(parts, {"part": f"%\\_{number_of(place)}"}) == 0
    client.post(f"{place}/drop")


def test_the_incoming_folder(running, client_for, zipped):
    client = client_for("steward")
    folder = running.settings.incoming / "990101"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "大县.zip").write_bytes(zipped)
    other = running.settings.incoming / "990102"
    other.mkdir()
    (other / "外来.zip").write_bytes(zipped)
    assert client.post("/packages/incoming", data={"name": "外来.zip"}).status_code == 404
    assert "外来" not in client.get("/packages").text
    assert "大县.zip" in client.get("/packages").text
    assert client.post("/packages/incoming", data={"name": "../files"}).status_code == 404
    answer = client.post("/packages/incoming", data={"name": "大县.zip"})
    assert answer.status_code == 303
    client.post(f"{answer.location}/drop")
    assert (folder / "大县.zip").exists()


def test_by_program(running, web, zipped):
    program, second = sign_in(web, "steward"), sign_in(web, "steward2")
    refused = program.ask("POST", "/packages/exports", json={"division": "99"})
    assert refused.status_code == 422 and "没有这个乡镇或村" in refused.json["errors"]["division"][0]
    change_register(running)
    brought = program.ask("POST", "/packages", data={"file": (io.BytesIO(zipped), "p.zip")})
    assert brought.status_code == 202, brought.text[:400]
    number = brought.json["id"]
    drain(running)
    found = program.get(f"/packages/{number}").json
    assert (found["status"], found["errors"], found["difference"]["parcel"]["changed"]) == ("staged", 0, 1)
    items = program.get(f"/packages/{number}/differences?thing=parcel&change=changed").json["items"]
    assert [item["fields"] for item in items] == [["DKMC"]]
    assert program.ask("POST", f"/packages/{number}/ask").json["status"] == "asked"
    assert program.ask("POST", f"/packages/{number}/confirm").status_code == 422
    assert second.ask("POST", f"/packages/{number}/confirm").json["status"] == "taking"
    drain(running)
    assert program.get(f"/packages/{number}").json["status"] == "taken"
    assert program.get("/packages/batches").json["items"][0]["confirmed_by"] == "数据复核 唐宁"


def test_cells_are_no_formulas():
    file = io.BytesIO()
    write_workbook(file, "x", ["a"], [["=1+1"], ["+1"], ["-1"], ["@x"], [5]])
    file.seek(0)
    rows = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["a", "'=1+1", "'+1", "'-1", "'@x", 5.0]
    assert neutral("地块") == "地块"


def test_open_cases_are_named(running, client_for, zipped):
    client, second = client_for("steward"), client_for("steward2")
    change_register(running)
    opened = open_case(running, 2)
    place = bring(client, zipped)
    drain(running)
    client.post(f"{place}/ask")
    second.post(f"{place}/confirm")
    drain(running)
    page = words(client.get(place))
    assert "在办业务" in page
    assert opened in page
    assert "等待决定" in page
    client.post(f"{place}/drop")
    assert "已放弃" in words(client.get(place))


def test_a_township_is_exported_and_a_division_that_is_none_is_said_beside_its_field(running, client_for):
    client = client_for("steward")
    refused = client.post("/packages/exports", data={"division": "990101999", "form": "gpkg"})
    assert refused.status_code == 422 and "没有这个乡镇或村的登记数据" in words(refused)
    assert 'value="gpkg" checked' in refused.text  # what was chosen is kept
    with running.sessions(COUNTY) as session:
        township = session.scalar(text("select min(left(division, 9)) from operational.parcels"))
    assert client.post("/packages/exports", data={"division": township}).status_code == 303
    assert drain(running)
    with running.sessions(COUNTY) as session:
        result = session.scalar(
            text(
                "select result from operational.long_works where kind = 'export_package' order by asked_at desc"
            )
        )
    assert result["division"] == township and result["name"] in client.get("/packages").text
