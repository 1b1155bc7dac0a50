"""Calls to services outside: to the configured address alone, once, with a bound on time and length in all.

No redirects and no proxy of the environment: whoever answers with another address is not the one that was configured.
A service that sends a byte now and then holds nobody longer than one that is silent.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NoAnswer(OSError):
    """It did not answer, not in time, too much, or not with 2xx."""


def checked(name: str, address: str | None, clear: bool = False) -> str | None:
    """The address of a setting. ValueError where it is none, or would carry secrets in the clear.

    ``clear``: what is sent and answered there is nobody's secret.
    """
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{name}: {address!r} is no address")
    if parts.scheme != "https" and not (clear or parts.hostname in LOOPBACK):
        raise ValueError(f"{name}: https only")
    return address


def post(address: str, body: bytes, headers: Mapping[str, str], seconds: float, most: int) -> bytes:
    """What it answers, of at most ``most`` bytes, within ``seconds`` in all. Raises NoAnswer."""
    parts = urlsplit(address)
    over = threading.Event()
    try:
        line = _connected(parts, seconds)
        watch = threading.Timer(seconds, _cut, (line.sock, over))
        watch.start()
        try:
            return _asked(line, parts, body, headers, most)
        finally:
            watch.cancel()
            line.close()
    except (OSError, http.client.HTTPException) as error:
        why = f"no answer within {seconds:g} s" if over.is_set() else f"{type(error).__name__}: {error}"
        raise NoAnswer(f"{parts.hostname}: {why}") from error


def _connected(parts: SplitResult, seconds: float) -> http.client.HTTPConnection:
    assert parts.hostname is not None
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    sock = socket.create_connection((parts.hostname, port), seconds)
    line = http.client.HTTPConnection(parts.hostname, port)
    # shaken hands with the first byte that is sent, so that the watch has all of it
    line.sock = (
        ssl.create_default_context().wrap_socket(
            sock, server_hostname=parts.hostname, do_handshake_on_connect=False
        )
        if secure
        else sock
    )
    return line


def _asked(
    line: http.client.HTTPConnection, parts: SplitResult, body: bytes, headers: Mapping[str, str], most: int
) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    line.request("POST", path, body=body, headers={"Host": host, **headers})
    answer = line.getresponse()
    if not 200 <= answer.status < 300:
        raise NoAnswer(f"answered {answer.status}")
    told = answer.read(most + 1)
    if len(told) > most:
        raise NoAnswer(f"answered more than {most} bytes")
    if answer.length:
        raise NoAnswer("broke off within the answer")
    return told


def _cut(sock: socket.socket, over: threading.Event) -> None:
    over.set()
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
