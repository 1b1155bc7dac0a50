"""What is read off real files: pages, sharpness and codes of scans; files that cannot be read harm nobody."""

import io

import pytest
from PIL import Image

from engine.domain.errors import Refused
from engine.reading import apart
from engine.reading.samples import lean_contract, scan_of
from engine.reading.scan import pages_of, read_scan
from tests.documents import samples

URL = "https://tianqi.example.cn/verify/7F3K92QM4XWD"


@pytest.fixture(scope="module")
def contract():
    from engine.documents import render_document

    return render_document(samples.template("contract"), samples.context(), verify_url=URL, each_page=True)


def test_every_page_of_a_scanned_contract_is_read(contract):
    pages = read_scan(scan_of(contract))
    assert len(pages) == pages_of(contract) > 3
    assert [page.codes for page in pages] == [(f"7F3K92QM4XWD/{n}",) for n in range(1, len(pages) + 1)]
    assert all(198 <= page.dpi <= 202 for page in pages)


def test_the_unsigned_file_itself_is_no_scan(contract):
    assert {page.dpi for page in read_scan(contract)} == {0}


def test_a_photograph_counts_as_one_page_of_its_own_sharpness():
    out = io.BytesIO()
    sheet = io.BytesIO(lean_contract(URL, 1))
    import pypdfium2

    picture = pypdfium2.PdfDocument(sheet)[0].render(scale=150 / 72).to_pil().rotate(90, expand=True)
    picture.save(out, "JPEG", quality=85)
    [page] = read_scan(out.getvalue())
    assert page.codes == ("7F3K92QM4XWD/1",)
    assert 148 <= page.dpi <= 151


def test_other_codes_are_not_taken_for_papers():
    import segno

    out = io.BytesIO()
    segno.make("https://elsewhere.example/pay/7F3K92QM4XWD").save(out, kind="png", scale=8)
    [page] = read_scan(out.getvalue())
    assert page.codes == ()


@pytest.mark.parametrize("body", [b"%PDF-1.7\nnothing\n%%EOF", b"\xff\xd8\xff broken", b""])
def test_a_file_that_cannot_be_read_is_refused(body):
    with pytest.raises(Refused, match="打不开"):
        read_scan(body)


def test_a_file_that_unfolds_without_end_is_given_up(monkeypatch):
    """A picture of half a gigapixel in a few bytes."""
    out = io.BytesIO()
    Image.new("1", (30000, 30000)).save(out, "PNG")
    with pytest.raises(Refused):
        read_scan(out.getvalue())


def test_a_reader_that_hangs_is_stopped(monkeypatch):
    monkeypatch.setattr(apart, "PATIENCE", 0.001)
    with pytest.raises(Refused):
        read_scan(lean_contract(URL, 1))
