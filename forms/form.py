"""A form: read from YAML once, then asked for its Schema, for what was posted, and for what to draw."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from marshmallow import ValidationError

from forms import faults, rows
from forms.conditions import holds
from forms.from_yaml import read_field, with_options
from forms.gather import Gathered, Store
from forms.kinds.filing import ids_in
from forms.problems import check
from forms.schema import FormSchema, camel, compile_schema, settled, visible
from forms.spec import Field, FormFault, Paper
from forms.summary import Answered, summarise
from forms.text import Text
from forms.view import Drawing, FieldView, draw

Errors = dict[str, list[str]]


class Form:
    """Questions of one task. Build with `forms.load`."""

    def __init__(self, source: Mapping[str, Any], lists: Mapping[str, object] | None = None):
        problems = check(source)
        if problems:
            raise FormFault(problems)
        self.name = str(source["form"])
        self.title = Text.of(source["title"])
        self.intro = Text.of(source["intro"]) if source.get("intro") else None
        self.law = tuple(Text.of(article) for article in source.get("law") or ())
        self.fields: tuple[Field, ...] = tuple(
            with_options(read_field(row), lists or {}) for row in source["fields"]
        )

    @cached_property
    def _schema(self) -> type[FormSchema]:
        return compile_schema(camel(self.name) + "Form", self.fields)

    @cached_property
    def picks_parcels(self) -> bool:
        """Whether `read` needs to be told which parcels there are to pick from."""
        return any(field.kind == "parcels" and not field.free for field in self.fields)

    @cached_property
    def picks_free_land(self) -> bool:
        """Whether it asks for land of the collective that nobody holds."""
        return any(field.free for field in self.fields)

    def schema(self) -> type[FormSchema]:
        """The marshmallow Schema class; loading with it gives the same data as `read`."""
        return self._schema

    def read(
        self,
        posted: Any,
        *,
        lang: str = "zh",
        context: Mapping[str, Any] | None = None,
        files: Any = None,
        store: Store | None = None,
    ) -> tuple[dict[str, Any], Errors]:
        """(data, errors by HTML field name). With errors, data still holds what was typed, for drawing again.

        posted   a werkzeug MultiDict (page) or a plain dict (JSON)
        context  known facts, as for `view`: `parcels`, `free_parcels` and `files` limit what may be chosen, `options`
                 gives option lists that differ by request, `today` (ISO) bounds the days of what has happened
        files    request.files; each new upload goes through `store(upload, input name, paper) -> file id`,
                 which may raise UploadRefused
        """
        facts = context or {}
        gathered = Gathered(posted, files, store)
        typed = gathered.fields(self.fields) if hasattr(posted, "getlist") else posted
        data, found = self._loaded(typed)
        asked = visible(self._late(facts), data)
        known = faults.unknown_facts(asked, data, facts)
        days = faults.to_come(asked, data, facts["today"]) if "today" in facts else {}
        merged = faults.join(gathered.faults, found, known, days)
        places = {field.name: place for place, field in enumerate(self.fields)}
        listed = sorted(merged, key=lambda name: places.get(name.partition("-")[0], len(places)))
        return data, {name: [text.for_lang(lang) for text in merged[name]] for name in listed}

    def _loaded(self, typed: Any) -> tuple[dict[str, Any], dict[str, list[Text]]]:
        try:
            return self.schema()().load(typed), {}
        except ValidationError as error:
            names = {f.name for f in self.fields}
            kept = {k: v for k, v in typed.items() if k in names} if isinstance(typed, Mapping) else {}
            return faults.bounded(kept), faults.flat(error.messages)

    def _late(self, context: Mapping[str, Any]) -> tuple[Field, ...]:
        """The fields with option lists of this request."""
        lists = context.get("options") or {}
        return tuple(with_options(f, lists) for f in self.fields)

    def draft(self, posted: Any, *, files: Any = None, store: Store | None = None) -> dict[str, Any]:
        """What was typed so far, unchecked, for a draft. Uploads that are refused are left out."""
        typed = Gathered(posted, files, store).fields(self.fields) if hasattr(posted, "getlist") else posted
        return self.kept(faults.bounded(typed)) if isinstance(typed, Mapping) else {}

    def kept(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The answers without those that may be kept nowhere: codes, signatures, what the form withholds."""
        held = {f.name for f in self.fields if f.withheld}
        return {name: value for name, value in data.items() if name not in held}

    def withheld(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The others, for what acts on the form."""
        held = {f.name for f in self.fields if f.withheld}
        return {name: value for name, value in data.items() if name in held}

    def edit_rows(
        self, posted: Any, *, files: Any = None, store: Store | None = None
    ) -> dict[str, Any] | None:
        """When an add- or remove-row button was pressed: the typed data with that row changed. Else None."""
        pressed = posted.get("_rows") if hasattr(posted, "getlist") else None
        if not pressed:
            return None
        typed = Gathered(posted, files, store, blank_rows=True).fields(self.fields)
        return rows.changed(self.fields, faults.bounded(typed), pressed)

    def view(
        self,
        data: Any = None,
        errors: Mapping[str, list[str]] | None = None,
        lang: str = "zh",
        context: Mapping[str, Any] | None = None,
    ) -> list[FieldView]:
        """Field views for `render_form`. Context keys, all optional:

        known    {key: value} for fields' `prefill`
        parcels  [{code, name, area_mu, location, ...}] to pick from; free_parcels: of the collective's land
        today    ISO day, the latest that a date of what has happened offers
        members, survey_parcels   first rows of those kinds
        files    {file id: {id, name, size, url}}
        options  {list name: options} that differ by request
        """
        facts = context or {}
        return draw(self._late(facts), data, Drawing(errors or {}, lang, facts))

    def summary(
        self, data: Any, lang: str = "zh", context: Mapping[str, Any] | None = None
    ) -> list[Answered]:
        """Answers read back, for check-your-answers and earlier opinions."""
        facts = context or {}
        return summarise(self._late(facts), data, lang, facts)

    def asked(self, data: Mapping[str, Any]) -> frozenset[str]:
        """Names of the fields that these answers ask for."""
        return frozenset(field.name for field in visible(self.fields, data))

    def wants(self, paper: Paper, data: Mapping[str, Any]) -> bool:
        """Whether these answers ask for the paper."""
        return holds(paper.show_if, settled(self.fields, data))

    def files_in(self, data: Mapping[str, Any]) -> list[tuple[str, str | None, str]]:
        """(field, paper kind, file id) for every file among the answers."""
        asked = [f for f in visible(self.fields, data) if f.kind == "files"]
        return [(f.name, kind, i) for f in asked for kind, i in ids_in(data.get(f.name))]


def load(source: Path | str | Mapping[str, Any], lists: Mapping[str, object] | None = None) -> Form:
    """A form from a YAML file or an already parsed mapping; `lists` are the option lists it may name.

    Raises FormFault naming every fault.
    """
    if isinstance(source, Mapping):
        return Form(source, lists)
    try:
        parsed = yaml.load(Path(source).read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FormFault([f"不是有效的 YAML：{error}"]) from None
    return Form(parsed, lists)
