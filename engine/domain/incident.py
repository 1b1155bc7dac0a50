"""What is behind an incident, and what to do about it, for the administrator who must decide."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    cause: str
    fix: str


RETRY = "改好后点“再试”"

# The first whose pattern is found in "ErrorClass: message" says it.
_KNOWN: tuple[tuple[str, Explanation], ...] = (
    (
        r"^WorkerDied|^TickerDied",
        Explanation(
            "办这件事的进程多次中途退出：内存不足、断电或被强行终止",
            "请系统管理员看进程日志和内存；没有别的异常就直接点“再试”",
        ),
    ),
    (
        r"^JobTimeout",
        Explanation("超过了规定的办理时间，已中止", "请看机器是否太忙，文书的内容是否特别多；" + RETRY),
    ),
    (
        r"No space left|Disk quota",
        Explanation("磁盘已满，文件写不下", "请系统管理员腾出或增加磁盘空间；" + RETRY),
    ),
    (
        r"^(FileNotFoundError|ValueError: file )",
        Explanation("要用的文件不在，或内容被改动过", "请从备份恢复 files 目录中的这个文件；" + RETRY),
    ),
    (
        r"^MemoryError",
        Explanation("内存不足", "请看文书模板是否过大、地块图是否过多，或给机器加内存；" + RETRY),
    ),
    (
        r"^(OperationalError|InterfaceError|ConnectionError|TimeoutError)",
        Explanation("数据库或外部服务当时连不上", "确认数据库和外部服务正常后，点“再试”"),
    ),
    (
        r"^(RunFailed|ExpressionFailed|BadCommand|StateMismatch|ModelRefused)",
        Explanation(
            "流程模型走到这里办不下去：模型里的条件或结构与办件的情况不合",
            "请按原文说的位置修改流程并发布，把办件移到新版本，再点“再试”",
        ),
    ),
    (
        r"^(Refused|Conflict|NotFound|NotAllowed|Invalid)",
        Explanation("按业务规则不能办", "请按原文处理好有关的办件或登记；" + RETRY),
    ),
    (
        r"^KeyError",
        Explanation(
            "程序不认识要办的这件事：各进程的软件版本可能不一致", "请把全部进程升级到同一版本；" + RETRY
        ),
    ),
    (
        r"^(TemplateError|UndefinedError|TemplateSyntaxError|SecurityError)",
        Explanation(
            "文书模板有错，打印不出来", "请在流程设计中修改模板并发布；已受理的办件先移到新版本，再点“再试”"
        ),
    ),
)
_UNKNOWN = Explanation("程序出错，原因见原文", "可以先点“再试”；还是失败，请把原文交给软件维护人员")


def explained(error: str) -> Explanation:
    """``error``: the class of the exception and its message, as it was written down."""
    return next((said for pattern, said in _KNOWN if re.search(pattern, error)), _UNKNOWN)
