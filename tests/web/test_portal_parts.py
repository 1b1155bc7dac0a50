"""Files in parts: what was sent stays, the rest follows, the whole is checked, and nobody else reaches it."""

import base64

import pytest

from engine.domain.uploads import MB
from tests.portal_steps import Browser, household, picture
from tests.web.test_portal_pages import begin


@pytest.fixture(scope="module")
def sender(running, web):
    browser = Browser(running, web.test_client())
    return browser, begin(browser, household(running, 16))


def start(browser, at, size, name="身份证.jpg", slug="papers-id_card"):
    named = base64.b64encode(name.encode()).decode()
    headers = {"Upload-Length": str(size), "Upload-Metadata": f"filename {named}", "Tus-Resumable": "1.0.0"}
    return browser.client.post(f"{at}/parts/{slug}", headers=headers)


def part(browser, place, offset, body):
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return browser.client.patch(place, data=body, headers=headers)


def test_a_broken_connection_goes_on_where_it_stopped(sender):
    browser, at = sender
    body = picture()
    place = start(browser, at, len(body)).headers["Location"]
    assert part(browser, place, 0, body[:100]).headers["Upload-Offset"] == "100"
    assert part(browser, place, 0, body[:100]).status_code == 409
    assert browser.client.head(place).headers["Upload-Offset"] == "100"
    done = part(browser, place, 100, body[100:])
    upload = done.json["upload"]
    assert upload
    page = browser.post(f"{at}/papers-id_card", papers__id_card=upload)
    assert page.status_code == 200
    assert "身份证.jpg" in browser.get(f"{at}/papers-id_card").text
    assert browser.client.get(place).json["upload"] == upload  # asked again after the answer was lost


def test_the_whole_is_checked_by_its_content(sender):
    browser, at = sender
    body = b"MZ this is a program" * 10
    place = start(browser, at, len(body), "a.jpg").headers["Location"]
    part(browser, place, 0, body[:50])
    refused = part(browser, place, 50, body[50:])
    assert refused.status_code == 422
    assert "这份文件的内容不是" in refused.json["message"]
    assert browser.client.get(place).status_code == 404


def test_too_large_is_refused_before_anything_is_sent(sender):
    browser, at = sender
    refused = start(browser, at, 11 * MB)
    assert refused.status_code == 422
    assert "超过10兆字节" in refused.json["message"]
    place = start(browser, at, 10).headers["Location"]
    assert part(browser, place, 0, b"x" * 11).status_code == 422
    assert start(browser, at, 10, slug="phone").status_code == 404


def test_sealed_from_other_applicants(sender, running, web):
    browser, at = sender
    place = start(browser, at, 10).headers["Location"]
    other = Browser(running, web.test_client())
    other.sign_in(household(running, 17))
    assert other.client.get(place).status_code == 404
    assert part(other, place, 0, b"x").status_code == 404
    assert other.client.delete(place).status_code == 404
    assert start(other, at, 10).status_code == 404
    assert Browser(running, web.test_client()).client.get(place).status_code == 302
    assert browser.client.delete(place).status_code == 204
    assert browser.client.get(place).status_code == 404


@pytest.mark.parametrize("length", ["", "-1", "１２", "9" * 20])
def test_nonsense_is_refused(sender, length):
    browser, at = sender
    answer = browser.client.post(f"{at}/parts/papers-id_card", headers={"Upload-Length": length})
    assert answer.status_code == 400
