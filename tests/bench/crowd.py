"""What finished and waiting cases of others cost: a step among 100,000 finished cases, an inbox among open tasks.

Finished cases are written in bulk, by SQL: the case, its state, 8 tasks, 8 deadlines, 24 events with payloads and
10 outbox rows each, all indexes and row security in place. They belong to other people, lie in every village of the
county, and come years before the measured ones, as history does. BENCH_CASES=10000 makes a shorter run of it.
"""

import os

from engine.domain.actor import Actor
from engine.domain.calendar import shipped_calendar
from engine.queries import inbox
from engine.queries.inbox_asked import NOTHING, Asked
from tests.bench.measure import Figure, milliseconds, paired, seconds, times
from tests.bench.model import answers, application
from tests.bench.ours import Ours
from tests.bench.place import COUNTY, Place

FEW, MANY = 1_000, int(os.environ.get("BENCH_CASES", "100000"))
TASKS, DEADLINES, EVENTS, EFFECTS = 8, 8, 24, 10
GOAL, INBOX_GOAL = 1.2, 2.0

FINISHED = """
    create temporary table made as
    select %(county)s::char(6) as county, gen_random_uuid() id, n, v.division,
           timestamptz '2021-01-01' + n * interval '10 minutes' as at
    from generate_series(%(first)s::bigint, %(last)s::bigint) n
    join (select division, row_number() over () - 1 place, count(*) over () places
          from (select distinct division from operational.contractors where county = %(county)s) d) v
      on n %% v.places = v.place;
    insert into operational.cases (county, id, number, case_type, version_id, division, issuing_party_code,
        contractor_code, contractor_name, origin, status, outcome, started_at, changed_at, ended_at,
        revision)
    select county, id, county || '2021' || lpad(n::text, 10, '0'), 'bench_change', 'old', division, division,
        division || '0001', '张三', 'village', 'completed', 'filed', at, at + interval '40 days',
        at + interval '40 days', 15 from made;
    insert into operational.case_states (county, case_id, state)
    select county, id, '{{"d": {{}}, "f": 2, "filler": "' || repeat(md5(n::text), 40) || '"}}' from made;
    insert into operational.tasks (county, case_id, number, element, name, form, role, office, division, status,
        assignee, opened_at, due_at, claimed_at, ended_at, ended_by)
    select county, id, t, 'apply', 'apply', 'apply', 'village_clerk', left(division, 12), division, {status},
        {assignee}, at, at + interval '7 days', at, {ended}, '李四' from made, generate_series(1, {tasks}) t;
    insert into operational.deadlines (county, id, case_id, task_number, name, kind, unit, length, started_at,
        due_at, status, division)
    select county, gen_random_uuid(), id, t, 'publicity', 'limit', 'working_days', 5, at, at + interval '7 days',
        'met', division from made, generate_series(1, {deadlines}) t;
    insert into operational.events (county, case_id, seq, at, actor, actor_name, position, kind, element,
        task_number, payload_hash, hash)
    select county, id, s, at + s * interval '1 hour', 'somebody-' || n %% 50, '李四',
        'village_clerk@' || left(division, 12), 'task_completed', 'apply', 1, sha256(id::text::bytea),
        sha256((id::text || s)::bytea) from made, generate_series(1, {events}) s;
    insert into operational.event_payloads (county, case_id, seq, salt, body)
    select county, id, s, decode(md5(s::text), 'hex'), '{{"data":"' || repeat(md5(n::text), 8) || '"}}'
    from made, generate_series(1, {events}) s;
    insert into operational.outbox (county, case_id, kind, payload, status, attempts, created_at, done_at)
    select county, id, 'publish_case', '{{"case": "x"}}', 'done', 1, at, at
    from made, generate_series(1, {effects});
    insert into operational.case_texts (county, case_id, division, words, pieces)
    select county, id, division, words, array_to_tsvector(array(
        select distinct substr(words, at, case when substr(words, at, 1) < ':' then 4 else 2 end)
        from generate_series(1, length(words)) at where substr(words, at, 1) > ' '))
    from (select county, id, division, county || '2021' || lpad(n::text, 10, '0') || E'\\n张' || {rare} ||
                 E'\\n东边的田埂去年被水冲过，四至以现场指认为准' words from made) told;
    drop table made;
"""
# a given name of two characters; each is met about once in 2,500 cases
RARE = "chr((19968 + n * 7 %% 50)::int) || chr((19968 + n * 11 %% 49)::int)"


def load(place: Place, first: int, last: int) -> None:
    """Finished cases with those serials, and fresh statistics."""
    shape = {"status": "'done'", "assignee": "gen_random_uuid()", "ended": "at"}
    _fill(place, first, last, shape | _counts(TASKS, DEADLINES, EVENTS, EFFECTS))


