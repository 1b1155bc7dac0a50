"""Every route x every position: who gets in, who is told no, and whose objects are not there. Each net by itself.

The routes are taken from the application itself, so a page added without a guard fails here. The queries must hold
alone: with row security off nothing more may be seen. And so must row security: with the queries' own scope off.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, select, text

from engine.domain.actor import Actor, system
from engine.domain.roles import may, may_act
from engine.queries.scoped import within
from engine.store import long_works
from engine.store.cases import find_case
from engine.store.people import by_username, positions_on
from engine.store.quality import keep_run
from engine.store.scope import session_for
from engine.store.tables.cases import Paper
from engine.store.tables.feed import FeedMessage
from engine.store.tables.quality import QualityFinding
from engine.store.tables.registry import Destruction, HandOver
from engine.store.tables.transfers import LandTransfer
from engine.usecases.carry_out_effect import drain
from engine.usecases.export_ledger import KIND, order
from engine.usecases.long_work import ask_long_work
from engine.usecases.take_in_package import bring_package
from engine.usecases.verify_history import make_checkpoint
from tests.portal_steps import Browser, household
from tests.security.addresses import BODIES, OF_OTHER_CASES, OWN_DESK, PUBLIC, PURPOSE, SCOPED_VALUES, Objects
from tests.web.api_support import API, Program, households_of, sign_in, sign_in_household
from tests.web.staff import COUNTY, Staff, picture

ACCOUNTS = [
    "village1",
    "village2",
    "township1",
    "township2",
    "county",
    "handler",
    "approver",
    "supervisor",
    "surveyor",
    "secretary",
    "chair",
    "firm",
    "steward",
    "admin",
    "sysadmin",
    "secadmin",
    "auditor",
]
OWNER = "village1"  # whose case and household it is about


@pytest.fixture(scope="module")
def clients(web):
    found = {}
    for name in ACCOUNTS:
        found[name] = web.test_client()
        found[name].post("/sign-in", data={"username": name, "password": "tianqi-demo"})
    return found


@pytest.fixture(autouse=True)
def sketches_are_not_drawn(monkeypatch):
    """Who may have one is asked here, forty times over; how one looks is tested elsewhere."""
    monkeypatch.setattr("engine.usecases.sketch_parcels.render_pdf", lambda html: b"%PDF-1.7")
    for module in ("print_case", "counter_receipt"):
        monkeypatch.setattr(f"engine.usecases.{module}.render_document", lambda *_a, **_k: b"%PDF-1.7")
    monkeypatch.setattr("engine.documents.sheets.render_document", lambda *_, **__: b"%PDF-1.7")


@pytest.fixture(scope="module")
def programs(web) -> dict[str, Program]:
    return {name: sign_in(web, name) for name in ACCOUNTS}


@pytest.fixture(scope="module")
def actors(running):
    """account -> (role, division)"""
    with running.sessions() as session:
        held = {
            n: positions_on(session, by_username(session, n).id, running.clock.now().date()) for n in ACCOUNTS
        }
    return {name: (rows[0].role, rows[0].division) for name, rows in held.items()}


@pytest.fixture(scope="module")
def objects(running, clients, programs, actors) -> Objects:
    owner = Staff(clients[OWNER])
    code = owner.households()[0]
    case = owner.start(code)
    task = int(owner.task_path(case).rpartition("/")[2])
    loose = programs[OWNER].upload("/papers", "id_card", picture("#abc").read(), case_type="contract_signing")
    home = programs[OWNER].get(f"/households/{code}").json
    with running.sessions(COUNTY) as session:
        paper = session.scalars(
            select(Paper.id).where(Paper.case_id.is_not(None), Paper.status == "ready")
        ).first()
        make_checkpoint(session, COUNTY, running.signing_key, running.clock.now())
        asked = (
            ("verify_history", {}), ("backtest_process", {"case_type": "contract_signing"}), ("export_package", {}),
            ("reconcile", {}), ("check_register", {"division": COUNTY, "by": "x"}),
        )  # fmt: skip
        works = [str(ask_long_work(session, running.clock, system(COUNTY), *one)) for one in asked]
        made = {"sha256": running.files.put(b"zip"), "name": "x.zip"}
        long_works.write(session, COUNTY, UUID(works[2]), status="done", result=made)
        intake = bring_package(session, running.clock, system(COUNTY), "x.zip", "packages/x.zip", "upload")
        works.append(intake.id)
        holder = replace(system(COUNTY), division=actors[OWNER][1])
        book = order(holder, "contracts", holder.division, running.clock.now().date())
        works.append(str(ask_long_work(session, running.clock, holder, KIND, book)))
        finding = a_finding(session, running.clock.now(), code)
        handed_over = a_hand_over(session, case, running)
        transfer = a_transfer(session, code, actors[OWNER][1])
        destruction = a_destruction(session, actors[OWNER][1], running)
        told = a_feed_message(session, case, running)
        session.commit()
    drain(running)  # so that the workbook is there
    things = (
        home["parcels"][0]["code"],
        home["contract"]["code"],
        finding,
        handed_over,
        transfer,
        destruction,
        told,
    )
    return Objects(case, task, code, home["name"], str(paper), loose.json["id"], *works, *things)


def a_transfer(session, household: str, division: str) -> str:
    """A transfer contract of the register, so that its supervision has a page."""
    day = date(2026, 1, 1)
    session.add(LandTransfer(
            county=COUNTY, number=f"{household}L1", way="lease", recipient="绿禾公司", recipient_kind="unit", id_number="110101199003070038",
            phone="13800000001", address="x", term_start=day, term_end=day.replace(month=12), signed_on=day, use="种植", price="每亩800元",
            total_area=1000, consented=[], state="running", valid_from=day, recorded_at=datetime(2026, 1, 1, tzinfo=UTC), cause="case", cause_ref="x",
            division=division,
    ))  # fmt: skip
    return f"{household}L1"


def a_hand_over(session, number: str, running) -> str:
    case = find_case(session, COUNTY, number)
    facts = {"YWH": f"{number}-01", "QLR": [], "DK": []}
    session.add(HandOver(
        county=COUNTY, id=uuid4(), case_id=case.id, attempt=1, key=f"{number}-01", kind="first", facts=facts,
        state="waiting", made_at=running.clock.now(), made_by="x", file=running.files.put(b"zip"), division=case.division,
    ))  # fmt: skip
    session.flush()
    return f"{number}-01"


def a_feed_message(session, number: str, running) -> str:
    case, made = find_case(session, COUNTY, number), uuid4()
    parts = ("HEAD", "BUSINESS_DATA", "ORIGINAL_DATA", "CHANGE_DATA")
    session.add(FeedMessage(
        county=COUNTY, id=made, case_id=case.id, turn=1, attempt=1, serial=number, code="1031", contractor_code="x",
        contractor_name="x", facts={part: {} for part in parts}, faults=[], state="accepted", made_at=running.clock.now(), made_by="x",
        answer={"code": "100", "text": None}, answered_at=running.clock.now(), division=case.division,
    ))  # fmt: skip
    session.flush()
    return str(made)


def a_destruction(session, division: str, running) -> str:
    now, made = running.clock.now(), uuid4()
    witnesses = [{"name": "甲", "office": "乙"}, {"name": "丙", "office": "丁"}]
    session.add(Destruction(
        county=COUNTY, id=made, number="田溪县销〔2026〕000001号", destroyed_on=now.date(), place="x", way="x",
        witnesses=witnesses, made_at=now, made_by="system", division=division,
    ))  # fmt: skip
    session.flush()
    return str(made)


def a_finding(session, now, code: str) -> int:
    found = {"mark": b"x" * 16, "rule": "A01", "severity": "error", "table": "CBF", "record": code, "field": "CBFDZ",
             "other": None, "message": "x", "said": None, "division": code[:14], "x": None, "y": None}  # fmt: skip
    keep_run(session, COUNTY, "register", [found], ref="", division=COUNTY, by="x", begun_at=now, ended_at=now,
             parcels=1, settings={})  # fmt: skip
    return session.scalars(select(QualityFinding.id).where(QualityFinding.record == code)).first()


ALONE, OFF = "row security alone", "row security off"


# Long work is a county's: its rows have no division, and only the queries tell whose a workbook is.
WITHOUT_NET = "/statistics/works/"


def of_the_county(table, actor, division=None):
    """Takes the place of `within`: no division is looked at."""
    return table.county == actor.county


@pytest.fixture(scope="module", params=[ALONE, OFF])
def net(request, running, objects):
    """The net under the queries without their own scope, and they without it."""
    patch = pytest.MonkeyPatch()
    if request.param == ALONE:
        patch.setattr(within, "__code__", of_the_county.__code__)
        patch.setattr(Actor, "sees", lambda self, division: True)
    engine = create_engine(running.settings.owner_database_url)
    with session_for(engine) as session:
        query = text("select relname from pg_class c join pg_namespace n on n.oid = relnamespace"
                     " where relrowsecurity and nspname = 'operational'")  # fmt: skip
        secured = session.scalars(query).all()
        assert len(secured) >= 12

        def switch(on: bool) -> None:
            for table in secured:
                session.execute(
                    text(
                        f"alter table operational.{table} {'enable' if on else 'disable'} row level security"
                    )
                )
            session.commit()

        switch(request.param == ALONE)
        yield request.param
        switch(True)
        patch.undo()
    engine.dispose()


def routes(web, method: str) -> list[tuple[str, str, str | None]]:
    """(address pattern, endpoint, area) of every route that takes the method."""
    return [
        (rule.rule, rule.endpoint, area_of(web, rule.endpoint, method))
        for rule in web.url_map.iter_rules()
        if method in rule.methods
    ]


def area_of(web, endpoint: str, method: str) -> str | None:
    """The area that its guard asks for. An API address is a class with a function for each method."""
    view = web.view_functions[endpoint]
    handler = getattr(getattr(view, "view_class", None), method.lower(), view)
    return getattr(handler, "area", None)


def test_every_route_is_guarded_or_said_to_be_public(web):
    open_to_all = {
        endpoint
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        for _, endpoint, area in routes(web, method)
        if area is None and not endpoint.startswith("api-docs")
    }
    assert open_to_all <= PUBLIC
    assert {
        "staff",
        "applicant",
        "inbox",
        "cases",
        "register",
        "map",
        "statistics",
        "books",
        "start",
        "unmask",
        "events",
        "studio",
        "jobs",
        "audit",
        "accounts",
        "packages",
        "stores",
        "lookups",
        "quality",
        "remind",
        "registry",
        "registrar",
        "disputes",
        "commission",
        "supervision",
        "firms",
        "field",
    } == {area for method in ("GET", "POST", "PUT", "DELETE") for _, _, area in routes(web, method) if area}


def names_an_object(rule: str) -> bool:
    if "/statistics/works/" in rule:
        return True
    return not rule.startswith("/studio") and any(f"{name}>" in rule for name in SCOPED_VALUES)


def expected(account: str, area: str, rule: str, actors, method: str = "GET") -> int:
    role, division = actors[account]
    if area != "staff" and not may(role, area):
        return 403
    if rule.startswith("/deputies/new/"):  # the holder of the position, and two administrators
        return 200 if account in (OWNER, "sysadmin", "secadmin") else 404
    if rule == "/cases/new/<case_type>" and role != "village_clerk":  # others start other case types
        return 403
    if rule.startswith("/cases/many/"):  # contract signing has no list to start many with
        return 404
    if method != "GET" and not may_act(role, area) and not rule.removeprefix(API).startswith(OWN_DESK):
        return 403
    sees = actors[OWNER][1].startswith(division)
    found = 422 if rule.endswith(OF_OTHER_CASES) else 200
    return 404 if names_an_object(rule) and not sees else found


def test_every_page_for_every_position(web, clients, actors, objects, net):
    """200 for whoever may, 403 for another area, 404 for another office's objects, as if there were none."""
    pages = [
        (r, a) for r, _, a in routes(web, "GET") if a not in (None, "applicant") and not r.startswith(API)
    ]
    assert len(pages) > 20
    wrong = []
    for rule, area in pages:
        for account in ACCOUNTS:
            wanted = expected(account, area, rule, actors)
            if net == ALONE and WITHOUT_NET in rule and wanted == 404:
                continue
            if net == OFF and account != OWNER and wanted != 404:
                continue  # the guards, and what one may see, do not hang on the net
            answer = clients[account].get(objects.fill(rule))
            if answer.status_code != wanted:
                wrong.append((rule, account, answer.status_code, wanted))
            if answer.status_code != 200:
                assert objects.name not in answer.text
    assert wrong == []


