"""The papers show the characters they say: proved by pixels, since the text layer reads right either way."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from engine.documents import render_document, render_pdf
from engine.documents.fonts import SANS, SERIF
from tests.documents import samples
from tests.documents.pixels import (
    drawn_character,
    likeness,
    recognised,
    shown_characters,
    words,
)

ROOT = Path(__file__).parents[2]
LOOKALIKES = "王玉主壬土士工干未末木本承丞包句已己巳合含同周农衣田由甲申德得顺须龘"
ALIKE = 0.98
"""The same character scores 1.0 to within a pixel; 未 and 末, the closest pair, 0.97."""


@pytest.mark.parametrize(
    ("family", "style"), [(SERIF, "Regular"), (SERIF, "Bold"), (SANS, "Regular"), (SANS, "Bold")]
)
def test_every_face_draws_its_own_character_and_no_lookalike(family, style):
    weight = "bold" if style == "Bold" else "normal"
    page = render_pdf(
        f"<html lang=zh-CN><body><p class=flush style='font:{weight} 40pt \"{family}\"'>王土未己由龘</p></body></html>"
    )
    for ink, char in zip(shown_characters(page, "王土未己由龘"), "王土未己由龘", strict=True):
        found, score = recognised(ink, LOOKALIKES, family, style)
        assert (found, score > ALIKE) == (char, True), (char, found, score)


@pytest.fixture(scope="module")
def contract() -> bytes:
    return render_document(samples.template("contract"), samples.context(), verify_url=samples.VERIFY_URL)


def test_the_contract_shows_the_name_of_the_household(contract):
    for ink, char in zip(shown_characters(contract, "王德顺"), "王德顺", strict=True):
        assert recognised(ink, LOOKALIKES, SERIF, "Regular")[0] == char
        assert likeness(ink, drawn_character(char, SERIF, "Regular")) > ALIKE


def test_the_contract_shows_its_headings_in_black_face(contract):
    for ink, char in zip(shown_characters(contract, "一、承包土地情况"), "一、承包土地情况", strict=True):
        if char not in "一、":
            assert likeness(ink, drawn_character(char, SANS, "Bold")) > ALIKE, char


def test_the_measure_tells_other_characters_and_empty_boxes_apart():
    box = drawn_character("口", SERIF, "Regular")
    for char in "王德顺承包":
        assert likeness(box, drawn_character(char, SERIF, "Regular")) < 0.5
    assert likeness(drawn_character("王", SERIF, "Regular"), drawn_character("玉", SERIF, "Regular")) < ALIKE


@pytest.mark.parametrize("name", ["contract", "publicity_sheet", "acceptance_notice"])
def test_only_the_named_fonts_are_inside_and_all_are_embedded(name):
    pdf = render_document(samples.template(name), samples.context(), verify_url=samples.VERIFY_URL)
    fonts = list(_fonts(pdf))
    assert fonts
    for font in fonts:
        assert "Noto-Serif-CJK-SC" in font["/BaseFont"] or "Noto-Sans-CJK-SC" in font["/BaseFont"]
        assert "/FontFile3" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"]


def _fonts(pdf: bytes):
    for page in PdfReader(io.BytesIO(pdf)).pages:
        yield from (font.get_object() for font in page["/Resources"].get("/Font", {}).values())


WITHOUT_CJK = """
import json, sys
from weasyprint import HTML
from engine.documents import render_document
from engine.domain.errors import Refused
from tests.documents import samples
try:
    render_document(samples.template("acceptance_notice"), samples.context(1), verify_url=None)
    refusal = None
except Refused as fault:
    refusal = [fault.code, str(fault)]
page = HTML(string='<p style="font: 40pt \\'Noto Serif CJK SC\\'">王德顺</p>').write_pdf()
open(sys.argv[1], "wb").write(page)
print(json.dumps(refusal))
"""


def test_without_chinese_fonts_nothing_is_issued_and_the_pixel_proof_would_notice(tmp_path):
    """The trap itself: the PDF drawn without the fonts extracts perfectly and shows empty boxes."""
    script, page = tmp_path / "without.py", tmp_path / "tofu.pdf"
    script.write_text(WITHOUT_CJK, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(page)],
        env={
            "FONTCONFIG_FILE": str(_fonts_but_chinese(tmp_path)),
            "PYTHONPATH": str(ROOT),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    code, message = json.loads(done.stdout)
    assert code == "fonts_not_installed"
    assert SERIF in message
    assert "fonts-noto-cjk" in message
    tofu = page.read_bytes()
    assert [word.text for word in words(tofu)] == ["王德顺"]
    for ink, char in zip(shown_characters(tofu, "王德顺"), "王德顺", strict=True):
        assert likeness(ink, drawn_character(char, SERIF, "Regular")) < ALIKE


def _fonts_but_chinese(folder: Path) -> Path:
    latin = subprocess.run(
        ["fc-match", "--format", "%{file}", "DejaVu Sans"], capture_output=True, text=True, check=True
    )
    config = folder / "fonts.conf"
    config.write_text(
        f"<fontconfig><dir>{Path(latin.stdout).parent}</dir><cachedir>{folder}/cache</cachedir></fontconfig>",
        "utf-8",
    )
    return config
