"""files: papers handed in. A value holds only ids of files that are already stored.

With named papers the value is `{paper kind: [file id, ...]}`; without, it is `[file id, ...]`.
"""

import re

from forms.clean import plain, wrong
from forms.spec import Field

MOST = 20
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


def most(asked: Field) -> int:
    return int(asked.high) if asked.high is not None else MOST


def files(value: object, asked: Field) -> object:
    if not asked.papers:
        return _ids(value, asked)
    given = value
    if isinstance(given, (str, list, tuple)) and len(asked.papers) == 1:
        given = {asked.papers[0].kind: given}
    if not isinstance(given, dict):
        raise wrong(asked, "type_list")
    known = {paper.kind for paper in asked.papers}
    for kind in given:
        if kind not in known:
            raise wrong(asked, "unknown_paper", paper=str(kind)[:40])
    kept = {paper.kind: _ids(given.get(paper.kind) or [], asked) for paper in asked.papers}
    return {kind: ids for kind, ids in kept.items() if ids}


def _ids(value: object, asked: Field) -> list[str]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)):
        raise wrong(asked, "type_list")
    if len(values) > 10 * MOST:
        raise wrong(asked, "too_many_files", max=most(asked))
    ids = list(dict.fromkeys(plain(v, asked, 200) for v in values if v != ""))
    if len(ids) > most(asked):
        raise wrong(asked, "too_many_files", max=most(asked))
    if any(not _ID.fullmatch(i) for i in ids):
        raise wrong(asked, "file_id")
    return ids


def ids_in(value: object) -> list[tuple[str | None, str]]:
    """(paper kind or None, file id) for every file of a value, whatever its shape."""
    if isinstance(value, dict):
        return [(str(kind), str(i)) for kind, ids in value.items() if isinstance(ids, list) for i in ids]
    return [(None, str(i)) for i in value] if isinstance(value, list) else []


def openapi(asked: Field) -> dict[str, object]:
    ids = {"type": "array", "items": {"type": "string", "maxLength": 128}, "maxItems": most(asked)}
    if not asked.papers:
        return ids
    papers = {paper.kind: {**ids, "title": str(paper.label)} for paper in asked.papers}
    return {"type": "object", "properties": papers, "additionalProperties": False}


def show(value: object, asked: Field, lang: str) -> str:
    count = len(ids_in(value))
    return f"{count} file(s)" if lang.startswith("en") else f"{count} 个文件"
