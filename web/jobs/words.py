"""Background work in words: what was to be done, how far it is."""

from flask_babel import gettext as _

from engine.exchange.findings import rules
from engine.queries.incidents import Incident
from engine.store.tables.work import LongWork
from web.i18n import N_
from web.inbox.words import both
from web.moments import time_words

EFFECTS = {
    "render_document": N_("生成文书"),
    "publish_case": N_("向申请人公布办件进展"),
    "send_message": N_("发送短信"),
    "send_mail": N_("发送电子邮件"),
    "tell_applicant": N_("通知申请人"),
    "send_event": N_("把办件发出的消息或信号送到"),
    "deliver_signal": N_("把信号送给办件"),
    "follow_vault": N_("把新测的界线送进保密库"),
    "follow_query": N_("更新查询库"),
    "check_findings": N_("核查办结业务涉及的质检问题"),
    "long_work": N_("长时间的工作"),
}
KINDS = {
    "verify_history": N_("验证全部记录"),
    "backtest_process": N_("用全部办件检验修改"),
    "check_package": N_("检查成果包"),
    "compare_package": N_("把成果包与登记数据比较"),
    "take_in_package": N_("导入成果包"),
    "export_package": N_("导出成果包"),
    "check_register": N_("登记簿质检"),
    "export_ledger": N_("制作台账工作簿"),
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
    "打开成果包": N_("打开成果包"),
    "读取图层和表": N_("读取图层和表"),
    "digest": N_("计算校验值"),
    "stage": N_("暂存数据"),
    "attachments": N_("保存附件"),
    "features": N_("写出控制点、区域和其他图层"),
    "villages": N_("逐村写出地块和权属数据"),
    "sheets": N_("写出汇总表格和元数据"),
    "access": N_("写出 Access 文件"),
    "compare": N_("与登记数据比较"),
    "write": N_("写入登记数据"),
    "standard": N_("写入界址、其他图层和流转"),
    "figures": N_("汇总各发包方的数字"),
    "read": N_("读取登记簿"),
    "ground": N_("检查地块位置"),
    "keep": N_("保存结果"),
    "rows": N_("写入台账"),
    "vault": N_("更新保密库"),
    "layers": N_("保存界址点、界址线"),
    "query": N_("更新查询库"),
    "reconcile": N_("逐村核对"),
    "reconcile_layers": N_("核对界址点、界址线和控制点"),
}


def what(incident: Incident) -> str:
    """What was to be done, in the reader's language."""
    if incident.kind == "deadline":
        return _("期限到期：%(name)s", name=both(incident.title, time_words(incident.of)))
    return _(EFFECTS[incident.of]) if incident.of in EFFECTS else incident.of


def phase_words(work: LongWork) -> str:
    if work.phase.startswith("检查 "):
        return _("按规则 %(rule)s 检查", rule=work.phase[3:])
    if work.phase in rules():
        return _("检查规则 %(rule)s", rule=work.phase)
    return _(PHASES[work.phase]) if work.phase in PHASES else work.phase
