"""A data steward brings a delivery package, sees what it would change, and a second one confirms that it does.

Checking and taking in are long work (package_works.py). A county whose setting ``second_person_for_packages`` is
false does without the second person; the batch then has nobody in ``confirmed_by``, and a first package changes
nothing that stands, so it needs none either.
"""

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, NotFound, Refused
from engine.exchange.importing import intakes
from engine.settings import Settings
from engine.store.tables.packages import PackageIntake
from engine.store.tables.reference import County
from engine.usecases.long_work import ask_long_work, cancel_long_work
from engine.usecases.package_files import incoming, remove_upload

SETTING = "second_person_for_packages"


def bring_package(
    session: Session, clock: Clock, actor: Actor, name: str, place: str, source: str
) -> PackageIntake:
    """Take note of a package and ask for its check. ``source``: upload or folder. The caller commits."""
    intake = intakes.bring(session, actor.county, name, source, (actor.name, actor.id), clock.now())
    intake.place = place
    intake.work = ask_long_work(session, clock, actor, "check_package", {"intake": intake.id})
    return intake


def bring_from_folder(
    session: Session, clock: Clock, actor: Actor, settings: Settings, name: str
) -> PackageIntake:
    """One of ``incoming``; NotFound for any other name."""
    if name not in incoming(settings, actor.county):
        raise NotFound("incoming", "接收文件夹里没有这个成果包")
    return bring_package(session, clock, actor, name, f"{actor.county}/{name}", "folder")


def ask_to_take_in(session: Session, clock: Clock, actor: Actor, number: int) -> PackageIntake:
    """Hand the difference to a second person, or begin at once where none is needed. The caller commits."""
    intake = _in_state(session, actor.county, number, "staged")
    intake.asked_by, intake.asked_by_id = actor.name, actor.id
    if needs_second_person(session, intake):
        intake.status = "asked"
    else:
        _begin(session, clock, actor, intake, None)
    return intake


def confirm(session: Session, clock: Clock, actor: Actor, number: int) -> PackageIntake:
    """By another person than the one who asked. The caller commits."""
    intake = _in_state(session, actor.county, number, "asked")
    if actor.id == intake.asked_by_id:
        raise Refused("second_person", "导入需要另一人确认：提出的人不能自己确认")
    _begin(session, clock, actor, intake, actor.name)
    return intake


def take_back(session: Session, actor: Actor, number: int) -> PackageIntake:
    """From waiting for the second person to staged again: by who asked, or by who would not confirm."""
    intake = _in_state(session, actor.county, number, "asked")
    intake.status, intake.asked_by, intake.asked_by_id = "staged", None, None
    return intake


def compare_again(session: Session, clock: Clock, actor: Actor, number: int) -> PackageIntake:
    """The register has changed since: find the difference anew."""
    intake = _in_state(session, actor.county, number, "staged", "asked")
    intake.status, intake.asked_by, intake.asked_by_id = "waiting", None, None
    intake.work = ask_long_work(session, clock, actor, "compare_package", {"intake": intake.id})
    return intake


def drop_package(
    session: Session, clock: Clock, actor: Actor, settings: Settings, number: int
) -> PackageIntake:
    """It will not be taken in: what was staged goes, work on it is told to end. The caller commits."""
    intake = _in_state(session, actor.county, number, *intakes.OPEN)
    if intake.work is not None:
        cancel_long_work(session, actor.county, intake.work)
    intakes.drop(session, intake, clock.now())
    remove_upload(settings, intake)
    return intake


def needs_second_person(session: Session, intake: PackageIntake) -> bool:
    county = session.get(County, intake.county)
    asked = county is None or county.settings.get(SETTING, True)
    return bool(asked) and intake.difference is not None


def _begin(
    session: Session, clock: Clock, actor: Actor, intake: PackageIntake, confirmed_by: str | None
) -> None:
    intake.status = "taking"
    intake.work = ask_long_work(
        session, clock, actor, "take_in_package", {"intake": intake.id, "confirmed_by": confirmed_by}
    )


def _in_state(session: Session, county: str, number: int, *states: str) -> PackageIntake:
    intake = session.get(PackageIntake, (county, number), with_for_update=True, populate_existing=True)
    if intake is None:
        raise NotFound("intake", "没有这个成果包")
    if intake.status not in states:
        raise Conflict("intake_state", "这个成果包的状态已经变了，请刷新页面")
    return intake
