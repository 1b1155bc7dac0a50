"""Where packages lie while they are wanted: uploads under var, or the county's folder in the installation's incoming one."""

import os
import shutil
from pathlib import Path
from typing import IO
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.domain.errors import NotFound, Refused
from engine.settings import Settings
from engine.store.tables.packages import PackageIntake

UPLOADS = "packages"
_CHUNK = 1 << 20
_ROOM = 1 << 30  # bytes that stay free on the disk


def keep_upload(settings: Settings, stream: IO[bytes]) -> str:
    """Write an uploaded zip to disk as it comes; gives its place under var. Refused where it finds no room."""
    folder = settings.var / UPLOADS
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / f"{uuid4().hex}.zip"
    try:
        with place.open("xb") as file:
            while chunk := stream.read(_CHUNK):
                if shutil.disk_usage(folder).free < _ROOM:
                    raise Refused("no_room", "磁盘空间不足，不能接收成果包，请联系系统管理员")
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return place.relative_to(settings.var).as_posix()


def incoming(settings: Settings, county: str) -> list[str]:
    """Packages (folders and zips) that lie in the county's own folder of the installation's incoming folder, by name."""
    folder = settings.incoming / county
    if not folder.is_dir():
        return []
    found = [e for e in os.scandir(folder) if not e.name.startswith(".") and not e.is_symlink()]
    return sorted(e.name for e in found if e.is_dir() or e.name.lower().endswith(".zip"))


def place_of(settings: Settings, intake: PackageIntake) -> Path:
    """Where its file lies. Refused when it is there no more."""
    assert intake.place is not None
    path = settings.incoming / intake.place if intake.source == "folder" else settings.var / intake.place
    if not path.exists():
        raise Refused("package_gone", "成果包文件已不在，请重新上传")
    return path


def read_intake(session: Session, county: str, number: int) -> PackageIntake:
    found = session.get(PackageIntake, (county, number), populate_existing=True)
    if found is None:
        raise NotFound("intake", "没有这个成果包")
    return found


def remove_upload(settings: Settings, intake: PackageIntake) -> None:
    if intake.source == "upload" and intake.place:
        (settings.var / intake.place).unlink(missing_ok=True)
