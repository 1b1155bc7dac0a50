"""Opens a delivery package, folder or zip, without trusting it.

Of a zip only what is read is unpacked (layers, tables, sheets, metadata); papers and pictures are known by
name. Sizes are added up before anything is written and counted again while it is, names are made relative
and plain, links and encrypted members are refused.
"""

import contextlib
import os
import pathlib
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from engine.domain.said import said_of, say
from engine.exchange.package.model import OWNERSHIP, SUMMARIES, VECTORS

READ_SUFFIXES = (
    ".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg", ".xml", ".sqlite", ".mdb", ".xls", ".xlsx",
)  # fmt: skip
_IGNORED = {".ds_store", "thumbs.db", "desktop.ini"}
_CHUNK = 1 << 20
_BAD_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
)


class PackageError(Exception):
    """The package cannot be opened at all; the message (Chinese) tells the user why."""


@dataclass(frozen=True)
class Limits:
    """What a package may need at most; settings of the installation."""

    members: int = 1_000_000
    unpacked_bytes: int = 8 << 30
    ratio: int = 300  # unpacked to packed, counted from `ratio_from` on; blank dbf columns reach 100
    ratio_from: int = 64 << 20


@dataclass(frozen=True)
class Opened:
    """`files` maps every relative path (with `/`) to a file on disk, or to None where it was not unpacked."""

    root_name: str
    files: dict[str, pathlib.Path | None]


@contextlib.contextmanager
def opened(path: pathlib.Path, limits: Limits = Limits(), name: str | None = None) -> Iterator[Opened]:
    """The package's root and files. Raises PackageError; unpacked files are gone afterwards.

    ``name`` is what a zip was called by who sent it: where it has no root folder, it is named as the zip is.
    """
    if path.is_dir():
        yield _folder(path, limits)
        return
    if not path.exists():
        raise PackageError(say("找不到成果包：%(name)s", name=path.name))
    try:
        if not zipfile.is_zipfile(path):
            raise PackageError(say("不是文件夹，也不是有效的 zip 文件"))
        with tempfile.TemporaryDirectory(prefix="package-") as folder:
            yield _unzip(path, pathlib.Path(folder), limits, pathlib.PurePath(name or path.name).stem)
    except _BAD_ZIP as error:
        raise PackageError(say("zip 文件损坏或格式不受支持：%(why)s", why=said_of(error))) from error
    except OSError as error:
        raise PackageError(say("读取成果包失败：%(why)s", why=error.strerror or error)) from error


def _folder(path: pathlib.Path, limits: Limits) -> Opened:
    root = _find_root(path)
    files: dict[str, pathlib.Path | None] = {}
    for folder, names, members in os.walk(root, followlinks=False):
        for name in (*names, *members):
            entry = pathlib.Path(folder, name)
            if entry.is_symlink():
                raise PackageError(
                    say("成果包内含有链接，不予读取：%(name)s", name=entry.relative_to(root).as_posix())
                )
        for name in members:
            entry = pathlib.Path(folder, name)
            if name.lower() not in _IGNORED and stat.S_ISREG(entry.lstat().st_mode):
                files[entry.relative_to(root).as_posix()] = entry
        if len(files) > limits.members:
            raise PackageError(say("成果包内文件过多，超过 %(most)s 个", most=limits.members))
    return Opened(root.resolve().name, files)


def _find_root(path: pathlib.Path) -> pathlib.Path:
    """The folder itself, or the only folder inside it when it has none of a package's own folders."""
    inner = [entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith((".", "__"))]
    if {entry.name for entry in inner} & {VECTORS, OWNERSHIP, SUMMARIES} or len(inner) != 1:
        return path
    return inner[0]


