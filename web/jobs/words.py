"""Background work in words: what was to be done, how far it is."""

from flask_babel import gettext as _

from engine.queries.incidents import Incident
from engine.store.tables.work import LongWork
from web.i18n import N_
from web.inbox.words import both
from web.moments import time_words

EFFECTS = {
    "render_document": N_("生成文书"),
    "publish_case": N_("向申请人公布办件进展"),
    "send_message": N_("发送短信"),
    "send_event": N_("把办件发出的消息或信号送到"),
    "deliver_signal": N_("把信号送给办件"),
    "follow_vault": N_("把新测的界线送进保密库"),
    "follow_query": N_("更新查询库"),
    "long_work": N_("长时间的工作"),
}
KINDS = {
    "verify_history": N_("验证全部记录"),
    "backtest_process": N_("用全部办件检验修改"),
    "follow_stores": N_("更新保密库和查询库"),
    "reconcile": N_("核对三库"),
}
STATES = {
    "waiting": (N_("等待开始"), "grey"),
    "running": (N_("进行中"), "water"),
    "done": (N_("已完成"), "green"),
    "cancelled": (N_("已停止"), "grey"),
}
PHASES = {
    "begin": N_("准备"),
    "cases": N_("核对办件"),
    "papers": N_("核对文书"),
    "backtest": N_("逐件检验"),
    "vault": N_("更新保密库"),
    "layers": N_("保存界址点、界址线"),
    "query": N_("更新查询库"),
    "compare": N_("逐村核对"),
}


def what(incident: Incident) -> str:
    """What was to be done, in the reader's language."""
    if incident.kind == "deadline":
        return _("期限到期：%(name)s", name=both(incident.title, time_words(incident.of)))
    return _(EFFECTS[incident.of]) if incident.of in EFFECTS else incident.of


def phase_words(work: LongWork) -> str:
    return _(PHASES[work.phase]) if work.phase in PHASES else work.phase
