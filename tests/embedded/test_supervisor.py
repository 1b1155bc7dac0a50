"""`tianqi up` keeps its programs running and ends them all, whatever happens to it."""

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.embedded import Command, EmbeddedError, require_free_port, supervise
from engine.embedded.processes import command_line, free_port, wait_until, with_title

WEB = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
print("serving 田契", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
WAITING = "import signal, sys; print('here', sys.argv[1], flush=True); signal.pause()"


@pytest.fixture
def mark(tmp_path: Path) -> str:
    """A word in the command lines of this test's processes."""
    return f"mark-{tmp_path.name}-{os.getpid()}"


@pytest.fixture
def up(tmp_path: Path, mark: str) -> Iterator[subprocess.Popen[str]]:
    """A supervisor over a web server and a waiting program, ready."""
    port = free_port()
    program = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from engine.embedded import Command, supervise
        web = Command("web", (sys.executable, "-c", {WEB!r}, "{port}", "{mark}"))
        worker = Command("worker", (sys.executable, "-c", {WAITING!r}, "{mark}"), {{"COLOUR": "red"}})
        say = lambda text: print(text, flush=True)
        url = "http://127.0.0.1:{port}/healthz"
        code = supervise([web, worker], var=Path({str(tmp_path)!r}), ready_url=url,
                         on_ready=lambda: say("ready"), say=say)
        say(f"ended {{code}}")
        sys.exit(code)
    """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
        yield run
        if run.poll() is None:
            run.kill()
    assert wait_until(lambda: not with_title(mark), 20)


def children(mark: str) -> dict[str, int]:
    """Process id by kind, supervisor excepted (its own command line quotes both programs)."""
    found = {}
    for pid in with_title(mark):
        line = command_line(pid)
        if "supervise" not in line:
            found["web" if "http.server" in line else "worker"] = pid
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_ends_all(up: subprocess.Popen[str], mark: str, number: int, tmp_path: Path) -> None:
    assert set(children(mark)) == {"web", "worker"}
    up.send_signal(number)
    out, _ = up.communicate(timeout=30)
    assert out == "ended 0\n"
    assert children(mark) == {}
    line = (tmp_path / "log" / "web.log").read_text().splitlines()[0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ web \| serving 田契", line)


def test_a_crashed_program_is_started_again(up: subprocess.Popen[str], mark: str, tmp_path: Path) -> None:
    log = tmp_path / "log" / "worker.log"

    def spoken() -> int:
        return log.read_text().count("here") if log.exists() else 0

    assert wait_until(lambda: spoken() == 1, 20)
    first = children(mark)["worker"]
    os.kill(first, signal.SIGKILL)
    assert up.stdout is not None
    assert "worker" in up.stdout.readline()
    assert wait_until(lambda: children(mark).get("worker", first) != first, 20)
    assert wait_until(lambda: spoken() == 2, 20)


def test_killed_itself_it_takes_its_programs_along(up: subprocess.Popen[str], mark: str) -> None:
    up.kill()
    up.wait()
    assert wait_until(lambda: children(mark) == {}, 20)


def test_what_never_comes_up_is_told_with_its_own_words(tmp_path: Path, mark: str) -> None:
    said: list[str] = []
    broken = Command("web", (sys.executable, "-c", "raise SystemExit('no such column: 地块')"))
    steady = Command("worker", (sys.executable, "-c", WAITING, mark))
    url = f"http://127.0.0.1:{free_port()}/healthz"
    code = supervise([broken, steady], var=tmp_path, ready_url=url, say=said.append)
    assert code == 1
    assert "no such column: 地块" in said[-1] and str(tmp_path / "log" / "web.log") in said[-1]
    assert with_title(mark) == []


def test_a_taken_port_is_told_with_who_has_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EmbeddedError) as refused:
            require_free_port(port)
    assert f"端口 {port}" in refused.value.zh and str(os.getpid()) in refused.value.zh
    assert f"process {os.getpid()}" in refused.value.en
    require_free_port(port)