def test_every_api_address_for_every_position(web, programs, actors, objects, net):
    addresses = [
        (r, a) for r, _, a in routes(web, "GET") if a not in (None, "applicant") and r.startswith(API)
    ]
    assert len(addresses) > 10
    wrong = []
    for rule, area in addresses:
        for account in ACCOUNTS:
            wanted = expected(account, area, rule, actors)
            if net == ALONE and WITHOUT_NET in rule and wanted == 404:
                continue
            if net == OFF and account != OWNER and wanted != 404:
                continue
            answer = programs[account].get(objects.fill(rule))
            if answer.status_code != wanted:
                wrong.append((rule, account, answer.status_code, wanted))
            if answer.status_code != 200:
                assert objects.name not in answer.text
    assert wrong == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_is_changed_from_outside(web, clients, programs, actors, objects, net, method):
    """Another area is told no, another office finds nothing; neither gets as far as the form."""
    wrong = []
    for rule, _, area in routes(web, method):
        if area in (None, "applicant", "staff"):
            continue
        for account in ACCOUNTS:
            path = objects.fill(rule)
            if path.startswith("/cases/new/"):
                path += f"?contractor={objects.household}"
                own = actors[account][0] == "village_clerk"  # others start other case types
                wanted = expected(account, area, "<code>", actors, method) if own else 403
            else:
                wanted = expected(account, area, rule, actors, method)
            unnetted = net == ALONE and WITHOUT_NET in rule and wanted == 404
            if wanted in (200, 422) or unnetted or (net == OFF and wanted == 403):
                continue
            asked = (
                {"json": BODIES.get(rule.rpartition("/")[2], {})}
                if rule.startswith(API)
                else {"data": PURPOSE}
            )
            sender = programs[account].ask if rule.startswith(API) else page_sender(clients[account])
            answer = sender(method, path, **asked)
            if answer.status_code != wanted:
                wrong.append((rule, account, answer.status_code, wanted))
    assert wrong == []


