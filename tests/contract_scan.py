"""The scan that a village hands in: of the case's contract, printed for real or as white sheets with its code."""

from engine.bootstrap import App
from engine.reading.samples import lean_contract, scan_of
from engine.store import cases
from engine.store.papers import issued_paper
from engine.usecases.print_paper import print_paper

COUNTY = "990101"


def contract_of(app: App, number: str) -> bytes:
    """The case's newest contract; white sheets stand in where it is not printed yet."""
    with app.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, number)
        paper = issued_paper(session, COUNTY, case.id, "contract")
        assert paper is not None
        if paper.status != "ready":
            draw = lambda *_, verify_url, **__: lean_contract(verify_url)  # noqa: E731
            print_paper(session, app.clock, app.files, COUNTY, paper.id, "http://127.0.0.1", draw=draw)
            session.commit()
            session.refresh(paper)
        return app.files.get(paper.sha256)


def scan_for(app: App, number: str, **flaw) -> bytes:
    return scan_of(contract_of(app, number), **flaw)
