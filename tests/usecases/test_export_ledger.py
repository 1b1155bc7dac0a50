"""Workbooks are ready to hand on: read back cell by cell, from the stream and from long work."""

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select

from engine.documents import workbook
from engine.documents.workbook import Heading, Sheet, write_workbook
from engine.domain.actor import system
from engine.domain.errors import NotFound
from engine.domain.register import mu
from engine.exchange.package.sheets import read_sheet
from engine.queries.as_of import When
from engine.queries.ledgers import LEDGERS, Asked, stream
from engine.queries.statistics.summary_tables import summary_tables
from engine.queries.statistics.sums import View
from engine.store.tables import register as t
from engine.store.tables.work import OutboxRow
from engine.usecases import long_work
from engine.usecases.carry_out_effect import drain
from engine.usecases.export_ledger import KIND, file_name, is_long, order, read_export, write_book
from tests.usecases.acting import COUNTY

DAY = date(2026, 3, 2)
ACTOR = system(COUNTY)


def book(running, tmp_path, name, **filters) -> Path:
    path = tmp_path / "book.xlsx"
    with running.sessions(COUNTY) as session:
        write_book(session, order(ACTOR, name, COUNTY, DAY, **filters), running.clock.now(), path)
    return path


def sheets(path) -> dict[str, list[list]]:
    with path.open("rb") as file:
        read = CalamineWorkbook.from_filelike(file)
        return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def inside(path, member) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(member).decode()


def test_a_ledger_has_title_facts_numbers_and_totals(running, tmp_path):
    path = book(running, tmp_path, "contracts")
    [(name, rows)] = sheets(path).items()
    assert name == "承包合同台账"
    assert rows[0][0] == "田溪县承包合同台账"
    facts = " ".join(str(cell) for cell in rows[1])
    assert "单位：田溪县" in facts and "截至：2026年3月2日" in facts and "制表人：系统" in facts
    assert rows[2][:4] == ["序号", "发包方所在村组", "承包方编码", "承包方（代表）"]
    with running.sessions(COUNTY) as session:
        asked = Asked(ACTOR, When(DAY, running.clock.now()), COUNTY)
        expected = [row for batch in stream(session, LEDGERS["contracts"], asked) for row in batch]
    body = rows[3 : 3 + len(expected)]
    for n, (cells, row) in enumerate(zip(body, expected, strict=True), 1):
        assert cells[:5] == [n, row[0], row[1], row[2], row[3]]
        assert cells[5] == "家庭承包" if row[4] == "110" else cells[5] != ""
        assert cells[6] == row[5] and isinstance(cells[6], date)
        assert cells[8:11] == [row[7], float(row[8]), float(mu(row[8]))]
    totals = rows[3 + len(expected)]
    assert totals[1] == "合计"
    assert Decimal(str(totals[9])) == sum(row[8] for row in expected)
    assert "填表人" in str(rows[-1][0])


def test_it_is_set_up_to_print_on_a4_across_with_repeated_heads(running, tmp_path):
    path = book(running, tmp_path, "parcels")
    sheet = inside(path, "xl/worksheets/sheet1.xml")
    assert 'paperSize="9"' in sheet and 'orientation="landscape"' in sheet and 'fitToHeight="0"' in sheet
    assert 'ySplit="3"' in sheet and 'state="frozen"' in sheet
    assert "Print_Titles" in inside(path, "xl/workbook.xml") and "$3:$3" in inside(path, "xl/workbook.xml")


def test_identity_numbers_are_masked_in_what_leaves_the_house(running, tmp_path):
    for name in ("members", "contractors"):
        with zipfile.ZipFile(book(running, tmp_path, name)) as archive:
            text = "".join(
                archive.read(member).decode() for member in archive.namelist() if "sheet" in member
            )
        assert "***********" in text
        with running.sessions(COUNTY) as session:
            numbers = [
                *session.scalars(select(t.Member.id_number)),
                *session.scalars(select(t.ContractorVersion.id_number)),
            ]
        assert numbers and not [number for number in numbers if number in text]


def test_formulas_stay_texts_and_are_quoted(tmp_path):
    evil = ['=HYPERLINK("http://x")', "+1", "-2", "@SUM(A1)", "\tx", "普通", "a\x00\x1bb", "x" * 40_000]
    sheet = Sheet("表", "题", ["单位：某县"], [Heading("名称")], [[text] for text in evil], numbered=False)
    path = tmp_path / "evil.xlsx"
    assert write_workbook(path, [sheet], decimals=2, made=_now(), by="某人") == len(evil)
    [rows] = sheets(path).values()
    found = [row[0] for row in rows[3:]]
    assert found[:4] == evil[:4] and found[5] == "普通" and found[6] == "ab" and len(found[7]) == 32_767
    xml, styles = inside(path, "xl/worksheets/sheet1.xml"), inside(path, "xl/styles.xml")
    assert "<f>" not in xml
    assert 'quotePrefix="1"' in styles