def page_sender(client):
    return lambda method, path, **options: client.open(path, method=method, **options)


def test_lists_show_the_own_offices_alone(clients, programs, actors, objects, net):
    """Searching for another village's case, household or parcels finds nothing."""
    for account in ("village2", "township2"):
        client = clients[account]
        for path in (f"/inbox?tab=claim&q={objects.case}", f"/register?q={objects.household}", "/register"):
            addresses = " ".join(
                re.findall(r'(?:href|action)="(/(?:cases|register)/[^"?]*)', client.get(path).text)
            )
            assert objects.case not in addresses
            assert objects.household not in addresses
        own = actors[account][1]
        for asked in ("", f"?division={actors[OWNER][1]}", f"?division={COUNTY}"):
            drawn = client.get(f"/map/parcels.geojson{asked}").json["features"]
            codes = {feature["properties"]["code"] for feature in drawn}
            assert codes
            assert all(code.startswith(own) for code in codes)
        for path in ("/cases", "/tasks?list=claimable", "/households"):
            assert (
                objects.case
                not in programs[account].get(f"{path}{'&' if '?' in path else '?'}limit=100").text
            )
        code = f"/households?limit=100&q={objects.household}"
        assert programs[account].get(code).json["items"] == []


def test_a_file_that_no_case_has_yet_is_its_givers_alone(clients, objects, net):
    seen = {name: client.get(f"/papers/{objects.loose}").status_code for name, client in clients.items()}
    assert seen.pop(OWNER) == 200
    assert {seen.pop(name) for name in ("admin", "steward", "sysadmin", "secadmin")} == {403}
    assert set(seen.values()) == {404}


