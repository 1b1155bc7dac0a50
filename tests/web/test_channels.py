"""The county's page of channels: which notice goes by which way, who sends it, a way tried out."""

from sqlalchemy import select

from engine.domain.messages import templates
from engine.store.tables.work import Message
from engine.usecases.carry_out_effect import drain
from tests.portal_steps import COUNTY
from tests.web.api_support import sign_in
from tests.web.staff import staff, words  # noqa: F401  # staff is a fixture

MUST = [kind for kind, row in templates().items() if row.get("must")]


def test_set_tried_and_remembered(running, staff):
    admin = staff("admin")
    must = {f"kinds-{kind}": ["portal"] for kind in MUST}
    faulty = admin.post("/studio/channels", sender="田", on=["email"], reason="")
    assert faulty.status_code == 422
    assert "法律要求告知" in words(faulty)
    assert "请写明为什么改" in words(faulty)
    right = must | {"sender": "田溪县农业农村局", "on": ["email"], "reason": "短信服务到期"}
    answer = admin.post("/studio/channels", **right)
    assert answer.status_code == 303, words(answer)
    page = words(admin.get("/studio/channels"))
    assert "短信已关" in page
    assert "短信服务到期" in page
    assert admin.post("/studio/channels/test", way="email", to="nobody").status_code == 422
    assert admin.post("/studio/channels/test", way="sms", to="13900001111").status_code == 303
    drain(running)
    with running.sessions(COUNTY) as session:
        sent = session.scalar(select(Message).where(Message.to == "13900001111"))
        assert sent.text.startswith("【田溪县农业农村局】这是")
    assert staff("county").get("/studio/channels").status_code == 403


def test_the_same_by_the_api(running, web):
    admin = sign_in(web, "admin")
    assert admin.get("/message-channels").get_json()["settings"]["sender"]
    given = {"sender": "田溪县", "off": [], "kinds": {"step": []}, "reason": "少发一些"}
    assert admin.post("/message-channels", given).status_code == 201
    assert admin.get("/message-channels").get_json()["history"][0]["by"] == "流程管理 沈文"
    assert admin.post("/message-channels", given | {"kinds": {"rejected": ["sms"]}}).status_code == 422
    assert admin.post("/message-channels/tests", {"way": "sms", "to": "139"}).status_code == 422
