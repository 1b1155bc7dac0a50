"""A file that goes in parts while the connection comes and goes; the page says how far it is."""

import io
import os
import re

from PIL import Image
from playwright.sync_api import expect

from tests.e2e import county, people

PART = 1024 * 1024


def large_picture() -> bytes:
    """Noise: about 3 MB, so that it takes several parts."""
    body = io.BytesIO()
    Image.frombytes("RGB", (1000, 1000), os.urandom(3_000_000)).save(body, "PNG")
    return body.getvalue()


def test_upload_goes_on_after_the_connection_broke_and_the_page_was_loaded_again(site, visit, shot, tmp_path):
    person = county.household(site.app, county.offices(site.app).division, 4)
    page = visit.household(person)
    page.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    page.goto(f"{page.url}/papers-id_card")
    sent = []

    def sometimes(route):
        """The second part never arrives, until the page was loaded again."""
        if route.request.method == "PATCH":
            sent.append(int(route.request.headers["upload-offset"]))
            if len(sent) == 2:
                route.fulfill(status=503, body="")
                return
        route.continue_()

    page.route("**/portal/parts/*", sometimes)
    chosen = tmp_path / "身份证.png"  # on a disk: known again by its name, size and day
    chosen.write_bytes(large_picture())
    page.get_by_label("承包方代表身份证").set_input_files(chosen)
    expect(page.get_by_text("连接断了")).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile("上次传到 [0-9]+% 断了"))).to_be_visible()
    shot(page, "loaded-again")
    page.get_by_label("承包方代表身份证").set_input_files(chosen)
    expect(page.locator(".tq-files").get_by_text("已上传")).to_be_visible()
    page.reload()
    expect(page.locator(".tq-files").get_by_text("已上传")).to_be_visible()  # although nothing was saved
    assert sent[:3] == [0, PART, PART]  # not from the start
    people.go_on(page)
    page.goto(page.url.rpartition("/")[0])
    expect(page.get_by_text("已上传 1 个文件")).to_be_visible()
    assert [fault for fault in visit.faults if "503" not in fault] == []
    visit.faults.clear()