def _unzip(path: pathlib.Path, target: pathlib.Path, limits: Limits, called: str) -> Opened:
    with zipfile.ZipFile(path) as archive:
        members = _members(archive)
        _check_sizes(list(members.values()), path.stat().st_size, limits)
        root, members = _strip_root(members, called)
        files: dict[str, pathlib.Path | None] = {}
        folders: dict[str, pathlib.Path] = {}
        budget = limits.unpacked_bytes
        for name, info in members.items():
            files[name] = None
            parent, _, own = name.rpartition("/")
            if own.lower().endswith(READ_SUFFIXES):
                folder = folders.setdefault(
                    parent, target / str(len(folders))
                )  # parts of a shapefile stay together
                files[name] = folder / own
                budget = _extract(archive, info, folder / own, budget)
        return Opened(root, files)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = _plain_name(_decoded(info))
        if (
            info.is_dir()
            or name.rstrip("/").rpartition("/")[2].lower() in _IGNORED
            or name.startswith("__MACOSX/")
        ):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            raise PackageError(say("成果包内含有链接，不予读取：%(name)s", name=name))
        if info.flag_bits & 0x1:
            raise PackageError(say("成果包内有加密文件，不能读取：%(name)s", name=name))
        if name in members:
            raise PackageError(say("成果包内有同名文件：%(name)s", name=name))
        members[name] = info
    return members


def _decoded(info: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag it is UTF-8 or GB18030 as Windows tools write it."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _plain_name(name: str) -> str:
    name = name.replace("\\", "/")
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or ".." in parts or ":" in parts[0] or any(ord(c) < 32 for c in name):
        raise PackageError(say("成果包内文件路径不合法：%(name)s", name=repr(name)))
    return "/".join(part for part in parts if part not in ("", "."))


def _check_sizes(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    total = sum(info.file_size for info in members)
    if len(members) > limits.members:
        raise PackageError(say("成果包内文件过多，超过 %(most)s 个", most=limits.members))
    if total > limits.unpacked_bytes:
        raise PackageError(
            f"成果包解压后有 {total >> 20} MB，超过上限 {limits.unpacked_bytes >> 20} MB，疑为压缩炸弹"
        )
    if total > limits.ratio_from and total > limits.ratio * packed:
        raise PackageError(
            f"成果包压缩比异常（解压后 {total >> 20} MB，压缩后 {packed >> 10} KB），疑为压缩炸弹"
        )


def _strip_root(members: dict[str, zipfile.ZipInfo], stem: str) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """Take off folders that hold everything, down to the package's own root; the zip's name is the last resort."""
    root = stem
    while members:
        tops = {name.partition("/")[0] for name in members if "/" in name}
        if tops & {VECTORS, OWNERSHIP, SUMMARIES} or len(tops) != 1:
            break
        root = tops.pop()
        inside = {
            name.partition("/")[2]: info for name, info in members.items() if name.startswith(root + "/")
        }
        members = inside
    return root, members


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: pathlib.Path, budget: int) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(info) as source, place.open("wb") as out:
        while chunk := source.read(_CHUNK):
            budget -= len(chunk)
            if budget < 0:
                raise PackageError(say("成果包解压后超过上限，疑为压缩炸弹"))
            out.write(chunk)
    return budget


def streams(path: pathlib.Path, limits: Limits = Limits()) -> Iterator[tuple[str, BinaryIO]]:
    """Every file of the package by its relative path, open for reading until the next one is asked for.

    Raises PackageError as `opened` does, also where a file turns out larger than it said.
    """
    try:
        if path.is_dir():
            for name, place in sorted(_folder(path, limits).files.items()):
                assert place is not None
                with place.open("rb") as file:
                    yield name, file
            return
        with zipfile.ZipFile(path) as archive:
            members = _members(archive)
            _check_sizes(list(members.values()), path.stat().st_size, limits)
            for name, info in sorted(_strip_root(members, path.stem)[1].items()):
                with archive.open(
                    info
                ) as file:  # reads no more than the member's stated size, and checks its sum
                    yield name, file  # type: ignore[misc]
    except (*_BAD_ZIP, OSError) as error:
        raise PackageError(say("读取成果包失败：%(why)s", why=said_of(error))) from error
