"""Work that takes minutes: a person asks for it, a worker does it, tells how far it is, and ends when it is asked to.

A kind of long work is one function in WORKS: ``work(app, county, asked, tell) -> result``. It opens sessions of its
own, calls ``tell(done, total, phase)`` as it goes, and must bear being begun again from the start: it hangs on an
outbox row, so it is leased, tried again after a crash, and an incident after the last attempt. ``asked`` and
``result`` are JSON. Where it runs for minutes without a call of ``tell``, nobody can stop it.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.documents.lean_sketch import lean_sketch
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import NotFound
from engine.exchange.exporting.package import export_package
from engine.store import long_works, outbox
from engine.store.scope import one_view
from engine.store.signing import checkpoint_key
from engine.store.survey import FOLLOW_STORES
from engine.store.tables.work import LongWork
from engine.usecases import check_register, export_ledger, package_works
from engine.usecases.backtest import Backtest
from engine.usecases.cancelled import Cancelled
from engine.usecases.edit_process import read_draft
from engine.usecases.stores import follow_stores, reconcile
from engine.usecases.verify_history import verify_history
from engine.usecases.wiring import Wiring

KIND = "long_work"  # of the outbox row
STALE = 86_400  # seconds after which a half-written package is nobody's
SECONDS = 1.0  # between two writings of how far it is, unless the phase changes

Tell = Callable[[int, int | None, str], None]
Work = Callable[[Wiring, str, dict[str, Any], Tell], dict[str, Any]]


def _verify(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    key = checkpoint_key(app.settings.var).public_key()
    with app.sessions(county) as session:
        one_view(session)  # or a case that starts meanwhile would have events and no row
        found = verify_history(session, county, app.files, key, tell)
    return asdict(found)


def _backtest(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The county's saved draft, as it is when the work begins, against all its cases. ``tag`` says which it was."""
    with app.sessions(county) as session:
        draft = read_draft(session, county, asked["case_type"])
    test = Backtest(draft.files)
    with app.sessions(county) as session:
        test.county(session, county, progress=lambda done, total: tell(done, total, "backtest"))
    return test.report.as_dict() | {"tag": draft.tag}


def _export(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """The county's delivery package as a zip in the file store: ``sha256`` and ``size`` beside what it holds.

    ``gpkg``: layers as a GeoPackage instead of shapefiles; ``division``: only that township or village.
    """
    for left in app.settings.var.glob("export-*"):  # by a worker that died
        if time.time() - left.stat().st_mtime > STALE:
            shutil.rmtree(left, ignore_errors=True)
    with (
        TemporaryDirectory(prefix="export-", dir=app.settings.var) as folder,
        app.sessions(county) as session,
    ):
        one_view(session)
        done = export_package(
            session, county, Path(folder, "package.zip"), app.files, lean_sketch, now=app.clock.now(), tell=tell,
            geopackage=bool(asked.get("gpkg")), template=app.settings.access_template,
            division=asked.get("division") or "",
        )  # fmt: skip
        with done.path.open("rb") as file:
            sha256, size = app.files.keep(file)
    told = done.as_dict()
    del told["path"]
    return told | {"sha256": sha256, "size": size, "name": f"{done.name}.zip"}


def _reconcile(app: Wiring, county: str, asked: dict[str, Any], tell: Tell) -> dict[str, Any]:
    return reconcile(app, county, tell).as_dict()


WORKS: dict[str, Work] = {
    "check_package": package_works.check_package,
    "compare_package": package_works.compare_package,
    "take_in_package": package_works.take_in_package,
    "verify_history": _verify,
    "backtest_process": _backtest,
    "export_package": _export,
    "check_register": check_register.as_long_work,
    export_ledger.KIND: export_ledger.export_ledger,
    FOLLOW_STORES: follow_stores,
    "reconcile": _reconcile,
}


def ask_long_work(session: Session, clock: Clock, actor: Actor, kind: str, asked: dict[str, Any]) -> UUID:
    """Its id, to follow it by. The caller commits."""
    if kind not in WORKS:
        raise KeyError(kind)
    at = clock.now()
    work_id = long_works.put(session, actor.county, kind, asked, actor.name, at)
    outbox.put(session, actor.county, KIND, {"work": str(work_id)}, at)
    return work_id


def read_long_work(session: Session, county: str, work_id: UUID) -> LongWork:
    found = long_works.find(session, county, work_id)
    if found is None:
        raise NotFound("long_work", "没有这项工作")
    return found


def cancel_long_work(session: Session, county: str, work_id: UUID) -> None:
    """It ends at its next word, or before it begins; what has ended stays as it is. The caller commits."""
    read_long_work(session, county, work_id)
    long_works.write(session, county, work_id, cancel=True)


def carry_out_long_work(app: Wiring, county: str, work_id: UUID) -> None:
    """Done, cancelled, or an exception whose text the row keeps for whoever waits for it."""
    with app.sessions(county) as session:
        row = read_long_work(session, county, work_id)
    if row.ended_at is not None:
        return
    tell = _teller(app, county, work_id)
    try:
        tell(0, None, "begin")
        result = WORKS[row.kind](app, county, row.asked, tell)
    except Cancelled:
        _write(app, county, work_id, status="cancelled", ended_at=app.clock.now())
    except Exception as error:
        _write(app, county, work_id, status="waiting", error=f"{type(error).__name__}: {error}"[:2000])
        raise
    else:
        _write(app, county, work_id, status="done", ended_at=app.clock.now(), result=result, error=None)


def _teller(app: Wiring, county: str, work_id: UUID) -> Tell:
    """Writes at once when the phase changes, else once a second: each is a transaction of its own."""
    last: tuple[float, str] = (0.0, "")

    def tell(done: int, total: int | None, phase: str) -> None:
        nonlocal last
        now = time.monotonic()
        if phase == last[1] and now - last[0] < SECONDS:
            return
        last = (now, phase)
        told = {"done": done, "total": total, "phase": phase, "told_at": datetime.now(UTC)}
        if _write(app, county, work_id, status="running", **told):
            raise Cancelled

    return tell


def _write(app: Wiring, county: str, work_id: UUID, **values: Any) -> bool:
    with app.sessions(county) as session:
        cancel = long_works.write(session, county, work_id, **values)
        session.commit()
    return cancel
