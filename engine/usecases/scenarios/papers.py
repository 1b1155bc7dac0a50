"""Files of a story: what its people hand in, and what was printed for them to sign."""

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.scans import KINDS as SCANS
from engine.exchange.survey_return import KIND as SURVEY_RETURN
from engine.reading.samples import lean_contract, scan_of
from engine.store import outbox
from engine.store.papers import find_paper, issued_for, issued_paper
from engine.usecases.add_material import add_material
from engine.usecases.print_paper import print_paper
from engine.usecases.scenarios.samples import sample
from engine.usecases.scenarios.stage import Differs
from engine.usecases.scenarios.story import LATER
from engine.usecases.scenarios.surveys import brought
from engine.usecases.send_signing_code import send_signing_code

if TYPE_CHECKING:
    from engine.usecases.scenarios.play import Play

OF_ANOTHER_TYPE: dict[str, Any] = {
    "media_types": ["application/pdf"],
    "max_mb": 10,
}  # papers for a case begun beside
LATE = timedelta(minutes=11)  # after a code was sent: it lasts ten


def upload(play: "Play", actor: Actor, kind: str, flaw: Mapping[str, Any] | None = None) -> list[str]:
    """A small file of an allowed type; of signed contracts, a scan of each that was printed (``flaw``: scan_of's,
    and ``leave_out``: how many contracts were forgotten).
    """
    if kind not in SCANS:
        limits = play.case_type.papers.get(kind) or OF_ANOTHER_TYPE
        return [take_in(play, actor, kind, *sample(limits["media_types"]))]
    wrong = dict(flaw or {})
    printed = all_printed(play, "contract")[wrong.pop("leave_out", 0) :]
    return [take_in(play, actor, kind, scan_of(body, **wrong), "pdf") for body in printed]


def bring(play: "Play", actor: Actor, told: Mapping[str, Any]) -> str:
    """The file that surveyors bring back from the field."""
    with play.stage.sessions(play.county) as session:
        body, ending = brought(session, play.county, play.stage.clock.now(), told)
    return take_in(play, actor, SURVEY_RETURN, body, ending)


def take_in(play: "Play", actor: Actor, kind: str, body: bytes, ending: str) -> str:
    limits = play.case_type.papers.get(kind) or OF_ANOTHER_TYPE
    with play.stage.sessions(actor.scope) as session:
        paper = add_material(
            session,
            play.stage.clock,
            play.stage.files,
            actor,
            body,
            f"{kind}.{ending}",
            kind,
            limits["media_types"],
            limits["max_mb"],
        )
        session.commit()
    return str(paper)


def printed(play: "Play", kind: str) -> bytes:
    """The case's newest paper of that kind. Where papers are not printed, white sheets with its code stand in."""
    with play.stage.sessions(play.county) as session:
        paper = issued_paper(session, play.county, play.id_of_case(), kind)
    if paper is None:
        raise Differs(f"没有出具过 {kind}")
    return drawn(play, paper.id)


def all_printed(play: "Play", kind: str) -> list[bytes]:
    """The newest for each household."""
    with play.stage.sessions(play.county) as session:
        papers = issued_for(session, play.county, play.id_of_case(), kind)
        wanted = [papers[code].id for code in sorted(papers)]
    return [drawn(play, paper_id) for paper_id in wanted]


def drawn(play: "Play", paper_id: UUID) -> bytes:
    with play.stage.sessions(play.county) as session:
        paper = find_paper(session, play.county, paper_id)
        assert paper is not None
        if paper.status != "ready":
            draw = {} if play.printing else {"draw": lambda *_, verify_url, **__: lean_contract(verify_url)}
            url = play.stage.settings.public_url
            print_paper(session, play.stage.clock, play.stage.files, play.county, paper.id, url, **draw)
            session.commit()
            session.refresh(paper)
        return play.stage.files.get(paper.sha256 or "")


def signed(
    play: "Play", session: Session, actor: Actor, task: int, answers: dict[str, Any]
) -> dict[str, Any]:
    """The file that is shown and the code that is sent, put among the answers. What was done so far is kept,
    as it is at a page: a wrong code is counted for good.
    """
    if answers.get("document") != "$document":
        return answers
    session.commit()  # printing locks the case for itself
    known = {"document": hashlib.sha256(printed(play, "contract")).hexdigest()}
    asked = answers.get("code")
    if asked in LATER:
        send_signing_code(session, play.stage.clock, actor, play.case_number(), task)
        known["code"] = code_sent(play, session)
    session.commit()
    if asked == "$wrong_code":
        known["code"] = f"{(int(known['code']) + 1) % 10**6:06d}"
    if asked == "$late_code":
        play.stage.clock.move_to(play.stage.clock.now() + LATE)
    return answers | known


def code_sent(play: "Play", session: Session) -> str:
    texts = [row.payload.get("text", "") for row in outbox.of_case(session, play.county, play.id_of_case())]
    return re.findall(r"验证码 (\d{6})", "".join(texts))[-1]
