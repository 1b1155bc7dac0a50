"""Content-Disposition with a Chinese file name (RFC 6266)."""

from urllib.parse import quote


def disposition(name: str, inline: bool = False) -> str:
    """Both forms: an ASCII name for old programs, the real one in UTF-8."""
    plain = (
        "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name) or "file"
    )
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
