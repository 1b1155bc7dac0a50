"""One browser sends several requests at once, and each leaves the session as the others wrote it."""

from contextlib import contextmanager

from flask import session


def test_a_slow_request_takes_away_no_word_that_a_faster_one_left(web, client_for):
    client = client_for("village1")
    with reading(web, client):
        with client.session_transaction() as written:
            written["told"] = "已放弃签收"
    with client.session_transaction() as kept:
        assert kept["told"] == "已放弃签收"


def test_a_slow_request_brings_nothing_back_that_another_ended(web, client_for):
    client = client_for("village1")
    cookie = client.get_cookie("tianqi").value
    with reading(web, client):
        assert client.post("/sign-out").status_code == 302
    client.set_cookie("tianqi", cookie)
    with client.session_transaction() as left:
        assert not left


@contextmanager
def reading(web, client):
    """A request of the same browser that reads the session, and answers when what stands in the block is done."""
    cookie = f"tianqi={client.get_cookie('tianqi').value}"
    with web.test_request_context("/inbox", headers={"Cookie": cookie}):
        assert session["_user_id"]
        slow = session._get_current_object()
        yield
        web.session_interface.save_session(web, slow, web.response_class())
