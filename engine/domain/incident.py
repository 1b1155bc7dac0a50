"""What is behind an incident, and what to do about it, for the administrator who must decide."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    cause: str
    fix: str


def N_(text: str) -> str:
    """Marks a text for translation (web/translations/check.py); pages translate it when they show it."""
    return text


# The first whose pattern is found in "ErrorClass: message" says it.
_KNOWN: tuple[tuple[str, Explanation], ...] = (
    (
        r"^(WorkerDied|TickerDied)",
        Explanation(
            N_("办这件事的进程多次中途退出：内存不足、断电或被强行终止"),
            N_("请系统管理员查看进程日志和内存；没有别的异常就直接再试"),
        ),
    ),
    (
        r"^JobTimeout",
        Explanation(N_("超过了规定的时间，已中止"), N_("看机器是否太忙、文书内容是否特别多，处理后再试")),
    ),
    (
        r"字库缺少",
        Explanation(N_("文书里有字库没有的字"), N_("核对用字；字没有错的，由系统管理员补充字库，然后再试")),
    ),
    (
        r"No space left|Disk quota",
        Explanation(N_("磁盘已满，文件写不下"), N_("请系统管理员腾出或增加磁盘空间，然后再试")),
    ),
    (
        r"^(FileNotFoundError|ValueError: file )",
        Explanation(N_("要用的文件不在，或内容被改动过"), N_("从备份恢复 files 目录中的这个文件，然后再试")),
    ),
    (
        r"^MemoryError",
        Explanation(N_("内存不足"), N_("看文书模板和地块图是否过大，或给机器加内存，然后再试")),
    ),
    (
        r"^(OperationalError|InterfaceError|ConnectionError|TimeoutError)",
        Explanation(N_("数据库或外部服务当时连不上"), N_("确认数据库和外部服务正常后再试")),
    ),
    (
        r"^(RunFailed|ExpressionFailed|BadCommand|StateMismatch|ModelRefused)",
        Explanation(
            N_("流程走到这里办不下去：模型里的条件或结构与办件的情况不合"),
            N_("按原文说的位置修改流程并发布，把办件移到新版本，然后再试"),
        ),
    ),
    (
        r"没有办件在等待消息",
        Explanation(
            N_("消息送到时，没有办件在等它"),
            N_("等收消息的办件走到等待的地方再试；已经不需要的，不用再管"),
        ),
    ),
    (
        r"在办件之间来回传递",
        Explanation(
            N_("几件办件的消息或信号互相触发，没有尽头"),
            N_("修改流程，让收到的一方不再发回同样的消息或信号；这一件不用再试"),
        ),
    ),
    (
        r"^(Refused|Conflict|NotFound|NotAllowed|Invalid|TaskNotOpen)",
        Explanation(N_("按业务规则不能办"), N_("按原文处理好有关的办件或登记，然后再试")),
    ),
    (
        r"^(TemplateError|UndefinedError|TemplateSyntaxError|TemplateNotFound|SecurityError)",
        Explanation(N_("文书模板有错，打印不出来"), N_("修改模板并发布，把办件移到新版本，然后再试")),
    ),
    (
        r"^KeyError",
        Explanation(
            N_("程序不认识要办的这件事：各进程的软件版本可能不一致"),
            N_("把全部进程升级到同一版本，然后再试"),
        ),
    ),
)
_UNKNOWN = Explanation(N_("程序出错"), N_("可以先再试；还是失败，把原文交给软件维护人员"))


def explained(error: str) -> Explanation:
    """``error``: the class of the exception and its message, as it was written down."""
    return next((said for pattern, said in _KNOWN if re.search(pattern, error)), _UNKNOWN)
