"""Taking in a delivery package (check, stage, swap) beside GDAL that loads the same files into PostGIS; then every
quality rule on the register that it made.

Scaled down unless HOUSEHOLDS says otherwise; ``PACKAGE`` names a county that is written already. GDAL is the
machine's ``ogr2ogr``, which the product does not need: without it the figure has no baseline.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from engine import embedded
from engine.commands.environment import migrate
from engine.exchange.demo import write_demo_county
from tests.bench.measure import Figure, seconds
from tests.bench.place import Places

HOUSEHOLDS = int(os.environ.get("HOUSEHOLDS", "1000"))
GOAL = 3.0  # times as long as GDAL
MEMORY = 2 << 30  # bytes

CHILD = """
import json, sys, time
from datetime import UTC, datetime
from sqlalchemy import create_engine
from engine.exchange.importing import import_package
from engine.store import sealed
from engine.store.scope import session_for
sealed.use_key(bytes(range(32)))
begun, phases, last = time.perf_counter(), {}, ["open", time.perf_counter()]
def tell(done, total, phase):
    name = "check" if phase.startswith("检查") else phase
    now = time.perf_counter()
    phases[last[0]] = phases.get(last[0], 0) + now - last[1]
    last[:] = [name, now]
with session_for(create_engine(sys.argv[2]), "990101") as session:
    done = import_package(session, sys.argv[1], actor="bench", now=datetime(2026, 3, 2, 1, 0, tzinfo=UTC),
                          replace="--replace" in sys.argv, tell=tell)
    session.commit()
tell(0, None, "end")
print(json.dumps({"seconds": time.perf_counter() - begun, "phases": phases, "counts": done.counts}))
"""

LOOK = """
import json, sys, time
from sqlalchemy import create_engine
from engine.bootstrap import SystemClock
from engine.store import sealed
from engine.store.scope import session_for
from engine.usecases.check_register import check_register
sealed.use_key(bytes(range(32)))
class App:
    clock, engine = SystemClock(), create_engine(sys.argv[2])
    def sessions(self, county):
        return session_for(self.engine, county)
begun = time.perf_counter()
found = check_register(App(), "990101", "", "bench")
print(json.dumps({"seconds": time.perf_counter() - begun, "findings": found.by_rule, "parcels": found.counts["DK"]}))
"""


def figures(places: Places) -> list[Figure]:
    given = os.environ.get("PACKAGE")
    package = Path(given) if given else write_demo_county(places.folder / "taken", households=HOUSEHOLDS).path
    with _empty(places, "import") as address:
        first, again = _measured(CHILD, package, address), _measured(CHILD, package, address, "--replace")
        looked = _measured(LOOK, package, address)
    gdal = None
    if shutil.which("ogr2ogr"):
        with _empty(places, "gdal") as address:
            gdal = seconds(lambda: _by_gdal(package, address))
    told = ", ".join(f"{phase} {time:.0f} s" for phase, time in first["phases"].items() if time >= 0.5)
    size = f"{first['counts']['DK']:,} parcels, {first['counts']['JZX']:,} lines"
    ratio = first["seconds"] / gdal if gdal else None
    return [
        Figure(
            f"import of a package: {size}", f"{first['seconds']:.1f} s ({told})",
            f"GDAL {gdal:.1f} s" if gdal else "no ogr2ogr", f"{ratio:.1f}" if ratio else "", f"<= {GOAL:.0f}",
            None if ratio is None else ratio <= GOAL,
        ),
        Figure(
            "its memory", f"{first['bytes'] / 2**30:.2f} GB", "", "", "<= 2 GB", first["bytes"] <= MEMORY
        ),
        Figure("the same once more, nothing differs", f"{again['seconds']:.1f} s", "", "", "", None),
        Figure(
            f"every quality rule on the register of {looked['parcels']:,} parcels, {sum(looked['findings'].values())} findings",
            f"{looked['seconds']:.1f} s, {looked['bytes'] / 2**30:.2f} GB", "", "", "", None,
        ),
    ]  # fmt: skip


@contextmanager
def _empty(places: Places, name: str) -> Iterator[str]:
    """The owner's address of a migrated database without any county."""
    database = f"{places.template}_{name}"
    embedded.create_database(places.services, database)
    try:
        address = places.services.settings(database)["OWNER_DATABASE_URL"]
        migrate(address)
        yield database_of(places, database)
    finally:
        embedded.drop_database(places.services, database)


def database_of(places: Places, database: str) -> str:
    return json.dumps(
        {k: v for k, v in places.services.settings(database).items() if k.endswith("DATABASE_URL")}
    )


def _measured(work: str, package: Path, addresses: str, *more: str) -> dict:
    """In a process of its own, as the application's role; its memory is that of all its processes, the shared counted once."""
    command = [sys.executable, "-c", work, str(package), json.loads(addresses)["DATABASE_URL"], *more]
    with tempfile.TemporaryFile("w+") as said:
        running, most = subprocess.Popen(command, stdout=said, text=True), 0
        while running.poll() is None:
            most = max(most, sum(map(_memory, _with_children(running.pid))))
            time.sleep(0.5)
        if running.returncode:
            raise subprocess.CalledProcessError(running.returncode, command[:2])
        said.seek(0)
        return json.loads(said.read().splitlines()[-1]) | {"bytes": most}


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = tasks.read_text().split()
        except OSError:  # it has ended meanwhile
            continue
        for child in children:
            yield from _with_children(int(child))


def _memory(pid: int) -> int:
    """Bytes of a process, its proportional share of what it shares with others (PSS)."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended meanwhile
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def _by_gdal(package: Path, addresses: str) -> None:
    """Every layer and ownership table into a table of its own, by COPY, with GDAL's own keys and spatial indexes."""
    url = make_url(json.loads(addresses)["OWNER_DATABASE_URL"])
    target = f"PG:host={url.host} port={url.port} dbname={url.database} user={url.username} password={url.password}"
    schema = [*("ogrinfo", "-q", target, "-sql", "create schema loaded")]
    subprocess.run(schema, check=True, capture_output=True)
    options = ["--config", "PG_USE_COPY", "YES", "-lco", "SCHEMA=loaded", "-nlt", "PROMOTE_TO_MULTI", "-q"]
    for source in sorted(package.rglob("*.shp")):
        command = ["ogr2ogr", "-f", "PostgreSQL", target, str(source), *options, "-oo", "ENCODING=GBK"]
        subprocess.run(command, check=True, capture_output=True)
    for source in sorted((package / "权属数据").glob("*.sqlite")):
        command = ["ogr2ogr", "-f", "PostgreSQL", target, str(source), *options[:-3], "-q"]
        subprocess.run(command, check=True, capture_output=True)
