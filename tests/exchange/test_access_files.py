"""Access files: the two readers agree on what the shipped template declares; small numbers keep their scale."""

import pytest

from engine.exchange import standard
from engine.exchange.package import access_files
from engine.exchange.package.model import Column
from tests.exchange.test_standard import SHIPPED, needs_shipped


def test_declarations_of_a_schema():
    body = "\n\t[DKBM]\t\t\tText (19) NOT NULL, \n\t[HTMJ]\t\t\tNumeric (15, 2) NOT NULL, \n\t[QDSJ]\t\t\tDateTime NOT NULL, \n\t[CBFCYSL]\t\t\tInteger NOT NULL, \n\t[CBFDCJS]\t\t\tMemo/Hyperlink (255)"
    assert access_files._declared(body) == {
        "DKBM": Column("char", 19),
        "HTMJ": Column("number", 15, 2),
        "QDSJ": Column("date"),
        "CBFCYSL": Column("number"),
        "CBFDCJS": Column("char"),
    }


@pytest.mark.parametrize(
    ("text", "value"), [("45", 0.45), ("5", 0.05), ("0", 0.0), ("-45", -0.45), (None, None)]
)
def test_small_numbers_keep_their_scale(text, value):
    assert access_files.scaled(text, 2) == value
    assert access_files.scaled("927.50", 2) == "927.50"


@needs_shipped
@pytest.mark.parametrize("reader", [access_files._by_mdbtools, access_files._by_access_parser])
def test_both_readers_find_every_table_and_field(reader):
    read = reader(SHIPPED / "ownership-template.mdb")
    assert set(read) == set(standard.tables())
    for name, (declared, columns) in read.items():
        assert set(declared) == set(standard.spec(name).names)
        assert not any(columns.values())
