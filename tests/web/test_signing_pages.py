"""Who gets to the pages of signing, and what they say where nothing was signed electronically."""

from tests.portal_steps import Browser, household
from tests.web.staff import staff, words  # noqa: F401  # staff is a fixture


def test_pages_of_signing_are_the_cases_own_offices(web, running, staff):
    village = staff("village1")
    number = village.start(village.households()[0])
    record, code = f"/cases/{number}/signing", f"{village.task_path(number)}/code"
    assert "没有电子签名" in words(village.get(record))
    assert village.get(f"{record}?lang=en").status_code == 200
    assert staff("village2").get(record).status_code == 404
    assert staff("village2").post(code).status_code == 404
    assert staff("admin").get(record).status_code == 403
    asked = village.post(code)  # this task asks for no signature: said on the task's page
    assert asked.status_code == 303
    stranger, applicant = web.test_client(), Browser(running, web.test_client())
    applicant.sign_in(household(running, 3))
    assert applicant.client.get("/portal/").status_code == 200
    for client in (stranger, applicant.client):
        answer = client.get(record)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in")
    assert applicant.client.get(f"/portal/cases/{number}/sign").status_code == 404
    answer = stranger.get(f"/portal/cases/{number}/sign")
    assert (answer.status_code, answer.location) == (302, "/portal/sign-in")


def test_a_file_that_is_no_pdf_is_refused_in_words(web):
    import io

    answer = web.test_client().post("/verify", data={"file": (io.BytesIO(b"x"), "a.txt")})
    assert answer.status_code == 422
    assert "请选择 PDF 文件" in words(answer)
