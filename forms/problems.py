"""What is wrong with a YAML form, in words, before anything is built from it. Used by the publish check."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from forms import patterns
from forms.kinds import KINDS, dating
from forms.kinds.choosing import YES_NO
from forms.kinds.drawing import CHANGES
from forms.problem_texts import problem
from forms.spec import as_key
from forms.text import Text

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
FORM_KEYS = {"form", "title", "intro", "law", "fields"}
COMMON = {"name", "kind", "label", "hint", "required", "show_if", "required_if", "withheld"}
RESERVED = {"csrf_token", "version", "action"}
TEXT_KEYS = ("label", "hint", "text", "unit")


def check(source: Any, lists: Collection[str] | None = None) -> list[Text]:
    """Every fault found, in both languages; an empty list means that the form can be used.

    With `lists`, the names of the known option lists, an unknown `options_from` is a fault too.
    """
    if not isinstance(source, Mapping):
        return [problem("not_a_form")]
    found = [problem("unknown_key", key=key) for key in source if key not in FORM_KEYS]
    if not NAME.fullmatch(str(source.get("form", ""))):
        found.append(problem("form_name"))
    found += _bilingual(source.get("title"), "title")
    found += _bilingual(source["intro"], "intro") if source.get("intro") else []
    return found + _fields(source.get("fields"), "") + _unknown_lists(source.get("fields"), lists)


def _fields(rows: Any, where: str) -> list[Text]:
    if not isinstance(rows, list) or not rows:
        return [problem("no_fields_in", where=where) if where else problem("no_fields")]
    found: list[Text] = []
    seen: dict[str, Mapping] = {}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping):
            found.append(problem("field_object", where=where, number=number))
            continue
        name = str(row.get("name", ""))
        if name in seen:
            found.append(problem("field_twice", where=where, number=number, name=name))
        found += [problem("in_field", name=f"{where}{name}", fault=fault) for fault in _field(row, seen)]
        if isinstance(row.get("fields"), list):
            found += _fields(row["fields"], f"{where}{name}.")
        seen[name] = row
    return found


def _unknown_lists(rows: Any, lists: Collection[str] | None) -> list[Text]:
    if lists is None or not isinstance(rows, list):
        return []
    found: list[Text] = []
    for row in rows:
        if isinstance(row, Mapping):
            name = row.get("options_from")
            if name and name not in lists:
                fault = problem("unknown_list", name=name)
                found.append(problem("in_field", name=row.get("name"), fault=fault))
            found += _unknown_lists(row.get("fields"), lists)
    return found


def _field(row: Mapping, above: Mapping[str, Mapping]) -> list[Text]:
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return [problem("unknown_kind", kind=kind, zh="、".join(KINDS), en=", ".join(KINDS))]
    allowed = COMMON | KINDS[kind].settings
    found = [problem("kind_key", kind=kind, key=key) for key in row if key not in allowed]
    if not NAME.fullmatch(str(row.get("name", ""))) or row.get("name") in RESERVED:
        found.append(problem("field_name"))
    if kind != "note" or "label" in row:
        found += _bilingual(row.get("label"), "label")
    for key in TEXT_KEYS[1:]:
        found += _bilingual(row[key], key) if row.get(key) else []
    found += _conditions(row, above) + _numbers(row)
    return found + _own(kind, row, above)


def _own(kind: str, row: Mapping, above: Mapping[str, Mapping]) -> list[Text]:
    if kind in {"choice", "choices"}:
        return _options(row)
    if kind == "files":
        return _papers(row, above)
    if kind == "group" and not row.get("fields"):
        return [problem("group_fields")]
    if kind == "note" and not row.get("text"):
        return [problem("note_text")]
    if kind == "drawing":
        return _changes(row.get("changes"))
    if kind == "date" and row.get("not_after") not in (None, dating.TODAY):
        return [problem("not_after")]
    return list(patterns.faults(str(row.get("pattern") or "")))


def _changes(listed: Any) -> list[Text]:
    known = "、".join(CHANGES)
    if listed is None or (isinstance(listed, list) and listed and all(isinstance(k, str) for k in listed)):
        unknown = [kind for kind in listed or () if kind not in CHANGES]
        return [problem("drawing_kind", kind=kind, known=known) for kind in unknown]
    return [problem("drawing_kinds", known=known)]


def _options(row: Mapping) -> list[Text]:
    if bool(row.get("options")) == bool(row.get("options_from")):
        return [problem("options_once")]
    listed = row.get("options") or []
    if not isinstance(listed, list):
        return [problem("options_list")]
    values = [as_key(o.get("value")) if isinstance(o, Mapping) else as_key(o) for o in listed]
    found = [problem("option_twice", value=v) for v in sorted({v for v in values if values.count(v) > 1})]
    for option, value in zip(listed, values, strict=True):
        found += (
            _bilingual(option.get("label"), problem("option", value=value))
            if isinstance(option, Mapping)
            else []
        )
    return found


def _papers(row: Mapping, above: Mapping[str, Mapping]) -> list[Text]:
    papers = row.get("papers") or []
    if not isinstance(papers, list) or not all(isinstance(p, Mapping) for p in papers):
        return [problem("papers_list")]
    kinds = [str(p.get("kind", "")) for p in papers]
    found = [problem("paper_kind", kind=k) for k in kinds if not NAME.fullmatch(k)]
    found += [problem("paper_twice", kind=k) for k in sorted({k for k in kinds if kinds.count(k) > 1})]
    found += [fault for p in papers for fault in _conditions(p, above)]
    return found + [
        fault for p in papers for fault in _bilingual(p.get("label"), problem("paper", kind=p.get("kind")))
    ]


def _conditions(row: Mapping, above: Mapping[str, Mapping]) -> list[Text]:
    found: list[Text] = []
    if row.get("of") and row["of"] not in above:
        found.append(problem("condition_field", key="of", name=row["of"]))
    for key in ("show_if", "required_if"):
        conditions = row.get(key) or {}
        if not isinstance(conditions, Mapping):
            found.append(problem("condition", key=key))
            continue
        for name, values in conditions.items():
            if name not in above:
                found.append(problem("condition_field", key=key, name=name))
            else:
                found += _known_values(key, str(name), values, above[name])
    return found


def _known_values(key: str, name: str, values: Any, asked: Mapping) -> list[Text]:
    known = {
        as_key(o.get("value")) if isinstance(o, Mapping) else as_key(o) for o in asked.get("options") or []
    }
    if asked.get("kind") == "yes_no":
        known = {value for value, _ in YES_NO}
    listed = [as_key(v) for v in (values if isinstance(values, list) else [values])]
    return [
        problem("condition_value", key=key, name=name, value=v)
        for v in listed
        if known and v and v not in known
    ]


def _numbers(row: Mapping) -> list[Text]:
    found: list[Text] = []
    for key in ("min", "max"):
        if row.get(key) is not None and row.get("kind") != "date" and _decimal(row[key]) is None:
            found.append(problem("number", key=key))
    for key in ("max_length", "min_length", "decimals"):
        value = row.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            found.append(problem("whole_number", key=key))
    low, high = _decimal(row.get("min")), _decimal(row.get("max"))
    return found + ([problem("min_max")] if low is not None and high is not None and low > high else [])


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _bilingual(value: Any, what: str) -> list[Text]:
    if isinstance(value, Mapping) and all(
        isinstance(value.get(lang), str) and value[lang] for lang in ("zh", "en")
    ):
        return []
    return [problem("bilingual", what=what)]
