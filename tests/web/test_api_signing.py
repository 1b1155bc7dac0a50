"""A contract signed by a program alone: the household by code, number and strokes, the issuing party on the pad, certified,
sealed, verified. And whoever may not: another household, a late, a foreign, a used code, another's number, two at once.
"""

import io
import re
from datetime import timedelta

import pytest
from api_support import (
    COUNTY,
    Program,
    clerk_of,
    households_of,
    is_problem,
    picture,
    sign_in,
    sign_in_household,
    work,
)
from sqlalchemy import select

from engine.domain.register import Household
from engine.reading.signatures import read_seals
from engine.store.tables.cases import Case
from engine.store.tables.signing import Signature
from engine.usecases.scenarios.samples import SIGNATURE
from engine.usecases.seals import known_certificates
from tests.contract_scan import contract_of
from tests.portal_steps import PASSED, PROPOSED, office_does, words
from tests.usecases.acting import at_once

APPROVED = {"decision": "approve", "opinion": "同意。"}


class Story:
    """The household's program, its village's, another household's, and the case as it goes."""

    def __init__(self, web, running):
        self.web, self.running = web, running
        county = sign_in(web, "county")
        self.home: Household = households_of(running, county)[0]
        self.village = sign_in(web, clerk_of(running, self.home))
        other = next(one for one in households_of(running, self.village) if one.code != self.home.code)
        self.mine, self.others = (sign_in_household(web, running, one) for one in (self.home, other))
        self.number = self.applied()

    def applied(self) -> str:
        known = self.mine.get("/portal/me").json["facts"]
        card = self.mine.upload("/portal/uploads", "id_card", picture(), case_type="contract_signing")
        answers = {
            "kind": "renew",
            "members_right": "right",
            "parcels": [parcel["code"] for parcel in known["parcels"]],
            "parcels_right": "right",
            "phone": self.home.phone,
            "papers": {"id_card": [card.json["id"]]},
            "agreed": "yes",
        }
        content = {"case_type": "contract_signing", "answers": answers}
        taken = self.outcome(self.mine, self.mine.post("/portal/applications", content))
        for said in (PASSED, {"decision": "pass", "opinion": "通过。"}, PROPOSED, APPROVED):
            office_does(self.running, taken["case"], said)
        self.running.clock.move_to(self.running.clock.now() + timedelta(days=20))
        work(self.running)
        self.number = taken["case"]
        photo = self.village.upload("/papers", "publicity_photo", picture(), case_type="contract_signing")
        papers = {"publicity_photo": [photo.json["id"]]}
        self.office({"places": ["own", "neighbours"], "outcome": "none", "papers": papers})
        contract_of(self.running, taken["case"])
        self.office({"way": "phone"})
        work(self.running)
        return taken["case"]

    def task(self) -> str:
        [task] = self.village.get(f"/cases/{self.number}").json["tasks"]
        return f"/cases/{self.number}/tasks/{task['number']}"

    def office(self, answers: dict) -> None:
        """The village's open task, claimed and done."""
        task = self.task()
        self.village.post(f"{task}/claim")
        revision = self.village.get(task).headers["ETag"]
        done = self.village.post(f"{task}/complete", {"answers": answers}, match=revision)
        assert done.status_code == 200, done.text

    def outcome(self, program: Program, handed) -> dict:
        """Of what the portal took in, once it was looked at inside."""
        assert handed.status_code == 202, handed.text
        work(self.running)
        return program.get(handed.headers["Location"]).json

    @property
    def at(self) -> str:
        return f"/portal/cases/{self.number}/signature"

    def code(self, phone: str) -> str:
        texts = [m["text"] for m in self.mine.get("/demo/messages").json if m["to"] == phone]
        return next(found[1] for text in texts if (found := re.search(r"合同的验证码 (\d{6})", text)))

    def new_code(self) -> str:
        sent = self.outcome(self.mine, self.mine.post(f"{self.at}/code", {}))
        assert sent["status"] == "taken", sent
        return self.code(self.home.phone)

    def signature(self, code: str, **changes) -> dict:
        document = self.mine.get(self.at).json["document"]["sha256"]
        return {
            "document": document,
            "agreed": "yes",
            "id_number": self.home.id_number,
            "code": code,
            "signature": SIGNATURE,
        } | changes

    def signatures(self) -> list[Signature]:
        with self.running.sessions(COUNTY) as session:
            case = select(Case.id).where(Case.number == self.number).scalar_subquery()
            return list(session.scalars(select(Signature).where(Signature.case_id == case)))


@pytest.fixture(scope="module")
def story(web, running):
    return Story(web, running)