def _now():
    from tests.conftest import START

    return START


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    rows = [[n, Decimal(n)] for n in range(8)]
    sheet = Sheet("表", "题", [], [Heading("号", "count"), Heading("亩", "mu", total=True)], iter(rows))
    path = tmp_path / "long.xlsx"
    assert write_workbook(path, [sheet], decimals=2, made=_now(), by="某人") == 8
    found = sheets(path)
    assert list(found) == ["表", "表(2)", "表(3)"]
    assert [row[0] for rows in found.values() for row in rows[3:] if isinstance(row[0], float)] == [
        1, 2, 3, 4, 5, 6, 7, 8,
    ]  # fmt: skip
    assert found["表(3)"][5][2] == float(mu(Decimal(28)))


@pytest.mark.parametrize("name", [*LEDGERS, "yearly"])
def test_every_book_can_be_written_and_read(running, tmp_path, name):
    path = book(running, tmp_path, name, year=2025 if name == "yearly" else None)
    [rows] = sheets(path).values()
    assert len(rows) > 3
    with running.sessions(COUNTY) as session:
        made = file_name(session, order(ACTOR, name, COUNTY, DAY, year=2025))
    assert made.startswith("田溪县_") and made.endswith(".xlsx")


def test_the_summary_tables_read_back_as_a_packages_own(running, tmp_path):
    """With the very reader that the quality rules use."""
    path = book(running, tmp_path, "summaries")
    with running.sessions(COUNTY) as session:
        named, tables = summary_tables(View(session, ACTOR, When(DAY, running.clock.now()), COUNTY))
    found = sheets(path)
    assert list(found) == list(tables)
    for name, rows in tables.items():
        body = {row[0].rstrip("0"): row[2:] for row in found[name] if str(row[0])[:6] == COUNTY}
        assert len(body) == len(named)
        for unit, values in rows.items():
            assert [Decimal(str(v)) for v in body[unit.rstrip("0")]] == values, (name, unit)
    sheet = read_sheet(path, "按地块汇总表", "x")
    assert sheet.header[:2] == ("权属单位代码", "权属单位名称")
    assert {row[0] for row in sheet.rows} == {f"{unit:0<14}" for unit in named}


@pytest.fixture
def waiting(running):
    with running.sessions(COUNTY) as session:
        session.execute(delete(OutboxRow))
        work = long_work.ask_long_work(
            session, running.clock, ACTOR, KIND, order(ACTOR, "parcels", COUNTY, DAY)
        )
        session.commit()
    return work


def test_a_long_one_is_made_by_a_worker_and_kept_in_the_file_store(running, waiting, tmp_path):
    assert drain(running) == 1
    with running.sessions(COUNTY) as session:
        done = read_export(session, ACTOR, waiting)
    assert (done.status, done.result["name"]) == ("done", "田溪县_地块台账_2026-03-02.xlsx")
    path = tmp_path / "book.xlsx"
    path.write_bytes(running.files.get(done.result["sha256"]))
    [rows] = sheets(path).values()
    assert done.result["rows"] == sum(1 for row in rows[3:] if isinstance(row[0], float))
    assert done.result["size"] == path.stat().st_size


def test_it_can_be_stopped_and_is_not_anothers(running, waiting):
    from dataclasses import replace

    with running.sessions(COUNTY) as session:
        village = replace(ACTOR, division=f"{COUNTY}100201")
        with pytest.raises(NotFound):
            read_export(session, village, waiting)
        long_work.cancel_long_work(session, COUNTY, waiting)
        session.commit()
    drain(running)
    with running.sessions(COUNTY) as session:
        assert (read_export(session, ACTOR, waiting).status, read_export(session, ACTOR, waiting).result) == (
            "cancelled", None,
        )  # fmt: skip
        other = long_work.ask_long_work(session, running.clock, ACTOR, "verify_history", {})
        with pytest.raises(NotFound):  # work of another kind is none of this place's
            read_export(session, ACTOR, other)


def test_what_is_long_is_counted(running, monkeypatch):
    with running.sessions(COUNTY) as session:
        wanted = order(ACTOR, "parcels", COUNTY, DAY)
        assert not is_long(session, wanted, running.clock.now())
        monkeypatch.setattr("engine.usecases.export_ledger.AT_ONCE", 10)
        assert is_long(session, wanted, running.clock.now())
        narrow = order(ACTOR, "parcels", COUNTY, DAY - timedelta(days=20_000))
        assert not is_long(session, narrow, running.clock.now())


def test_a_file_is_kept_under_its_hash(running, tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"abc" * 1000)
    with path.open("rb") as file:
        sha, size = running.files.keep(file)
    assert (sha, size) == (running.files.put(b"abc" * 1000), 3000)
    assert io.BytesIO(running.files.get(sha)).read() == b"abc" * 1000