def load_waiting(place: Place, first: int, last: int) -> None:
    """Cases with one task that waits to be claimed."""
    shape = {"status": "'open'", "assignee": "null::uuid", "ended": "null::timestamptz"}
    _fill(place, first, last, shape | _counts(1, 1, 2, 1))


def _counts(tasks: int, deadlines: int, events: int, effects: int) -> dict[str, str]:
    found = {"tasks": tasks, "deadlines": deadlines, "events": events, "effects": effects}
    return {name: str(count) for name, count in found.items()}


def _fill(place: Place, first: int, last: int, shape: dict[str, str]) -> None:
    values = {"county": f"'{COUNTY}'", "first": str(first), "last": str(last)}
    script = FINISHED.format(**shape, rare=RARE)
    for name, value in values.items():
        script = script.replace(f"%({name})s", value)
    with place.admin as connection:
        connection.execute(
            "set session_replication_role = replica"
        )  # no foreign key checks for what is made up
        connection.execute("set synchronous_commit = off")
        connection.execute(script.replace("%%", "%"))
        connection.execute("vacuum analyze")


def bytes_per_case(place: Place, cases: int) -> dict[str, int]:
    """Table -> bytes with its indexes and TOAST, for each finished case."""
    tables = ("cases", "case_states", "tasks", "deadlines", "events", "event_payloads", "outbox")
    query = "select pg_total_relation_size(%s::regclass)"
    with place.admin as connection:
        return {
            table: connection.execute(query, (f"operational.{table}",)).fetchone()[0] // cases  # type: ignore[index]
            for table in tables
        }


class Steps:
    """First steps of cases that stand ready."""

    def __init__(self, place: Place, cases: int):
        self.ours = Ours(place.app, COUNTY)
        self.ready = [self.ours.start(application(1)) for _ in range(cases)]

    def step(self) -> float:
        case = self.ready.pop()
        return seconds(lambda: self.ours.complete(case, "apply", answers("apply", False, 1)))


ROUNDS, STEPS = 6, 20


def figures(few: Place, many: Place) -> list[Figure]:
    load(few, 1, FEW)
    load(many, 1, MANY)
    count = ROUNDS * STEPS + 20
    crowded, empty = Steps(many, count), Steps(few, count)
    for _ in range(20):  # plans and pages become warm
        crowded.step()
        empty.step()
    found = paired(crowded.step, empty.step, ROUNDS, STEPS)
    ratio = 1 / found.ratio
    name = f"a step with {MANY:,} finished cases, beside {FEW:,}"
    sizes = bytes_per_case(many, MANY)
    return [
        Figure(
            name,
            milliseconds(found.ours),
            milliseconds(found.baseline),
            times(ratio),
            f"<= {GOAL}x",
            ratio <= GOAL,
        ),
        Figure(
            f"bytes of a finished case ({', '.join(f'{k} {v:,}' for k, v in sizes.items())})",
            f"{sum(sizes.values()):,}",
            "",
            "",
            "",
            None,
        ),
        *_inbox(few, many, crowded.ours.actors["village"]),
    ]


def _inbox(few: Place, many: Place, clerk: Actor) -> list[Figure]:
    load_waiting(few, MANY + 1, MANY + FEW)
    load_waiting(many, MANY + 1, MANY * 2)
    officer = Actor(clerk.id, clerk.name, "county_officer", COUNTY, COUNTY)
    word = f"张{chr(19968 + 7 * 30 % 50)}{chr(19968 + 11 * 30 % 49)}"
    lists = (
        ("a clerk's inbox", clerk, "claim", NOTHING),
        ("a clerk's inbox of what is due soon", clerk, "claim", Asked(due="soon")),
        ("all cases of the county", officer, "all", NOTHING),
        ("a name sought in the content of all cases of the county", officer, "all", Asked(words=word)),
    )
    return [_list(few, many, *one) for one in lists]


def _list(few: Place, many: Place, name: str, actor: Actor, tab: str, asked: Asked) -> Figure:
    def read(place: Place) -> float:
        def page() -> None:
            with place.app.sessions(actor.scope) as session:
                now, calendar = place.app.clock.now(), shipped_calendar()
                wanted = asked.on(calendar, now)
                inbox.counts(session, actor, now, wanted)
                inbox.listing(session, actor, tab, 1, wanted, calendar, now)

        return seconds(page)

    read(few), read(many)
    found = paired(lambda: read(many), lambda: read(few), 5, 6)
    ratio = 1 / found.ratio
    return Figure(
        f"{name} with {MANY:,} open tasks in the county, beside {FEW:,}",
        milliseconds(found.ours),
        milliseconds(found.baseline),
        times(ratio),
        f"<= {INBOX_GOAL:.0f}x (issue 5)",
        ratio <= INBOX_GOAL,
    )
