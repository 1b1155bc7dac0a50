"""The renderer itself: same bytes, nothing from outside, no code in templates."""

import hashlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import segno
from pypdf import PdfReader

from engine.documents import qr_svg, render_document, render_pdf
from engine.documents.svg import drawing
from engine.documents.templates import fill
from engine.domain.errors import Refused
from tests.documents import samples
from tests.documents.pixels import page_image

ROOT = Path(__file__).parents[2]
DIGEST = """
import hashlib
from engine.documents import render_document
from tests.documents import samples
pdf = render_document(samples.template("contract"), samples.context(), verify_url=samples.VERIFY_URL)
print(hashlib.sha256(pdf).hexdigest())
"""


def test_the_same_input_gives_the_same_bytes_in_any_process():
    other = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=ROOT,
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai", "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    here = render_document(samples.template("contract"), samples.context(), verify_url=samples.VERIFY_URL)
    assert hashlib.sha256(here).hexdigest() == other


def test_other_input_gives_other_bytes_and_no_time_is_written():
    context = samples.context(1)
    one = render_document(samples.template("filing_notice"), context, verify_url=None)
    context["document"]["number"] = "田农合〔2026〕00018号"
    assert one != render_document(samples.template("filing_notice"), context, verify_url=None)
    assert not {"/CreationDate", "/ModDate"} & set(PdfReader(io.BytesIO(one)).metadata or {})


@pytest.mark.parametrize(
    "html",
    [
        '<img src="file:///etc/hostname">',
        '<img src="http://127.0.0.1:9/a.png">',
        '<img src="a.png">',
        '<link rel="stylesheet" href="//example.org/a.css">',
        "<style>p { background: url(file:///etc/hostname) }</style><p>田</p>",
        "<style>@import url(other.css);</style><p>田</p>",
        "<style>@font-face { font-family: x; src: url(x.woff2) } p { font-family: x }</style><p>田</p>",
        '<object data="file:///etc/hostname"></object>',
        '<embed src="file:///etc/hostname">',
        '<svg width="9" height="9"><image href="file:///etc/hostname" width="9" height="9"/></svg>',
        '<link rel="attachment" href="file:///etc/hostname">',
    ],
)
def test_nothing_is_fetched_from_outside(html):
    with pytest.raises(Refused) as refusal:
        render_pdf(f"<html><body>{html}</body></html>")
    assert refusal.value.code == "outside_address"


def test_data_addresses_are_read():
    dot = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"
    assert render_pdf(f'<html><body><img src="{dot}"></body></html>').startswith(b"%PDF")


def test_a_picture_that_cannot_be_drawn_stops_the_paper():
    with pytest.raises(Refused) as refusal:
        render_pdf('<html><body><img src="data:image/png;base64,AAAA"></body></html>')
    assert refusal.value.code == "not_drawn"


def test_another_font_is_noticed():
    with pytest.raises(Refused) as refusal:
        render_pdf("<html><body><p style='font-family: \"DejaVu Sans\"'>abc</p></body></html>")
    assert refusal.value.code == "font_substituted"
    assert "DejaVu" in str(refusal.value)


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{{ ''.__class__.__mro__ }}", "bad_template"),
        ("{{ case.__init__.__globals__ }}", "bad_template"),
        ("{{ case | attr('__class__') }}", "bad_template"),
        ("{% include '/etc/hostname' %}", "bad_template"),
        ("{{ case.number | safe }}", "bad_template"),
        ("{% if %}", "bad_template"),
        ("{{ range(1000000000) | list }}", "bad_value"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "bad_value"),
        ("{{ case.update(a=1) }}", "bad_template"),
        ("{{ nothing }}", "missing_value"),
        ("{{ 1 / 0 }}", "bad_value"),
    ],
)
def test_templates_reach_nothing_but_their_context(template, code):
    with pytest.raises(Refused) as refusal:
        fill(template, {"case": {"number": "1"}})
    assert refusal.value.code == code


def test_a_fault_in_a_template_names_its_line():
    with pytest.raises(Refused, match="第 2 行"):
        fill("<p>\n{% endfor %}", {})


def test_values_win_over_methods_of_the_same_name():
    assert fill("{{ a.items }}", {"a": {"items": "三块"}}) == "三块"


SHAPE = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'


@pytest.mark.parametrize(
    "svg",
    [
        SHAPE.format("<script>1</script>"),
        SHAPE.format("<image href='file:///etc/hostname'/>"),
        SHAPE.format("<rect onclick='x'/>"),
        SHAPE.format("<rect style='fill: url(http://example.org)'/>"),
        SHAPE.format("<rect fill='url(#a)'/>"),
        SHAPE.format("<foreignObject/>"),
        SHAPE.format("<use href='#a'/>"),
        '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + SHAPE.format("<text>&a;</text>"),
        "<p>no drawing</p>",
        "not xml",
    ],
)
def test_drawings_hold_shapes_only(svg):
    with pytest.raises(Refused) as refusal:
        drawing(svg)
    assert refusal.value.code == "bad_drawing"


def test_the_qr_code_on_paper_is_the_address_module_by_module():
    page = render_pdf(
        "<html><head><style>@page { margin: 20mm }</style></head>"
        f"<body>{qr_svg(samples.VERIFY_URL, 40)}</body></html>"
    )
    matrix = np.array(segno.make(samples.VERIFY_URL, error="m", micro=False).matrix, dtype=bool)
    image = np.asarray(page_image(page, dpi=254)) < 128  # 10 px a mm
    module = 400 / (len(matrix) + 8)
    seen = [
        [image[int(200 + (y + 4.5) * module), int(200 + (x + 4.5) * module)] for x in range(len(matrix))]
        for y in range(len(matrix))
    ]
    assert np.array_equal(np.array(seen), matrix)


def test_without_an_address_there_is_no_qr_code():
    context = samples.context(1)
    with_code = fill(samples.template("filing_notice"), context | {"verify_url": samples.VERIFY_URL})
    assert samples.VERIFY_URL in with_code
    assert "foot-code" in with_code
    assert "foot-code" not in fill(samples.template("filing_notice"), context)
