"""Tiles that were made before, in Redis. It may forget any of them, or be away: then they are made again.

The cache is a table of a fixed number of places. A tile's place follows from its key, and who comes to a place that
is taken throws out what lay there; so it never grows, and never needs to be tidied.
"""

import gzip
import zlib
from functools import cache
from hashlib import sha256

from redis import Redis, RedisError

from web.db import running

PLACES = 2048
LARGEST = 64 * 1024  # bytes, compressed; a larger tile is made anew each time. All places full: 128 MB
SECONDS = 24 * 3600
PATIENCE = 0.2  # seconds until Redis is taken to be away


@cache
def _redis(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def packed(tile: bytes) -> bytes:
    return gzip.compress(tile, 5, mtime=0)


def digest(key: str) -> bytes:
    """Of all that a tile depends on: whose scope, which revision and day, which square."""
    return sha256(key.encode()).digest()


def kept(key: bytes) -> bytes | None:
    """The packed tile, if it is there."""
    try:
        found = _redis(running().settings.redis_url or "").get(_place(key))
    except (RedisError, ValueError):
        return None
    return found[len(key) :] if isinstance(found, bytes) and found.startswith(key) else None


def keep(key: bytes, tile: bytes) -> None:
    if len(tile) > LARGEST:
        return
    try:
        _redis(running().settings.redis_url or "").set(_place(key), key + tile, ex=SECONDS)
    except (RedisError, ValueError):
        return


def _place(key: bytes) -> str:
    return f"tiles:{zlib.crc32(key) % PLACES}"
