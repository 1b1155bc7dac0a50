"""The messages to the upper platform of what a case files, made in the transaction that files it (domain.md 1.12)."""

from collections.abc import Sequence
from typing import Any

from engine.domain import events, feed
from engine.domain.changes import Register, differences
from engine.domain.clock import SHANGHAI
from engine.exchange.exporting.extract import extract
from engine.operations.work import Work
from engine.store import feed as store
from engine.store import serials
from engine.store.tables.feed import FeedMessage

Rows = dict[str, list[dict[str, Any]]]
EFFECT = "send_feed"


def concerned(work: Work, now: Register, after: Register) -> tuple[list[str], list[str]]:
    """(contractors, parcels) that the messages are about: whoever's entry changes, with all their land."""
    things = differences(now, after)
    parcels = {one.code for one in things if one.kind == "parcels"}
    codes = {one.code for one in things if one.kind in ("contractors", "contracts")}
    for register in (now, after):
        codes |= {holder.contractor for parcel in parcels for holder in register.holders(parcel)}
        parcels |= {
            code for one in codes if one in register.contracts for code in register.contracts[one].codes
        }
    return sorted(codes or {work.case.contractor_code}), sorted(parcels)


def rows_of(work: Work, contractors: Sequence[str], parcels: Sequence[str]) -> Rows:
    """What the register has of them now, in the standard's words."""
    return extract(work.session, work.case.county, work.case.issuing_party_code, contractors, parcels)


def write_feed(work: Work, code: str, before: Rows, after: Rows, came_of: dict[str, list[str]]) -> list[str]:
    """The messages of that business code; of the kinds that are about one household, one for each. Gives their serials.

    A change that the platform's draft has no element for is still told, and what it lacks stands beside it.
    """
    made: list[str] = []
    for own in abouts(work, code, before, after):
        part = [own] if code[:3] in feed.BY_HOUSEHOLD else None
        made.append(_write(work, code, own, of(before, part), of(after, part), came_of, first=not made))
    work.later(EFFECT, {"county": work.case.county})
    return made


def abouts(work: Work, code: str, before: Rows, after: Rows) -> list[str]:
    """Whose messages: the case's own household's first."""
    own = work.case.contractor_code
    if code[:3] not in feed.BY_HOUSEHOLD:
        return [own]
    others = sorted({*feed.codes(before), *feed.codes(after)} - {own})
    return [own, *others]


def of(rows: Rows, contractors: list[str] | None) -> Rows:
    """Only what is theirs."""
    if contractors is None:
        return rows
    land = {row["DKBM"] for row in rows["CBDKXX"] if row["CBFBM"] in contractors}
    kept: Rows = {}
    for name, found in rows.items():
        if name == "DK":
            kept[name] = [row for row in found if row["DKBM"] in land]
        elif name in ("JZD", "JZX"):
            kept[name] = [row for row in found if land & {*str(row["DKBM"]).split("/")}]
        elif name == "CBJYQZ":
            entries = {row["CBJYQZBM"] for row in rows["CBJYQZDJB"] if row["CBFBM"] in contractors}
            kept[name] = [row for row in found if row["CBJYQZBM"] in entries]
        else:
            kept[name] = [row for row in found if row.get("CBFBM") in (None, *contractors)]
    return kept


def _write(
    work: Work, code: str, own: str, before: Rows, after: Rows, came_of: dict[str, list[str]], first: bool
) -> str:
    turn, message_id = store.next_turn(work.session, work.case.county), work.new_id()
    serial = work.case.number if first else _serial(work)
    division = work.office("village")
    about = feed.About(
        code=code,
        guid=str(message_id),
        at=f"{work.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        serial=serial,
        previous=store.serial_of_turn(work.session, work.case.county, turn - 1),
        division=division.code,
        division_name=division.full_name,
        day=f"{work.today:%Y%m%d}",
        party=work.case.issuing_party_code,
        own=own,
        reason=reason_of(work, code),
        crs=f"EPSG:{work.county.srid}",
    )
    facts = feed.message(about, before, after, came_of)
    wrong = feed.faults(facts)
    work.session.add(
        FeedMessage(
            county=work.case.county,
            id=message_id,
            case_id=work.case.id,
            turn=turn,
            attempt=1,
            serial=serial,
            code=code,
            contractor_code=own,
            contractor_name=_name(own, after) or _name(own, before) or work.case.contractor_name,
            facts=facts,
            faults=wrong,
            state=feed.WAITING,
            made_at=work.at,
            made_by=work.actor.id,
            division=work.case.division,
        )
    )
    work.session.flush()
    work.say(events.FEED_WRITTEN, {"serial": serial, "code": code, "contractor": own, "faults": wrong})
    return serial


def _serial(work: Work) -> str:
    """A business number of the same row as the cases': county, day, six digits."""
    day = f"{work.today:%Y%m%d}"
    return f"{work.case.county}{day}{serials.take(work.session, work.case.county, 'case', day):06d}"


def _name(code: str, rows: Rows) -> str | None:
    return next((row["CBFMC"] for row in rows["CBF"] if row["CBFBM"] == code), None)


def reason_of(work: Work, code: str) -> str:
    """ZXYY: what the application gives as grounds, else what the code says."""
    application = work.data.get(work.case_type.start_variable) or {}
    return str(application.get("grounds") or application.get("reason") or feed.code_name(code))[:200]
