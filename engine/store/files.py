"""Files by content: the name is the SHA-256, so a file is never overwritten and never lies about itself."""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

_CHUNK = 1 << 20


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
        if not path.exists():
            _write(path, body)
        return sha256

    def keep(self, stream: BinaryIO) -> tuple[str, int]:
        """As ``put``, for what is too large for memory: gives SHA-256 and size in bytes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f".{uuid4().hex}"
        digest, size = hashlib.sha256(), 0
        try:
            with beside.open("wb") as file:
                while chunk := stream.read(_CHUNK):
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
            path = self._path(digest.hexdigest())
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def hold(self, name: str, body: bytes) -> None:
        """Keep under a name what was made and is not recorded yet: whoever tries again after a crash finds it."""
        _write(self._held(name), body)

    def held(self, name: str) -> bytes | None:
        try:
            return self._held(name).read_bytes()
        except FileNotFoundError:
            return None

    def let_go(self, name: str) -> None:
        self._held(name).unlink(missing_ok=True)

    def _held(self, name: str) -> Path:
        return self.folder / "held" / name

    def open(self, sha256: str) -> BinaryIO:
        """The file, to be read by parts; OSError if it is gone. Whoever reads it all may compare the hash."""
        return self._path(sha256).open("rb")

    def get(self, sha256: str) -> bytes:
        """The bytes; OSError if they are gone, ValueError if they were altered."""
        body = self._path(sha256).read_bytes()
        if hashlib.sha256(body).hexdigest() != sha256:
            raise ValueError(f"file {sha256} was altered")
        return body


def _write(path: Path, body: bytes) -> None:
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
