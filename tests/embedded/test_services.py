"""The private cluster and Redis against what happens to them: kills, taken ports, foreign data, full disks."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
import redis
from click.testing import CliRunner

from engine import embedded
from engine.embedded import place as places
from engine.embedded import postgres, redis_server
from engine.embedded.commands import group
from engine.embedded.databases import OWNER, ROLES
from engine.embedded.place import find_place
from engine.embedded.processes import command_line, is_free, wait_until, with_title


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def ports(services: embedded.Services) -> tuple[int | None, int | None]:
    return services.postgres_port, services.redis_port


def test_first_start_gives_a_prepared_database_and_a_second_start_the_same_one_at_once(var: Path) -> None:
    first = embedded.start(var)
    with connect(first.owner_database_url) as owner:
        owner.execute("CREATE TABLE kept (name text)")
        owner.execute("INSERT INTO kept VALUES ('田溪县')")
        extensions = {name for (name,) in owner.execute("SELECT extname FROM pg_extension")}
        settings = {
            name: owner.execute("SELECT current_setting(%s)", [name]).fetchone()[0]  # type: ignore[index]
            for name in ("fsync", "server_encoding", "TimeZone", "listen_addresses", "password_encryption")
        }
    with redis.Redis.from_url(first.redis_url) as client:
        client.set("kept", "1")
    assert {"postgis", "btree_gist", "pg_trgm", "pgcrypto"} <= extensions
    assert settings == {
        "fsync": "on",
        "server_encoding": "UTF8",
        "TimeZone": "UTC",
        "listen_addresses": "127.0.0.1",
        "password_encryption": "scram-sha-256",
    }

    began = time.monotonic()
    second = embedded.start(var)
    assert time.monotonic() - began < 1
    assert second == first

    assert embedded.stop(var) == ["redis", "postgres"]
    assert embedded.stop(var) == []
    assert not any(service.running for service in embedded.status(var))
    third = embedded.start(var)
    assert ports(third) == ports(first)
    with connect(third.owner_database_url) as owner:
        assert owner.execute("SELECT name FROM kept").fetchall() == [("田溪县",)]
    with redis.Redis.from_url(third.redis_url) as client:
        assert client.get("kept") == b"1"


def test_roles_may_do_no_more_than_their_part(var: Path) -> None:
    services = embedded.start(var, with_redis=False)
    assert "REDIS_URL" not in services.settings()
    with connect(services.owner_database_url) as owner:
        rows = owner.execute(
            "SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication, rolcanlogin"
            " FROM pg_roles WHERE rolname LIKE 'tianqi\\_%' AND rolname <> 'tianqi_admin'"
        ).fetchall()
        assert sorted(rows) == [
            (name, False, True)
            for name in ("tianqi_app", "tianqi_owner", "tianqi_portal", "tianqi_query", "tianqi_vault")
        ]
        leakproof = owner.execute(
            "SELECT proname FROM pg_proc WHERE proleakproof AND proname IN"
            " ('geometry_overlaps', 'textlike', 'ts_match_vq')"
            " AND pronargs = 2 ORDER BY 1"
        ).fetchall()
        assert [name for (name,) in leakproof] == ["geometry_overlaps", "textlike", "ts_match_vq"]
        owner.execute("CREATE TABLE secret (x int)")
    for url in (services.url(role) for role in ROLES if role != OWNER):
        with connect(url) as other:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute("SELECT * FROM secret")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                other.execute("CREATE TABLE public.mine (x int)")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(services.database_url.replace(services.passwords["tianqi_app"], "wrong"))
    with pytest.raises(psycopg.OperationalError, match="reject"):
        psycopg.connect(host="127.0.0.1", port=services.postgres_port, user="tianqi_admin", dbname="postgres")


def test_copies_of_a_template_are_whole_and_closed_to_others(var: Path) -> None:
    services = embedded.start(var, with_redis=False)
    embedded.create_database(services, "tianqi_template")
    embedded.create_database(services, "tianqi_template")
    with connect(services.url("tianqi_owner", "tianqi_template")) as owner:
        owner.execute("CREATE TABLE parcel (geom geometry(Polygon))")
        owner.execute("GRANT SELECT ON parcel TO tianqi_app")
    embedded.clone_database(services, "tianqi_w0", template="tianqi_template")
    with connect(services.settings("tianqi_w0")["DATABASE_URL"]) as app:
        assert app.execute("SELECT count(*) FROM parcel").fetchone() == (0,)
        acl = app.execute(
            "SELECT has_database_privilege('tianqi_portal', 'tianqi_w0', 'CONNECT'),"
            " has_database_privilege('pg_monitor', 'tianqi_w0', 'CONNECT')"
        ).fetchone()
        assert acl == (True, False)
        embedded.clone_database(services, "tianqi_w0", template="tianqi_template")  # throws us out
        with pytest.raises(psycopg.OperationalError):
            app.execute("SELECT 1")
    embedded.drop_database(services, "tianqi_w0")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(services.url("tianqi_app", "tianqi_w0"))


def test_passwords_are_readable_by_their_owner_only_and_show_in_no_process_list(var: Path) -> None:
    services = embedded.start(var)
    assert (var / "embedded.json").stat().st_mode & 0o777 == 0o600
    assert (var / "redis" / "redis.conf").stat().st_mode & 0o777 == 0o600
    for password in services.passwords.values():
        assert with_title(password) == []


def test_lost_passwords_are_made_anew_without_losing_data(var: Path) -> None:
    before = embedded.start(var)
    with connect(before.owner_database_url) as owner:
        owner.execute("CREATE TABLE kept ()")
    (var / "embedded.json").unlink()
    after = embedded.start(var)
    assert after.postgres_port == before.postgres_port
    assert after.database_url != before.database_url
    with connect(after.owner_database_url) as owner:
        owner.execute("SELECT FROM kept")
    with redis.Redis.from_url(after.redis_url) as client:
        assert client.ping()


def test_after_sigkill_of_everything_nothing_acknowledged_is_lost(var: Path) -> None:
    services = embedded.start(var)
    with connect(services.owner_database_url) as owner:
        owner.execute("CREATE TABLE kept (n int)")
        owner.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        for service in embedded.status(var):
            assert service.pid is not None
            os.kill(service.pid, signal.SIGKILL)  # server processes of this connection live on for a moment
    assert wait_until(lambda: not any(service.running for service in embedded.status(var)), 10)
    assert (var / "postgres" / "data" / "postmaster.pid").exists()
    again = embedded.start(var)
    with connect(again.owner_database_url) as owner:
        assert owner.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
    with redis.Redis.from_url(again.redis_url) as client:
        assert client.ping()


def test_a_pid_file_naming_a_stranger_does_not_stop_the_start(var: Path) -> None:
    """Process ids are reused after a reboot; PostgreSQL alone would refuse when the stranger has its account."""
    embedded.start(var, with_redis=False)
    place = find_place(var)
    pid_file = postgres.data(place) / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    os.kill(int(lines[0]), signal.SIGKILL)
    assert wait_until(lambda: postgres.running_pid(place) is None, 10)
    stranger = subprocess.Popen(["/usr/bin/sleep", "600"], cwd="/", **place.account.popen_arguments())
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        (var / "redis").mkdir(exist_ok=True)
        (var / "redis" / "redis.pid").write_text(f"{stranger.pid}\n")
        services = embedded.start(var)
        with connect(services.database_url):
            pass
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_taken_port_is_left_to_its_owner_and_another_chosen(var: Path) -> None:
    first = embedded.start(var)
    embedded.stop(var)
    with socket.socket() as one, socket.socket() as two:
        for taken, port in ((one, first.postgres_port), (two, first.redis_port)):
            assert port is not None
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(("127.0.0.1", port))
            taken.listen()
        second = embedded.start(var)
        assert not set(ports(second)) & set(ports(first))
        with connect(second.database_url), redis.Redis.from_url(second.redis_url) as client:
            assert client.ping()


def test_data_of_another_version_is_refused_and_not_touched(var: Path) -> None:
    embedded.start(var)
    embedded.stop(var)
    data = var / "postgres" / "data"
    (data / "PG_VERSION").write_text("13\n")
    before = _contents(data)
    with pytest.raises(embedded.EmbeddedError) as refused:
        embedded.start(var)
    assert "PostgreSQL 13" in refused.value.zh and "Nothing was touched" in refused.value.en
    assert _contents(data) == before
    assert not any(service.running for service in embedded.status(var))


def test_a_damaged_data_folder_is_refused_and_not_touched(var: Path) -> None:
    data = var / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "something").write_text("precious")
    with pytest.raises(embedded.EmbeddedError, match="PG_VERSION is missing"):
        embedded.start(var)
    assert (data / "something").read_text() == "precious"


def test_a_creation_that_was_interrupted_is_begun_again(var: Path) -> None:
    left = var / "postgres" / "data.new"
    left.mkdir(parents=True)
    (left / "PG_VERSION").write_text("15\n")
    services = embedded.start(var, with_redis=False)
    with connect(services.database_url):
        assert not left.exists()


def test_a_full_disk_is_told_before_anything_starts(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(places.shutil, "disk_usage", lambda folder: usage._replace(free=100 * 2**20))
    with pytest.raises(embedded.EmbeddedError, match="100 MB left"):
        embedded.start(var)
    assert not (var / "postgres").exists()
    assert not (var / "redis").exists()


def test_starts_at_the_same_time_make_one_cluster(var: Path) -> None:
    program = (
        "import sys, pathlib; from engine import embedded;"
        "print(embedded.start(pathlib.Path(sys.argv[1])).settings())"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(var)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    answers = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], answers
    assert len({out for out, _ in answers}) == 1
    assert len(with_title(f"{postgres.data(find_place(var))}")) == 1


def test_the_last_session_stops_what_was_not_started_to_stay(var: Path) -> None:
    def running() -> list[bool]:
        return [service.running for service in embedded.status(var)]

    with embedded.session(var):
        with embedded.session(var):
            pass
        assert running() == [True, True]
    assert running() == [False, False]
    embedded.start(var, keep=True)
    with embedded.session(var):
        pass
    assert running() == [True, True]
    embedded.stop(var)
    with pytest.raises(ZeroDivisionError), embedded.session(var):
        1 / 0  # noqa: B018
    assert running() == [False, False]


def test_sigterm_ends_a_session_in_order(var: Path) -> None:
    program = (
        "import sys, pathlib, signal; from engine import embedded\n"
        "with embedded.session(pathlib.Path(sys.argv[1])):\n"
        "    print('up', flush=True); signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(var)], stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None and run.stdout.readline() == "up\n"
        run.send_signal(signal.SIGTERM)
        assert run.wait(timeout=60) == 128 + signal.SIGTERM
    assert not any(service.running for service in embedded.status(var))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to another account")
def test_started_by_root_the_servers_run_as_another_account(var: Path) -> None:
    embedded.start(var)
    for service in embedded.status(var):
        uid = Path(f"/proc/{service.pid}").stat().st_uid
        assert pwd.getpwuid(uid).pw_name == "postgres", command_line(service.pid or 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to another account")
def test_a_checkout_the_account_cannot_enter_keeps_its_data_elsewhere(closed_var: Path) -> None:
    services = embedded.start(closed_var)
    home = Path((closed_var / "data-directory").read_text().strip())
    assert home.parent == Path("/var/lib/tianqi")
    assert (home / "postgres" / "data" / "PG_VERSION").exists()
    assert not (closed_var / "postgres").exists()
    with connect(services.database_url):
        pass
    embedded.stop(closed_var)
    assert embedded.start(closed_var).postgres_port == services.postgres_port


def test_a_deep_checkout_still_gets_a_socket(var: Path) -> None:
    deep = var / ("深" * 20) / ("d" * 60)
    try:
        services = embedded.start(deep, with_redis=False)
        with connect(services.database_url):
            pass
    finally:
        embedded.stop(deep)
        shutil.rmtree(
            postgres.sockets(find_place(deep)).parent
            if os.geteuid() == 0
            else postgres.sockets(find_place(deep))
        )


def test_redis_is_asked_for_its_password(var: Path) -> None:
    services = embedded.start(var, with_postgres=False)
    assert list(services.settings()) == ["REDIS_URL"]
    assert services.redis_port is not None
    assert redis_server.is_ready(services.redis_port, services.passwords["redis"])
    assert not redis_server.is_ready(services.redis_port, "wrong")


def test_a_second_up_on_the_same_folder_is_refused(var: Path) -> None:
    with places.running_alone(var / "up.lock"):
        refused: list[embedded.EmbeddedError] = []

        def another() -> None:
            try:
                with places.running_alone(var / "up.lock"):
                    pass
            except embedded.EmbeddedError as error:
                refused.append(error)

        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert str(os.getpid()) in refused[0].en
    with places.running_alone(var / "up.lock"):
        pass


def test_commands_tell_how_it_is_and_by_their_exit_code(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIANQI_VAR", str(var))
    runner = CliRunner()
    stopped = runner.invoke(group, ["status", "--json"])
    assert stopped.exit_code == 1
    assert [row["running"] for row in json.loads(stopped.output)] == [False, False]
    assert runner.invoke(group, ["start"]).exit_code == 0
    running = runner.invoke(group, ["status", "--json"])
    assert running.exit_code == 0
    assert not any(is_free(row["port"]) for row in json.loads(running.output))
    assert "postgres" in runner.invoke(group, ["stop"]).output
    (var / "postgres" / "data" / "PG_VERSION").write_text("16\n")
    refused = runner.invoke(group, ["start"])
    assert refused.exit_code == 1
    assert "PostgreSQL 16" in refused.output and "Traceback" not in refused.output


def _contents(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_a_redis_that_was_killed_is_started_again_on_its_port(var: Path) -> None:
    """For as long as the block lasts, and not after it."""
    with embedded.session(var, with_postgres=False) as services:
        place, said = find_place(var), []
        with embedded.kept_running(var, said.append):
            killed = redis_server.running_pid(place)
            assert killed
            os.kill(killed, signal.SIGKILL)
            assert wait_until(lambda: redis_server.running_pid(place) not in (None, killed), 60)
            ready = (services.redis_port or 0, services.passwords["redis"])
            assert wait_until(lambda: redis_server.is_ready(*ready), 60)
        assert [line.partition(" ")[0] for line in said] == ["redis"]
        assert not postgres.running_pid(place)  # nobody asked for it
    assert redis_server.running_pid(place) is None
