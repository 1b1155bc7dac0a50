"""Transfers at the same moment: one of two deals gets a parcel; the last two signatures carry the case on once; a code
serves the link that asked for it, once."""

import hashlib

from engine.domain.errors import DomainError
from engine.store import cases, deals, outbox
from engine.usecases.deals import invite_parties, send_deal_code, sign_deal
from engine.usecases.scenarios.papers import code_sent, printed
from engine.usecases.scenarios.samples import SIGNATURE
from tests.usecases.acting import COUNTY, at_once, played, playing, step_that_does

TRANSFER = "transfer_filing"


def test_one_of_two_deals_gets_the_land(running):
    plays = [playing(running, case_type=TRANSFER) for _ in range(2)]
    asked = step_that_does(plays[0], "apply")
    results = at_once(*[lambda play=play: play.act("village", "apply", asked) for play in plays])
    [refused] = [result for result in results if result is not None]
    assert isinstance(refused, DomainError), refused
    winner = next(play for play in plays if play.number)
    with running.sessions(COUNTY) as session:
        assert cases.find_case(session, COUNTY, winner.number).status == "open"
    assert [play.number for play in plays].count(None) == 1


def test_links_at_the_same_moment(running):
    """Both last parties sign at once; one of them signs twice."""
    play = played(running, "collect_signatures", case_type=TRANSFER)
    shown = hashlib.sha256(printed(play, "contract")).hexdigest()
    with running.sessions(COUNTY) as session:
        invite_parties(session, running.clock, COUNTY, play.number, "http://tianqi.test")
        rows = [(row.id, row.id_number) for row in deals.parties(session, play.case(session))]
        session.commit()

    def answers(key, number):
        """The code is asked for by the party whose link it is."""
        with running.sessions(COUNTY) as session:
            send_deal_code(session, running.clock, COUNTY, key)
            session.commit()
            code = code_sent(play, session)
        return {"document": shown, "agreed": "yes", "id_number": number, "code": code, "signature": SIGNATURE}

    def sign(key, told):
        with running.sessions(COUNTY) as session:
            sign_deal(session, running.clock, COUNTY, key, told, {})
            session.commit()

    (first, first_number), (second, second_number), *last = rows
    told = answers(first, first_number)
    borrowed = at_once(
        lambda: sign(second, told | {"id_number": second_number})
    )  # a code of somebody else's link
    assert isinstance(borrowed[0], DomainError)
    sign(first, told)
    sign(second, answers(second, second_number))
    given = {key: answers(key, number) for key, number in last}
    acts = [lambda key=key: sign(key, given[key]) for key in [*given, last[-1][0]]]
    results = at_once(*acts)
    assert results.count(None) == 2, results
    [again] = [result for result in results if result is not None]
    assert isinstance(again, DomainError), again
    with running.sessions(COUNTY) as session:
        case = play.case(session)
        assert all(row.signed_at for row in deals.parties(session, case))
        kinds = [row.kind for row in outbox.of_case(session, COUNTY, case.id)]
        assert kinds.count("seal_paper") == 1
    [replayed] = at_once(lambda: sign(first, told))
    assert isinstance(replayed, DomainError)
