"""Files by content: the name is the SHA-256, so a file is never overwritten and never lies about itself."""

import hashlib
import os
import shutil
from pathlib import Path
from uuid import uuid4


class FileStore:
    """A folder, two levels deep by hash. Written beside, synced, then renamed: no half file has a name."""

    def __init__(self, folder: Path):
        self.folder = folder

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def put(self, body: bytes) -> str:
        """Keep the bytes; gives their SHA-256. Durable when it returns."""
        sha256 = hashlib.sha256(body).hexdigest()
        path = self._path(sha256)
        if path.exists():
            return sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{uuid4().hex}")
        try:
            with beside.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return sha256

    def put_file(self, path: Path) -> str:
        """Keep a file that is too large to hold in memory; gives its SHA-256. It stays where it is."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        target = self._path(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{uuid4().hex}")
        try:
            with path.open("rb") as source, beside.open("wb") as file:
                shutil.copyfileobj(source, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes; OSError if they are gone, ValueError if they were altered."""
        body = self._path(sha256).read_bytes()
        if hashlib.sha256(body).hexdigest() != sha256:
            raise ValueError(f"file {sha256} was altered")
        return body
