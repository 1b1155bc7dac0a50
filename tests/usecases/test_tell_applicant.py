"""What applicants are told, by which ways: the county's choice, the person's, and gateways that fail."""

import json
import re
import threading
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import StreamRequestHandler, TCPServer

import pytest
from sqlalchemy import select

from engine.domain import messages
from engine.domain.channels import Channels
from engine.domain.errors import Invalid
from engine.exchange.gateways import GatewayFailed, HttpSms, Kept, mail_gateway, sms_gateway
from engine.queries import portal_messages
from engine.store import outbox
from engine.store.register import county_of
from engine.store.tables.portal_public import PortalMessage
from engine.store.tables.work import Message
from engine.usecases.carry_out_effect import drain
from engine.usecases.portal_settings import choose_ways, mark_read, prove_email
from engine.usecases.send_message import send_message
from engine.usecases.tell_applicant import tell_applicant
from tests.portal_steps import (
    COUNTY,
    MISSING,
    answers,
    applied,
    household,
    inside,
    office_does,
    signed_in,
    submitted,
)


def test_every_kind_has_both_languages_and_a_source():
    for kind, row in messages.templates().items():
        assert row["source"], kind
        assert set(row["ways"]) <= set(messages.WAYS)
        said = messages.message(kind, {"title": {"zh": "合同网签", "en": "Signing"}, "number": "1"})
        assert said.text["zh"], kind
        assert "Signing" in said.text["en"] or kind == "not_accepted"
        assert said.sms, kind


def test_county_and_person_choose_the_ways():
    assert Channels().ways("rejected") == ["portal", "sms", "email"]
    assert Channels(kinds={"rejected": ["portal"]}).ways("rejected") == ["portal"]
    assert Channels(off=("sms",)).ways("rejected") == ["portal", "email"]
    assert Channels("田溪县农业农村局").sign("好").startswith("【田溪县农业农村局】")
    assert messages.chosen_of(["portal", "sms", "email"], ["email"], None) == []
    assert messages.chosen_of(["portal", "sms", "email"], ["email"], "a@b.cn") == ["email"]


def test_a_household_reads_what_happens_to_its_case(running):
    with running.portal_sessions() as portal:
        person = signed_in(running, portal, household(running, 25))
        number, code = applied(running, portal, person)
        choose_ways(portal, running.clock, person, ["email"], "li@example.cn")
        assert person.email is None  # nothing goes there yet
        inside(running)
        prove_email(portal, running.clock, person, code_for(running, "li@example.cn"))
        office_does(running, number, MISSING)
        found = portal_messages.messages_of(portal, person)
        assert [message.kind for message in found] == ["turn", "accepted"]
        assert all(message.case_number == number for message in found)
        assert code not in str([message.text for message in found])
        assert portal_messages.unread(portal, person) == 2
        mark_read(portal, running.clock, person)
        assert portal_messages.unread(portal, person) == 0
    with running.sessions() as session:
        letter = session.scalars(select(Message).where(Message.channel == "email").order_by(Message.id)).all()
        assert [row.to for row in letter] == ["li@example.cn", "li@example.cn"]  # the code, then the news
        assert number in letter[1].text
        sms = session.scalars(select(Message.text).where(Message.to == person.phone)).all()
        assert any(code in text for text in sms)  # before e-mail was chosen
        assert not any("轮到您办理" in text for text in sms)


def code_for(app, address: str) -> str:
    drain(app)
    with app.sessions(COUNTY) as session:
        sent = select(Message.text).where(Message.to == address).order_by(Message.id.desc())
        return re.search(r"验证码 (\d{6})", session.scalars(sent).first())[1]


def refused(portal, app, person, code: str) -> str:
    with pytest.raises(Invalid) as found:
        prove_email(portal, app.clock, person, code)
    return str(found.value.fields["code"][0])


def test_an_address_counts_once_its_code_came_back(running):
    with running.portal_sessions() as portal:
        person = signed_in(running, portal, household(running, 31))
        choose_ways(portal, running.clock, person, ["sms", "email"], "wang@example.cn")
        inside(running)
        code = code_for(running, "wang@example.cn")
        choose_ways(portal, running.clock, person, ["email"], "other@example.cn")
        inside(running)
        assert "4" in refused(portal, running, person, code)  # of the address before
        code = code_for(running, "other@example.cn")
        for _ in range(4):
            refused(portal, running, person, "abc")
        assert "已失效" in refused(
            portal, running, person, code
        )  # five tries are over, the right one included
        assert person.email is None
        for _ in range(3):
            choose_ways(portal, running.clock, person, ["email"], "other@example.cn")
        with pytest.raises(Invalid):
            choose_ways(portal, running.clock, person, ["email"], "third@example.cn")


