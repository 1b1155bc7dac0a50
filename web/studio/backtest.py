"""The draft run against past cases: what would have gone another way, in the administrator's words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, g, make_response, redirect, url_for
from flask_babel import gettext as _

from engine.domain.errors import DomainError
from engine.domain.moments import EXACT
from engine.store.tables.work import LongWork
from engine.usecases.backtest import Backtest
from engine.usecases.backtest.deadlines import ADDED, REMOVED
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import N_
from web.jobs.words import phase_words
from web.moments import time_words
from web.studio.blueprint import Desk, blueprint, desk, page

# Said by the use case, translated where they are shown.
FROM_WITHIN = (N_("有记录的内容已依法删除"), N_("按原来的版本重建，与记录不符"), N_("记录的内容不完整"))
KIND = "backtest_process"
NEWEST = 100
"""Cases; a page should not take longer than a few seconds. The command line goes through all of them."""


Told = dict[str, Any]


@dataclass(frozen=True)
class Row:
    what: str
    recorded: str
    draft: str
    group: Told


@dataclass(frozen=True)
class Section:
    """A kind of finding. ``hint`` says what it means; ``bad``: publishing as it is would stop cases."""

    title: str
    hint: str
    rows: list[Row]
    bad: bool = False


@blueprint.post("/studio/<case_type>/backtest")
@needs("studio")
def backtest(case_type: str):
    """At once, with the newest cases."""
    found = desk(case_type)
    try:
        test = Backtest(found.draft.files)
    except DomainError as fault:
        return page("backtest.html", found, "changes", trouble=message_of(fault)), status_of(fault)
    with running().sessions(g.actor.scope) as session:
        test.county(session, g.actor.county, newest=NEWEST)
    return _page(found, test.report.as_dict(), newest=NEWEST)


@blueprint.post("/studio/<case_type>/backtest/all")
@needs("studio")
def backtest_all(case_type: str):
    """With all cases, as long work."""
    found = desk(case_type)
    try:
        Backtest(found.draft.files)  # what cannot be tried is said at once
    except DomainError as fault:
        return page("backtest.html", found, "changes", trouble=message_of(fault)), status_of(fault)
    session = office_session()
    work = ask_long_work(session, running().clock, g.actor, KIND, {"case_type": case_type})
    session.commit()
    return redirect(url_for("studio.backtest_found", case_type=case_type, work_id=work), 303)


@blueprint.get("/studio/<case_type>/backtest/<uuid:work_id>")
@needs("studio")
def backtest_found(case_type: str, work_id: UUID):
    """How far it is, and then what it found. Comes again by itself, by a response header."""
    found = desk(case_type)
    work = _work(case_type, work_id)
    answer = make_response(_page(found, work.result, work=work, phase=phase_words(work)))
    if work.ended_at is None:
        address = url_for("studio.backtest_found", case_type=case_type, work_id=work_id)
        answer.headers["Refresh"] = f"2; url={address}"
    return answer


@blueprint.post("/studio/<case_type>/backtest/<uuid:work_id>/cancel")
@needs("studio")
def cancel_backtest(case_type: str, work_id: UUID):
    _work(case_type, work_id)
    session = office_session()
    cancel_long_work(session, g.actor.county, work_id)
    session.commit()
    return redirect(url_for("studio.backtest_found", case_type=case_type, work_id=work_id), 303)


def _work(case_type: str, work_id: UUID) -> LongWork:
    work = read_long_work(office_session(), g.actor.county, work_id)
    if work.kind != KIND or work.asked.get("case_type") != case_type:
        abort(404)
    return work


def _page(found: Desk, report: Told | None, **more: Any) -> str:
    told = None if report is None else sections(report)
    return page("backtest.html", found, "changes", report=report, sections=told, **more)


def sections(report: Told) -> list[Section]:
    """``report`` as ``Report.as_dict`` gives it."""
    told = [
        Section(
            _("会失败的"),
            _("按新版办到这里就走不下去，改好后再发布"),
            _rows(report, "failures", lambda key, name: (name(key[0]), "", key[1])),
            bad=True,
        ),
        Section(
            _("路线分开的地方"),
            _("在这一步之后，新版与当时走的不一样"),
            _rows(report, "partings", _parting),
        ),
        Section(_("结果不同"), "", _rows(report, "ends", lambda key, name: ("", name(key[0]), name(key[1])))),
        Section(
            _("新要办理或等待的"),
            _("当时没有，新版会多出来"),
            _rows(report, "asked", lambda key, name: (name(key[0]), "", "")),
        ),
        Section(
            _("不再需要的"),
            _("当时办过，新版用不着"),
            _rows(report, "superfluous", lambda key, name: (name(key[0]), "", "")),
        ),
        Section(
            _("没有走到的"),
            _("排在新要办理的事项之后，以往的记录比不到这里"),
            _rows(report, "unreached", lambda key, name: (name(key[0]), "", "")),
        ),
        Section(
            _("新增的操作"),
            _("没有执行，按没有结果计"),
            _rows(report, "added", lambda key, name: (name(key[0]), "", "")),
        ),
        Section(_("不再执行的操作"), "", _rows(report, "dropped", lambda key, name: (name(key[0]), "", ""))),
        Section(
            _("不同的期限"),
            _("按当时的起算日和中止，用同一本工作日历计算"),
            _rows(report, "deadlines", _deadline),
        ),
        Section(_("不能比较的"), "", _rows(report, "not_compared", lambda key, name: (_(key[0]), "", ""))),
    ]
    return [section for section in told if section.rows]


Key = list[Any]
Named = Callable[[str | None], str]


def _rows(report: Told, group: str, words: Callable[[Key, Named], tuple[str, str, str]]) -> list[Row]:
    def name(element: str | None) -> str:
        return (report["names"].get(element) or element) if element else _("开始")

    return [Row(*words(found["key"], name), found) for found in report[group]]


def _parting(key: Key, name: Named) -> tuple[str, str, str]:
    element, _flow, _draft_flow, recorded, draft = key
    return name(element), _listed(recorded, name), _listed(draft, name)


def _listed(elements: Any, name: Named) -> str:
    return "、".join(name(element) for element in elements) or _("办结")


def _deadline(key: Key, name: Named) -> tuple[str, str, str]:
    what, element, before, after = key
    where = name(element) if element else _("整件办理时限")
    if what == ADDED:
        return where, _("没有期限"), _period(after)
    return where, _period(before), _("没有期限") if what == REMOVED else _period(after)


def _period(period: Told | None) -> str:
    if period is None:
        return _("参数表里没有这个期限")
    if period["unit"] == EXACT:
        return time_words(period["name"])
    days = (
        _("%(n)s 个工作日", n=period["length"])
        if period["unit"] == "working_days"
        else _("%(n)s 天", n=period["length"])
    )
    return _("%(days)s（等待）", days=days) if period["kind"] == "wait" else days
