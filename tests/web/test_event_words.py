"""Messages, signals and operations that failed, as people read them."""

from types import SimpleNamespace

import pytest
from markupsafe import Markup

from engine.domain import events
from engine.queries.case_file import Awaited
from web.inbox.history_words import Teller, failed_words, received_words, written_words
from web.inbox.words import awaited_words

ACT = {"a": {"message": "otherwise", "title": {"zh": "改用其他方式签订", "en": "Sign in another way"}}}


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        (
            "zh",
            [
                "等待消息“bank”",
                "等待消息“bank”（区分键 C1）",
                "等待信号“flood”",
                "收到消息“bank”",
                "收到登记机构的回执",
                "各方已签齐",
                "申请人要求撤回",
                "改用其他方式签订",
                "收到信号“flood”",
                "“登记”没有办成（GONE）：没有登记",
                "“登记”没有办成（GONE）",
            ],
        ),
        (
            "en",
            [
                "Waiting for the message “bank”",
                "Waiting for the message “bank” (key C1)",
                "Waiting for the signal “flood”",
                "Received the message “bank”",
                "The registry answered",
                "Everybody has signed",
                "The applicant wants to withdraw",
                "Sign in another way",
                "Received the signal “flood”",
                "“登记” was not possible (GONE): 没有登记",
                "“登记” was not possible (GONE)",
            ],
        ),
    ],
)
def test_words(web, lang, expected):
    with web.test_request_context(f"/?lang={lang}"):
        said = [
            awaited_words(Awaited("message", "bank", None, "e", 3)),
            awaited_words(Awaited("message", "bank", "C1", "e", 3)),
            awaited_words(Awaited("signal", "flood", None, "e", 3)),
            received_words({"kind": "message", "name": "bank", "payload": None}, {}),
            received_words({"kind": "message", "name": "registry_receipt"}, {}),
            received_words({"kind": "message", "name": "deal_signed"}, {}),
            received_words({"kind": "message", "name": "withdrawal"}, {}),
            received_words({"kind": "message", "name": "otherwise"}, ACT),
            received_words({"kind": "signal", "name": "flood", "payload": None}, {}),
            failed_words("登记", {"topic": "x", "code": "GONE", "detail": "没有登记"}),
            failed_words("登记", {"topic": "x", "code": "GONE"}),
        ]
    assert said == expected


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"contract_code": "990101J"}, "登记簿已更新，合同编码 990101J"),
        ({"contracts": ["a", "b"], "ended": ["c"], "parcels": []}, "登记簿已更新：有变化的承包合同 2 份，终止的承包合同 1 份"),
        ({"changes": 1, "parcels": ["p"]}, "登记簿已更新：有变化的地块 1 块"),
        ({"number": "L1"}, "登记簿已更新：备案编号 L1"),
        ({"changes": 1}, "登记簿已更新"),
    ],
)  # fmt: skip
def test_what_was_written_into_the_register(web, told, words):
    with web.test_request_context("/?lang=zh"):
        assert written_words(told) == words


def test_a_link_in_a_title_is_a_link(web):
    """The sealing of a deal leads its moment: its paper's address was shown as markup."""
    teller = Teller(
        SimpleNamespace(definition=SimpleNamespace(elements={})), {"p": ("合同", "/papers/p")}, {}
    )
    sealed = SimpleNamespace(kind=events.PAPER_SEALED, payload={"paper": "p"}, element=None)
    with web.test_request_context("/"):
        assert isinstance(teller.title(sealed), Markup)


def test_no_event_of_the_timeline_is_told_by_its_name(web):
    """What failed and was done again was told as ``incident_raised``."""
    teller = Teller(SimpleNamespace(definition=SimpleNamespace(elements={})), {}, {})
    for kind in (events.INCIDENT_RAISED, events.INCIDENT_RETRIED):
        fact = SimpleNamespace(kind=kind, payload={}, element=None)
        with web.test_request_context("/?lang=zh"):
            assert "系统工作" in str(teller.title(fact))