def test_what_is_not_right_signs_nothing(story):
    """Each is told what is wrong; nothing is signed by any of them."""
    is_problem(story.others.get(story.at), 404)
    is_problem(story.others.post(f"{story.at}/code", {}), 404)
    is_problem(story.others.post(story.at, story.signature("123456")), 404)
    is_problem(story.mine.post(story.at, story.signature("123456") | {"signature": {}}), 422)
    code = story.new_code()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for changes, field in (
        ({"code": wrong}, "code"),
        ({"id_number": story.home.issuing_party.head_id_number}, "id_number"),
    ):
        handed = story.mine.post(story.at, story.signature(code) | changes)
        refused = story.outcome(story.mine, handed)
        assert refused["status"] == "refused"
        assert field in refused["answer"]["errors"]
    altered = story.outcome(story.mine, story.mine.post(story.at, story.signature(code, document="0" * 64)))
    assert altered["answer"]["code"] == "document"
    story.running.clock.move_to(story.running.clock.now() + timedelta(minutes=11))
    late = story.outcome(story.mine, story.mine.post(story.at, story.signature(code)))
    assert "code" in late["answer"]["errors"]
    newer, before = story.new_code(), code
    if newer != before:  # the one before is void, though in time
        void = story.outcome(story.mine, story.mine.post(story.at, story.signature(before)))
        assert "code" in void["answer"]["errors"]
    assert story.signatures() == []


def test_of_two_at_once_with_one_code_one_signs(story):
    """Both are handed in before either is looked at; the code serves once, and so does the task."""
    code = story.new_code()
    signed = story.signature(code)
    first, second = (story.mine.post(story.at, signed) for _ in range(2))
    assert first.headers["Location"] != second.headers["Location"]
    taken, other = story.outcome(story.mine, first), story.mine.get(second.headers["Location"]).json
    assert sorted([taken["status"], other["status"]]) == ["refused", "taken"]
    [signature] = story.signatures()
    assert (signature.party, signature.signer_name, signature.way) == ("household", story.home.name, "phone")
    again = {**signed, "code": code}
    is_problem(story.mine.post(story.at, again), 404)  # nothing is asked of it any more


def test_the_issuing_party_signs_once_however_many_press(story):
    """The household's code is not its code; two requests at once make one signature."""
    task, issuer = story.task(), story.home.issuing_party
    household_code = story.code(story.home.phone)
    story.village.post(f"{task}/claim")
    document = story.village.get(f"/cases/{story.number}/papers").json
    sha256 = next(paper["sha256"] for paper in document if paper["kind"] == "contract")
    answers = {
        "document": sha256,
        "agreed": "yes",
        "id_number": issuer.head_id_number,
        "code": household_code,
        "signature": SIGNATURE,
    }

    def complete(content):
        match = story.village.get(task).headers["ETag"]
        return story.village.post(f"{task}/complete", {"answers": content}, match=match)

    is_problem(complete(answers), 422)
    assert story.village.post(f"{task}/code", {}).status_code == 200
    work(story.running)
    answers["code"] = story.code(issuer.phone)
    done = at_once(lambda: complete(answers), lambda: complete(answers))
    assert sorted(answer.status_code for answer in done)[0] == 200
    assert max(answer.status_code for answer in done) in (409, 412, 422)
    assert [one.party for one in story.signatures()] == ["household", "issuer"]


def test_it_is_certified_sealed_and_verified(story):
    papers = story.village.get(f"/cases/{story.number}/papers").json
    sha256 = next(paper["sha256"] for paper in papers if paper["kind"] == "contract")
    story.office({"document": sha256, "decision": "certify"})
    work(story.running)
    record = story.village.get(f"/cases/{story.number}/signing").json
    assert [point["holds"] for point in record["article_13"]] == [True] * 5
    assert len(record["signatures"]) == 2
    papers = story.mine.get(f"/portal/cases/{story.number}/papers").json
    code = next(paper["verify_code"] for paper in papers if paper["kind"] == "sealed_contract")
    body = story.mine.get(f"/portal/cases/{story.number}/papers/{code}/file").data
    [seal] = read_seals(body, known_certificates(story.running.settings, COUNTY))
    assert seal.good
    genuine = Program(story.web.test_client()).get(f"/verify/{code}").json
    assert genuine["sha256"]
    for file, says in ((body, "完全一致"), (body[:-9] + b"\0" + body[-8:], "请不要相信")):
        sent = {"file": (io.BytesIO(file), "合同.pdf")}
        page = words(story.web.test_client().post("/verify", data=sent))
        assert says in page
        assert story.home.name not in page
