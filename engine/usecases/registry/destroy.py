"""收回销毁: old certificates are destroyed together, by a list, before two witnesses."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Conflict, Invalid
from engine.domain.said import say
from engine.store import registry, serials
from engine.store.register import county_of
from engine.store.tables.registry import Destruction

WITNESSES = 2
LONGEST = 100


def destroy_certificates(
    session: Session, clock: Clock, actor: Actor, ids: Sequence[UUID], said: dict[str, Any]
) -> Destruction:
    """``said``: destroyed_on, place, way, witnesses [{name, office}, {name, office}].

    Invalid by field; Conflict when one of the certificates is on another list already. Commits nothing.
    """
    at = clock.now()
    destroyed_on, wrong = _day(said.get("destroyed_on"), local_date(at))
    place, way = _text(said, "place", wrong), _text(said, "way", wrong)
    witnesses = _witnesses(said.get("witnesses"), actor, wrong)
    if not ids:
        wrong["certificates"] = [say("请选择要销毁的权证")]
    if wrong:
        raise Invalid(wrong)
    assert destroyed_on is not None
    rows = registry.lock_collected(session, actor.county, ids)
    if len(rows) != len(set(ids)) or any(not actor.sees(row.division) for row in rows):
        raise Invalid({"certificates": [say("所选的权证中有的不存在，请刷新后再选")]})
    taken = next((row for row in rows if row.destruction_id is not None), None)
    if taken is not None:
        raise Conflict("destroyed", "权证 %(serial)s 已在其他销毁清单上", serial=taken.serial or taken.code)
    if any(row.collected_on > destroyed_on for row in rows):
        raise Invalid({"destroyed_on": [say("销毁日期不能早于收回日期")]})
    year = str(destroyed_on.year)
    serial = serials.take(session, actor.county, "destruction", year)
    made = Destruction(
        county=actor.county,
        id=uuid4(),
        number=f"{county_of(session, actor.county).name}销〔{year}〕{serial:06d}号",
        destroyed_on=destroyed_on,
        place=place,
        way=way,
        witnesses=witnesses,
        made_at=at,
        made_by=actor.id,
        division=actor.division,
    )
    session.add(made)
    for row in rows:
        row.destruction_id = made.id
    session.flush()
    return made


def _day(given: Any, today: date) -> tuple[date | None, dict[str, list[str]]]:
    try:
        day = date.fromisoformat(str(given or ""))
    except ValueError:
        return None, {"destroyed_on": [say("请填写日期")]}
    return day, {"destroyed_on": [say("日期不能晚于今天")]} if day > today else {}


def _text(said: dict[str, Any], name: str, wrong: dict[str, list[str]]) -> str:
    value = str(said.get(name) or "").strip()
    if not value or len(value) > LONGEST:
        wrong[name] = [say("请填写，不超过100字")]
    return value


def _witnesses(given: Any, actor: Actor, wrong: dict[str, list[str]]) -> list[dict[str, str]]:
    """Two persons, neither of them who destroys."""
    rows = given if isinstance(given, list) else []
    found = [
        {"name": str(row.get("name") or "").strip(), "office": str(row.get("office") or "").strip()}
        for row in rows
        if isinstance(row, dict)
    ]
    names = [row["name"] for row in found if row["name"] and row["office"]]
    if len(names) != WITNESSES or any(len(value) > LONGEST for row in found for value in row.values()):
        wrong["witnesses"] = [say("请填写两名监销人的姓名和单位")]
    elif len(set(names)) != WITNESSES or actor.name in names:
        wrong["witnesses"] = [say("两名监销人不能是同一人，也不能是经办人本人")]
    return found
