"""Files of a package that are kept as they are: sketches, source papers, point notes, rasters, reports, scans.

They are streamed into the content-addressed store before the swap, where an unwanted one does no harm, and their
paths are staged with size and hash. Layers, tables and sheets are not kept: the register has what they say.
"""

import json
import pathlib
from collections.abc import Callable

from sqlalchemy.orm import Session

from engine.exchange.package.metadata import MetadataError, read_facts
from engine.exchange.package.model import OWNERSHIP, SUMMARIES, VECTORS
from engine.exchange.package.names import dated_name
from engine.exchange.package.opening import Limits, streams
from engine.store.files import FileStore

Tell = Callable[[int, int | None, str], None]  # done, total, phase

_DATA = (VECTORS, OWNERSHIP, SUMMARIES)
_CHUNK = 1000  # files between two commits
_MAX_METADATA = 20 << 20


def stage_attachments(
    session: Session,
    county: str,
    batch: int,
    package: pathlib.Path,
    files: FileStore,
    tell: Tell = lambda *told: None,
    limits: Limits = Limits(),
) -> int:
    """Keep every attachment and what the metadata XML says, in the open batch; gives the number of files.

    Commits as it goes, as staging does. Raises PackageError.
    """
    done = 0
    rows: list[tuple[str, int, str, str, int]] = []
    for name, stream in streams(package, limits):
        if _is_metadata(name):
            _describe(session, county, batch, stream.read(_MAX_METADATA))
        if not is_attachment(name):
            continue
        rows.append((county, batch, name, *files.keep(stream)))
        done += 1
        if len(rows) == _CHUNK:
            _copy(session, batch, "files", "path, sha256, size", rows)
            rows = []
            tell(done, None, "attachments")
    _copy(session, batch, "files", "path, sha256, size", rows)
    tell(done, done, "attachments")
    return done


def is_attachment(name: str) -> bool:
    """Whether the file with that relative path is kept by content."""
    return not name.startswith(tuple(f"{folder}/" for folder in _DATA)) and "/" in name


def _is_metadata(name: str) -> bool:
    own = pathlib.PurePosixPath(name)
    stem = own.stem.upper()
    return own.suffix.lower() == ".xml" and stem.startswith("SL") and dated_name(stem) is not None


def _describe(session: Session, county: str, batch: int, content: bytes) -> None:
    try:
        facts = read_facts(content)
    except MetadataError:
        return  # F08 has said so
    row = (county, batch, json.dumps(facts, ensure_ascii=False))
    _copy(session, batch, "described", "facts", [row])


def _copy(
    session: Session, batch: int, table: str, columns: str, rows: list[tuple[object, ...]] | list
) -> None:
    driver = session.connection().connection.driver_connection
    assert driver is not None
    into = f"copy staging.{table}_{int(batch)} (county, batch, {columns}) from stdin"
    with driver.cursor().copy(into) as copy:
        for row in rows:
            copy.write_row(row)
    session.commit()