def test_strangers_and_applicants_are_sent_to_sign_in(web, running, objects):
    """The applicants' session is no key to the staff's pages, and theirs is none to the portal's."""
    stranger, applicant = web.test_client(), Browser(running, web.test_client())
    applicant.sign_in(household(running, 3))
    assert applicant.client.get("/portal/").status_code == 200
    for rule, _, area in routes(web, "GET"):
        if area in (None, "applicant") or rule.startswith(API):
            continue
        for client in (stranger, applicant.client):
            answer = client.get(objects.fill(rule))
            assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/sign-in"), rule


def test_the_portals_pages_are_not_for_staff(web, clients, objects):
    for rule, _, area in routes(web, "GET"):
        if area == "applicant" and not rule.startswith(API):
            for name in ("village1", "county", "auditor"):
                answer = clients[name].get(objects.fill(rule))
                assert (answer.status_code, answer.location) == (302, "/portal/sign-in"), rule


def test_the_api_tells_strangers_nothing_and_tokens_do_not_cross(web, running, programs, objects):
    applicant = sign_in_household(web, running, households_of(running, programs["county"])[5])
    stranger = Program(web.test_client())
    for method in ("GET", "POST", "PUT", "DELETE"):
        for rule, _, area in routes(web, method):
            if area is None or not rule.startswith(API):
                continue
            path = objects.fill(rule)
            assert stranger.ask(method, path).status_code == 401, rule
            crossed = programs["county"] if area == "applicant" else applicant
            assert crossed.ask(method, path).status_code == 403, rule


def test_one_households_things_are_not_anothers(web, running, programs):
    """Ids of drafts, uploads and submissions that are real, but another applicant's."""
    homes = households_of(running, programs["county"])
    mine, other = sign_in_household(web, running, homes[6]), sign_in_household(web, running, homes[7])
    draft = mine.post("/portal/drafts", {"case_type": "contract_signing"}).json["id"]
    upload = mine.upload(
        "/portal/uploads", "id_card", picture("#cab").read(), case_type="contract_signing"
    ).json["id"]
    for method, path in (
        ("GET", f"/portal/drafts/{draft}"),
        ("DELETE", f"/portal/drafts/{draft}"),
        ("POST", f"/portal/drafts/{draft}/submission"),
    ):
        assert other.ask(method, path).status_code == 404, path
    assert other.put(f"/portal/drafts/{draft}", {"data": {"phone": "1"}}).status_code == 404
    answers = {"kind": "renew", "papers": {"id_card": [upload]}}
    refused = other.post("/portal/applications", {"case_type": "contract_signing", "answers": answers})
    assert refused.status_code == 422
    assert "papers" in refused.json["errors"]
    assert mine.get(f"/portal/drafts/{draft}").json["data"] == {}
