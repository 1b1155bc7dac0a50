"""What was posted, as one nested dict of raw values: from an HTML form, or from JSON as it came.

HTML names: `opinion`; a repeated group's `members-0-name`; a group asked once `agent-name`; stored files as
hidden inputs `papers-id_card` with new ones in `papers-id_card-upload`; a boundary file in
`rows-0-geometry-upload`. Names the form does not know belong to the page and are left alone.
"""

import re
from collections.abc import Callable
from typing import Any

from forms.clean import empty
from forms.kinds import KINDS
from forms.kinds.filing import most
from forms.kinds.shapes import LARGEST
from forms.spec import Field
from forms.text import Text, say

MOST_INDEX = 10_000
Store = Callable[[Any, str, str | None], str]


class UploadRefused(Exception):
    """Raised by the page's `store` when a file cannot be taken; `message` (zh, en) is for the person."""

    def __init__(self, zh: str, en: str | None = None):
        super().__init__(zh)
        self.message = Text(zh, en)


class Gathered:
    """Collects the raw values and the faults met while taking in uploads.

    ``blank_rows`` keeps rows that nothing was typed into: a page that only adds or removes one shows the others.
    """

    def __init__(self, posted: Any, files: Any = None, store: Store | None = None, blank_rows: bool = False):
        self.posted, self.files, self.store, self.blank_rows = posted, files, store, blank_rows
        self.faults: dict[str, list[Text]] = {}

    def fields(self, asked: tuple[Field, ...], prefix: str = "") -> dict[str, Any]:
        return {f.name: self.value(f, prefix + f.name) for f in asked if f.asks}

    def value(self, asked: Field, name: str) -> Any:
        if asked.fields:
            return self.rows(asked, name) if asked.repeated else self.part(asked, name)
        if asked.kind == "files":
            return self.papers(asked, name)
        if asked.kind == "shape":
            return self.shape(asked, name)
        if asked.kind == "drawing":
            drawn = self.posted.get(name)
            return None if isinstance(drawn, str) and drawn.strip() == "[]" else drawn
        given = self.posted.getlist(name)
        if asked.kind == "parcel_codes" and len(given) > 1:
            return [one for one in given if one.strip()]  # the place to type others may be empty
        return given if KINDS[asked.kind].many else self.posted.get(name)

    def part(self, asked: Field, name: str) -> dict[str, Any] | None:
        answers = self.fields(asked.fields, name + "-")
        return None if empty(answers) else answers

    def rows(self, asked: Field, name: str) -> list[dict[str, Any]]:
        """Rows in the order of their numbers; rows left as they came do not count, except while rows are edited."""
        found = (re.match(rf"{re.escape(name)}-(\d{{1,5}})-", key) for key in self._names())
        numbers = sorted({int(m[1]) for m in found if m and int(m[1]) < MOST_INDEX})
        rows = [self.fields(asked.fields, f"{name}-{number}-") for number in numbers]
        return [row for row in rows if self.blank_rows or not untouched(asked.fields, row)]

    def _names(self) -> list[str]:
        return [*self.posted.keys(), *(self.files.keys() if self.files else ())]

    def papers(self, asked: Field, name: str) -> Any:
        one = most(asked) == 1
        if not asked.papers:
            return self._ids(asked.label, name, None, one)
        return {p.kind: self._ids(p.label, f"{name}-{p.kind}", p.kind, one) for p in asked.papers}

    def _ids(self, label: Text, name: str, paper: str | None, replaced: bool) -> list[str]:
        """``replaced``: where there may be one file only, a new one takes the old one's place."""
        removed = set(self.posted.getlist(f"{name}-remove"))
        kept = [i for i in self.posted.getlist(name) if i and i not in removed]
        new = self._stored(label, name, paper)
        return new if replaced and new else kept + new

    def _stored(self, label: Text, name: str, paper: str | None) -> list[str]:
        ids = []
        for upload in self._uploads(name):
            try:
                if self.store is None:
                    raise UploadRefused("此处不能上传文件", "Files cannot be uploaded here")
                ids.append(self.store(upload, name, paper))
            except UploadRefused as refused:
                message = Text(f"“{label}”：{refused.message}", f"“{label.en}”: {refused.message.en}")
                self.faults.setdefault(name, []).append(message)
        return ids

    def _uploads(self, name: str) -> list[Any]:
        listed = self.files.getlist(f"{name}-upload") if self.files else []
        return [upload for upload in listed if upload and upload.filename]

    def shape(self, asked: Field, name: str) -> Any:
        """The boundary as typed; a file, read here because it is small text, wins over typing."""
        for upload in self._uploads(name):
            content = upload.stream.read(LARGEST + 1)
            try:
                if len(content) > LARGEST:
                    raise ValueError("too large")
                return content.decode("utf-8-sig")
            except ValueError:
                key = "shape_size" if len(content) > LARGEST else "shape_text"
                self.faults[name] = [say(key, label=asked.label, max=LARGEST // 1024)]
        return self.posted.get(name)


def untouched(asked: tuple[Field, ...], row: dict[str, Any]) -> bool:
    """Nothing but what a new row begins with."""
    begins = {field.name: str(field.default) for field in asked if field.default is not None}
    return all(empty(value) or str(value) == begins.get(name) for name, value in row.items())
