"""Pages that wait for the inside. They come again by themselves by a response header, without JavaScript."""

from flask import Response, make_response, render_template

SECONDS = 2


def waiting_page(title: str, text: str, again: str) -> Response:
    """``again``: where to look next; also a link, for whoever does not want to wait for it."""
    answer = make_response(render_template("portal/waiting.html", title=title, text=text, again=again))
    answer.headers["Refresh"] = f"{SECONDS}; url={again}"
    return no_store(answer)


def no_store(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
