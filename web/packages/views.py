"""The data steward's place: bring a package, read its findings, see what it would change, confirm, take out."""

from tempfile import TemporaryFile
from typing import Any
from uuid import UUID, uuid4

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from engine.domain.errors import Invalid
from engine.exchange.exporting.package import scope_of
from engine.exchange.findings import rules
from engine.queries import packages as queries
from engine.queries.quality import divisions
from engine.store.long_works import find, newest
from engine.usecases import take_in_package as use
from engine.usecases.long_work import ask_long_work, cancel_long_work, read_long_work
from engine.usecases.note_read import note_read
from engine.usecases.package_files import incoming, keep_upload, read_intake
from engine.usecases.package_works import read_findings
from web.auth import needs
from web.db import office_session, running
from web.errors import faults_of
from web.i18n import in_words, lang
from web.inbox.download import disposition
from web.inbox.shell import printable, staff_shell
from web.jobs.words import phase_words
from web.packages.receiving import PACKAGE_MB, large
from web.packages.words import CHANGES, STATES, THINGS, ends_much, field_words, note_words
from web.packages.workbooks import write_workbook

blueprint = Blueprint("packages", __name__)
blueprint.context_processor(staff_shell)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 100  # findings on the page; the workbook has all
REFRESH = 2  # seconds


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "states": STATES, "things": THINGS, "changes": CHANGES, "field_words": field_words,
        "note_words": note_words, "ends_much": ends_much, "phase_words": phase_words,
    }  # fmt: skip


@blueprint.get("/packages")
@needs("packages")
def overview():
    return _overview({})


def _overview(errors: dict[str, list[str]], division: str = "", form: str = "shp"):
    session, actor = office_session(), g.actor
    exports = newest(session, actor.county, 5, "export_package")
    return render_template(
        "packages/overview.html",
        errors=errors,
        open=queries.open_intakes(session, actor),
        ended=queries.ended_intakes(session, actor),
        batches=queries.batches(session, actor),
        incoming=incoming(running().settings, g.actor.county),
        exports=exports,
        divisions=divisions(session, actor),
        division=division,
        form=form,
        most_mb=PACKAGE_MB,
    )


@blueprint.post("/packages")
@needs("packages")
@large
def upload():
    """A zip, written to disk as it comes. Exempt from the general CSRF check, which would read the body before the
    guard: the token is looked at here."""
    from web.app import csrf

    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()
    session, app, given = office_session(), running(), request.files.get("package")
    if given is None or not given.filename:
        return _overview({"package": [_("请选择一个 zip 文件")]}), 422
    name = printable(given.filename.replace("\\", "/").rpartition("/")[2])[:200]
    if not name.lower().endswith(".zip"):
        return _overview({"package": [_("成果包应为 zip 文件：%(name)s", name=name)]}), 422
    place = keep_upload(app.settings, given.stream)
    intake = use.bring_package(session, app.clock, g.actor, name, place, "upload")
    session.commit()
    return redirect(url_for("packages.one", intake=intake.id), 303)


@blueprint.post("/packages/incoming")
@needs("packages")
def from_folder():
    session, app = office_session(), running()
    intake = use.bring_from_folder(session, app.clock, g.actor, app.settings, request.form.get("name", ""))
    session.commit()
    return redirect(url_for("packages.one", intake=intake.id), 303)


@blueprint.get("/packages/<int:intake>")
@needs("packages")
def one(intake: int):
    """How far it is, what was found, what it would change. Comes again by itself while work goes on."""
    session, app = office_session(), running()
    row = read_intake(session, g.actor.county, intake)
    work = find(session, g.actor.county, row.work) if row.work else None
    busy = work is not None and work.ended_at is None and row.status in ("waiting", "taking")
    found = read_findings(app, row) if row.findings and not busy else []
    answer = make_response(
        render_template(
            "packages/one.html", intake=row, work=work, busy=busy, found=found[:SHOWN], total=len(found),
            rules=rules(), second=use.needs_second_person(session, row),
        )
    )  # fmt: skip
    if busy:
        answer.headers["Refresh"] = f"{REFRESH}; url={url_for('packages.one', intake=intake)}"
    return answer


@blueprint.get("/packages/<int:intake>/differences/<thing>/<change>")
@needs("packages")
def differences(intake: int, thing: str, change: str):
    """Things by code, a page at a time."""
    if thing not in THINGS or change not in CHANGES:
        raise NotFound
    session = office_session()
    row = read_intake(session, g.actor.county, intake)
    after = request.args.get("after", "")[:40]
    found, more = queries.differing(session, g.actor, intake, thing, change, after)
    note_read(session, running().clock, g.actor, "open", f"package:{intake}:{thing}:{change}")
    session.commit()
    return render_template(
        "packages/differences.html", intake=row, thing=thing, change=change, rows=found, more=more
    )


