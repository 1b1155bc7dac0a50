"""登记原因 DJYY: why the registry is asked for a change."""

from engine.domain.registry import reason_of


def test_a_change_without_a_new_contract_does_not_say_that_one_was_signed():
    assert reason_of("change", "correction") == "登记内容更正"
    assert reason_of("change", "swap") == "承包合同重新签订"
    assert reason_of("change") == "承包合同重新签订"
    assert reason_of("cancel", "correction") == "证书注销"
