"""Published versions of case types: rows that never change, named by the hash of their files."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.case_type import CaseType
from engine.domain.errors import NotFound
from engine.store.tables.reference import CurrentVersion, ProcessFile, ProcessVersion

SUFFIXES = (".yaml", ".bpmn", ".dmn", ".html", ".md")


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a case type's folder that a version consists of: all but its scenarios."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix in SUFFIXES and "scenarios" not in path.relative_to(folder).parts
    }


def version_id(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the sorted paths and contents."""
    digest = hashlib.sha256()
    for path, body in sorted(files.items()):
        digest.update(f"{path}\0{len(body)}\0".encode())
        digest.update(body)
    return digest.hexdigest()


def store_version(
    session: Session,
    files: Mapping[str, bytes],
    published_by: str,
    approved_by: str,
    at: datetime,
    note: str = "",
) -> str:
    """Write the version unless it is there already; gives its id."""
    name = version_id(files)
    case_type = read_version(name, files).name
    if session.get(ProcessVersion, name):
        return name
    last = session.scalar(
        select(func.max(ProcessVersion.number)).where(ProcessVersion.case_type == case_type)
    )
    session.add(
        ProcessVersion(
            id=name,
            case_type=case_type,
            number=(last or 0) + 1,
            published_at=at,
            published_by=published_by,
            approved_by=approved_by,
            note=note,
        )
    )
    session.flush()
    session.add_all(ProcessFile(version_id=name, path=path, content=body) for path, body in files.items())
    session.flush()
    return name


def put_in_force(session: Session, county: str, case_type: str, version: str, at: datetime) -> None:
    """From now on new cases of the county run on it; open ones stay on theirs."""
    values = {"version_id": version, "since": at}
    statement = insert(CurrentVersion).values(county=county, case_type=case_type, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["county", "case_type"], set_=values))


def version_in_force(session: Session, county: str, case_type: str) -> str:
    found = session.scalar(
        select(CurrentVersion.version_id).where(
            CurrentVersion.county == county, CurrentVersion.case_type == case_type
        )
    )
    if found is None:
        raise NotFound("case_type", "本县没有启用业务类型 %(name)s", name=case_type)
    return found


_case_types: dict[str, CaseType] = {}  # by version, since versions never change


def read_version(version: str, files: Mapping[str, bytes]) -> CaseType:
    """The case type that those files describe, ``version`` being their version_id."""
    if version not in _case_types:
        _case_types[version] = CaseType(files)
    return _case_types[version]


def case_type_of(session: Session, version: str) -> CaseType:
    """The case type as that version describes it; kept in memory, since versions never change."""
    if version not in _case_types:
        rows = session.execute(
            select(ProcessFile.path, ProcessFile.content).where(ProcessFile.version_id == version)
        ).all()
        if not rows:
            raise NotFound("version", "没有流程版本 %(id)s", id=version)
        read_version(version, {path: bytes(content) for path, content in rows})
    return _case_types[version]


def case_types_in_force(session: Session, county: str) -> list[tuple[str, str]]:
    """(case type, version id) of everything the county has in force."""
    rows = session.execute(
        select(CurrentVersion.case_type, CurrentVersion.version_id)
        .where(CurrentVersion.county == county)
        .order_by(CurrentVersion.case_type)
    )
    return [(row.case_type, row.version_id) for row in rows]