@blueprint.get("/packages/<int:intake>/findings.xlsx")
@needs("packages")
def findings_file(intake: int):
    session, app = office_session(), running()
    row = read_intake(session, g.actor.county, intake)
    texts = rules()
    rows = (
        [f.rule, texts[f.rule][lang()] if f.rule in texts else "", _severity(f.severity), f.table, f.record, f.field,
         in_words(f.message)] for f in read_findings(app, row)
    )  # fmt: skip
    heads = [_("规则"), _("要求"), _("程度"), _("表"), _("记录"), _("字段"), _("问题")]
    note_read(session, app.clock, g.actor, "download", f"package:{intake}:findings")
    session.commit()
    return _workbook(_("检查结果"), heads, rows)


@blueprint.get("/packages/<int:intake>/differences.xlsx")
@needs("packages")
def differences_file(intake: int):
    session = office_session()
    read_intake(session, g.actor.county, intake)
    rows = (
        [_(THINGS[thing][0]), _(CHANGES[d.change]), d.code, d.name, "、".join(field_words(thing, f) for f in d.fields),
         float(d.area_before) if d.area_before is not None else None,
         float(d.area_after) if d.area_after is not None else None]
        for thing, d in queries.all_differing(session, g.actor, intake)
    )  # fmt: skip
    heads = [
        _("类别"),
        _("变化"),
        _("代码"),
        _("名称"),
        _("不同的内容"),
        _("原面积（平方米）"),
        _("新面积（平方米）"),
    ]
    note_read(session, running().clock, g.actor, "download", f"package:{intake}:differences")
    answer = _workbook(_("与登记数据的差异"), heads, rows)
    session.commit()
    return answer


@blueprint.post("/packages/<int:intake>/<any(ask, confirm, take_back, compare, drop, cancel):act>")
@needs("packages")
def act(intake: int, act: str):
    session, app, actor = office_session(), running(), g.actor
    if act == "ask":
        use.ask_to_take_in(session, app.clock, actor, intake)
    elif act == "confirm":
        use.confirm(session, app.clock, actor, intake)
    elif act == "take_back":
        use.take_back(session, actor, intake)
    elif act == "compare":
        use.compare_again(session, app.clock, actor, intake)
    elif act == "drop":
        use.drop_package(session, app.clock, actor, app.settings, intake)
        flash(_("已放弃这个成果包，登记数据没有变化"), "success")
    else:
        row = read_intake(session, actor.county, intake)
        if row.work is not None:
            cancel_long_work(session, actor.county, row.work)
    session.commit()
    return redirect(url_for("packages.one", intake=intake), 303)


@blueprint.post("/packages/exports")
@needs("packages")
def export():
    session = office_session()
    division, form = request.form.get("division", "").strip(), request.form.get("form", "shp")
    try:
        scope_of(session, g.actor.county, division)
    except Invalid as error:
        return _overview(faults_of(error), division, form), 422
    asked = {"gpkg": form == "gpkg", "division": division}
    ask_long_work(session, running().clock, g.actor, "export_package", asked)
    session.commit()
    flash(_("已开始导出，完成后在这里下载"), "success")
    return redirect(url_for("packages.overview") + "#export", 303)


@blueprint.get("/packages/exports/<uuid:work_id>")
@needs("packages")
def export_file(work_id: UUID):
    session, app = office_session(), running()
    work = read_long_work(session, g.actor.county, work_id)
    if work.kind != "export_package" or not work.result:
        raise NotFound
    note_read(session, app.clock, g.actor, "download", f"package:export:{work_id}")
    session.commit()
    file = app.files.open(work.result["sha256"])
    answer = send_file(file, "application/zip")
    answer.headers["Content-Disposition"] = disposition(work.result["name"])
    return answer


@blueprint.get("/packages/sample.zip")
@needs("packages")
def sample():
    """A small synthetic package of the demonstration county, made when it is asked for."""
    from engine.exchange.demo import write_demo_county

    folder = running().settings.var / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sample.zip"
    if not path.exists():
        # under a name of its own: two who ask at first each write one, and the later takes the place
        written = write_demo_county(folder / f"sample-{uuid4().hex}.zip", households=60)
        written.path.replace(path)
    answer = send_file(path.open("rb"), "application/zip")
    answer.headers["Content-Disposition"] = disposition(_("样例成果包") + ".zip")
    return answer


def _severity(severity: str) -> str:
    return _("错误") if severity == "error" else _("警告")


def _workbook(title: str, heads: list[str], rows: Any) -> Response:
    file = TemporaryFile()  # noqa: SIM115 - closed when it is sent
    write_workbook(file, title, heads, rows)
    file.seek(0)
    answer = send_file(file, XLSX)
    answer.headers["Content-Disposition"] = disposition(f"{title}.xlsx")
    return answer
