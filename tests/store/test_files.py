"""Files by content: the same bytes lie once, altered bytes are refused, a failed write leaves no name."""

import hashlib

import pytest

from engine.store.files import FileStore
from tests.usecases.acting import at_once


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "files")


def names(store):
    return [path.name for path in store.folder.rglob("*") if path.is_file()]


def test_what_is_put_can_be_got_by_its_hash(store):
    sha256 = store.put(b"body")
    assert sha256 == hashlib.sha256(b"body").hexdigest()
    assert store.get(sha256) == b"body"
    assert store.put(b"body") == sha256
    assert names(store) == [sha256]


def test_many_at_once_write_one_file(store):
    body = b"x" * 1_000_000
    assert set(at_once(*[lambda: store.put(body)] * 4)) == {hashlib.sha256(body).hexdigest()}
    assert len(names(store)) == 1


def test_altered_and_missing_files_are_told_apart(store):
    sha256 = store.put(b"body")
    store._path(sha256).write_bytes(b"other")
    with pytest.raises(ValueError, match="altered"):
        store.get(sha256)
    store._path(sha256).unlink()
    with pytest.raises(FileNotFoundError):
        store.get(sha256)


def test_a_write_that_fails_leaves_nothing(store, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"body")
    assert names(store) == []
