"""A file that goes in parts while the connection comes and goes; the page says how far it is."""

import io
import os

from PIL import Image
from playwright.sync_api import expect

from tests.e2e import county, people


def large_picture() -> bytes:
    """Noise: about 3 MB, so that it takes several parts."""
    body = io.BytesIO()
    Image.frombytes("RGB", (1000, 1000), os.urandom(3_000_000)).save(body, "PNG")
    return body.getvalue()


def test_upload_goes_on_after_the_connection_broke(site, visit, shot):
    person = county.household(site.app, county.offices(site.app).division, 4)
    page = visit(360)
    people.sign_in_applicant(page, site, person)
    page.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    page.goto(f"{page.url}/papers-id_card")
    broken = []

    def sometimes(route):
        if route.request.method == "PATCH" and len(broken) < 1:
            broken.append(route.request.headers["upload-offset"])
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    page.route("**/portal/parts/*", sometimes)
    chosen = {"name": "身份证.png", "mimeType": "image/png", "buffer": large_picture()}
    page.get_by_label("承包方代表身份证").set_input_files([chosen])
    expect(page.get_by_text("已上传")).to_be_visible()
    assert broken == ["0"]
    shot(page, "uploaded")
    people.go_on(page)
    page.goto(page.url.rpartition("/")[0])
    expect(page.get_by_text("已上传 1 个文件")).to_be_visible()
    assert [fault for fault in visit.faults if "503" not in fault] == []
    visit.faults.clear()
