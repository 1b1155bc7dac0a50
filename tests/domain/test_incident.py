"""Whatever went wrong, the administrator is told a cause and what to do."""

import pytest

from engine.domain.incident import explained


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("WorkerDied", "多次中途退出"),
        ("JobTimeoutException: Task exceeded maximum timeout value (90 seconds)", "超过了规定的时间"),
        ("OSError: [Errno 28] No space left on device", "磁盘已满"),
        ("Refused: 字库缺少下列字符，不能出具文书：𪨊（U+2AA0A）", "字库没有的字"),
        ("ValueError: file ab12 was altered", "被改动过"),
        ("RunFailed: 网关没有可走的路", "模型"),
        ("OperationalError: (psycopg.OperationalError) connection refused", "连不上"),
        ("Conflict: 没有办件在等待消息“bank”", "没有办件在等它"),
        ("Refused: “tell”在办件之间来回传递超过 30 次，已停止", "没有尽头"),
        ("KeyError: 'unheard_of'", "版本可能不一致"),
        ("ZeroDivisionError: division by zero", "程序出错"),
        ("", "程序出错"),
    ],
)
def test_a_cause_and_a_remedy(error, cause):
    said = explained(error)
    assert cause in said.cause
    assert "再试" in said.fix