def test_told_again_nothing_new_is_written(running):
    with running.portal_sessions() as portal:
        person = signed_in(running, portal, household(running, 26))
        told = {"kind": "other", "facts": {"words": "x"}, "case": "1", "contractor": person.contractor_code,
                "applicant": str(person.id), "phone": None}  # fmt: skip
        with running.sessions(COUNTY) as session:
            for _ in range(2):
                tell_applicant(session, portal, running.clock, COUNTY, told, "outbox-7")
            portal.commit()
        rows = portal.scalars(select(PortalMessage.id).where(PortalMessage.applicant_id == person.id)).all()
        assert len(rows) == 1


def test_an_application_that_was_not_accepted_is_told_unless_the_county_says_no(running):
    with running.portal_sessions() as portal:
        home = household(running, 27)
        person = signed_in(running, portal, home)
        submitted(running, portal, person, answers(running, portal, person, parcels=["9" * 19]))
        inside(running)
        kinds = [message.kind for message in portal_messages.messages_of(portal, person)]
        assert kinds == ["not_accepted"]
        with running.sessions(COUNTY) as session:
            county = county_of(session, COUNTY)
            county.settings = {**county.settings, "messages": {"not_accepted": []}}
            session.commit()
        submitted(running, portal, person, answers(running, portal, person, parcels=["9" * 19]))
        inside(running)
        assert len(portal_messages.messages_of(portal, person)) == 1


@pytest.fixture
def gateway():
    """An SMS gateway on loopback: keeps what it is told, answers as it is told."""

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.told.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(self.server.answer)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(b"id-1")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    server.told, server.answer = [], 200
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_http_gateway_is_told_with_its_key_and_the_receipt_is_kept(running, gateway):
    way = HttpSms(f"http://127.0.0.1:{gateway.server_port}/send", "secret")
    with running.sessions() as session:
        for _ in range(2):
            send_message(session, running.clock, COUNTY, {"to": "138", "text": "你好"}, "k1", way)
        kept = session.scalar(select(Message).where(Message.key == "k1"))
        assert kept.receipt == "200 id-1"
    assert gateway.told == [("Bearer secret", {"to": "138", "text": "你好", "key": "k1"})]


@pytest.mark.parametrize("answer", [500, 302])
def test_a_gateway_that_does_not_take_it_is_tried_again(running, gateway, answer):
    gateway.answer = answer
    way = HttpSms(f"http://127.0.0.1:{gateway.server_port}/send", "secret")
    with running.sessions() as session:
        with pytest.raises(GatewayFailed):
            send_message(session, running.clock, COUNTY, {"to": "138", "text": "你好"}, "k2", way)
        session.rollback()
        assert session.scalar(select(Message).where(Message.key == "k2")) is None
    assert len(gateway.told) == 1


def test_numbers_do_not_travel_in_the_clear():
    with pytest.raises(ValueError, match="https"):
        sms_gateway("http://sms.example.cn/send", "x")
    with pytest.raises(ValueError, match="from"):
        mail_gateway("smtp://mail.example.cn")
    assert isinstance(sms_gateway(None, None), Kept)
    assert mail_gateway("smtp://mail.example.cn?from=a@b.cn").secure == "starttls"
    assert mail_gateway("smtps://u:p%40@mail.example.cn?from=a@b.cn").password == "p@"


class Post(StreamRequestHandler):
    """As much of SMTP as one letter needs."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        body = None
        while line := self.rfile.readline():
            word = line[:4].upper()
            if body is not None:
                if line == b".\r\n":
                    self.server.letters.append(b"".join(body))
                    body = None
                    self.wfile.write(b"250 kept\r\n")
                else:
                    body.append(line)
            elif word == b"DATA":
                body = []
                self.wfile.write(b"354 go on\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


def test_a_letter_goes_through_smtp():
    with TCPServer(("127.0.0.1", 0), Post) as server:
        server.letters = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        way = mail_gateway(f"smtp://127.0.0.1:{server.server_address[1]}?from=tianqi@example.cn")
        assert way.send("li@example.cn", "【田契】办理进度", "您的申请……", "outbox-9") == "250"
        server.shutdown()
    letter = message_from_bytes(server.letters[0])
    assert letter["Message-ID"] == "<outbox-9@example.cn>"
    assert "您的申请" in letter.get_payload(decode=True).decode()
    with pytest.raises(GatewayFailed):
        mail_gateway(f"smtp://127.0.0.1:{server.server_address[1]}?from=tianqi@example.cn").send(
            "a@b.cn", "x", "y", "k"
        )


def test_a_letter_waits_in_the_outbox(running):
    with running.sessions() as session:
        letter = {"to": "li@example.cn", "subject": "s", "text": "t"}
        outbox.put(session, COUNTY, "send_mail", letter, running.clock.now())
        session.commit()
    drain(running)
    with running.sessions() as session:
        kept = session.scalar(select(Message).where(Message.subject == "s"))
        assert (kept.channel, kept.receipt) == ("email", None)
