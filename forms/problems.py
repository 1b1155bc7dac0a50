"""What is wrong with a YAML form, in words, before anything is built from it. Used by the publish check."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from forms import patterns
from forms.kinds import KINDS
from forms.kinds.choosing import YES_NO
from forms.spec import as_key

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
FORM_KEYS = {"form", "title", "intro", "law", "fields"}
COMMON = {"name", "kind", "label", "hint", "required", "show_if", "required_if"}
RESERVED = {"csrf_token", "version", "action"}
TEXT_KEYS = ("label", "hint", "text", "unit")


def check(source: Any, lists: Collection[str] | None = None) -> list[str]:
    """Every fault found, in Chinese; an empty list means that the form can be used.

    With `lists`, the names of the known option lists, an unknown `options_from` is a fault too.
    """
    if not isinstance(source, Mapping):
        return ["表单文件应为由 form、title、fields 组成的 YAML 对象"]
    found = [f"不认识的设置“{key}”" for key in source if key not in FORM_KEYS]
    if not NAME.fullmatch(str(source.get("form", ""))):
        found.append("form 应为小写字母、数字和下划线组成的名称")
    found += _bilingual(source.get("title"), "title")
    found += _bilingual(source["intro"], "intro") if source.get("intro") else []
    return found + _fields(source.get("fields"), "") + _unknown_lists(source.get("fields"), lists)


def _fields(rows: Any, where: str) -> list[str]:
    if not isinstance(rows, list) or not rows:
        return [f"{where or '表单'}没有 fields"]
    found: list[str] = []
    seen: dict[str, Mapping] = {}
    for number, row in enumerate(rows, start=1):
        place = f"{where}第 {number} 个栏目"
        if not isinstance(row, Mapping):
            found.append(f"{place}应为对象")
            continue
        name = str(row.get("name", ""))
        if name in seen:
            found.append(f"{place}：名称“{name}”重复")
        found += [f"栏目“{where}{name}”：{fault}" for fault in _field(row, seen)]
        if isinstance(row.get("fields"), list):
            found += _fields(row["fields"], f"{where}{name}.")
        seen[name] = row
    return found


def _unknown_lists(rows: Any, lists: Collection[str] | None) -> list[str]:
    if lists is None or not isinstance(rows, list):
        return []
    found = []
    for row in rows:
        if isinstance(row, Mapping):
            name = row.get("options_from")
            found += (
                [f"栏目“{row.get('name')}”：没有名为“{name}”的选项表"] if name and name not in lists else []
            )
            found += _unknown_lists(row.get("fields"), lists)
    return found


def _field(row: Mapping, above: Mapping[str, Mapping]) -> list[str]:
    kind = row.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        return [f"不认识的种类“{kind}”（可用：{'、'.join(KINDS)}）"]
    allowed = COMMON | KINDS[kind].settings
    found = [f"种类 {kind} 没有设置“{key}”" for key in row if key not in allowed]
    if not NAME.fullmatch(str(row.get("name", ""))) or row.get("name") in RESERVED:
        found.append("name 应为小写字母、数字和下划线，且不是 csrf_token、version、action")
    if kind != "note" or "label" in row:
        found += _bilingual(row.get("label"), "label")
    for key in TEXT_KEYS[1:]:
        found += _bilingual(row[key], key) if row.get(key) else []
    found += _conditions(row, above) + _numbers(row)
    return found + _own(kind, row)


def _own(kind: str, row: Mapping) -> list[str]:
    if kind in {"choice", "choices"}:
        return _options(row)
    if kind == "files":
        return _papers(row)
    if kind == "group" and not row.get("fields"):
        return ["group 没有 fields"]
    if kind == "note" and not row.get("text"):
        return ["note 没有 text"]
    return list(patterns.faults(str(row.get("pattern") or "")))


def _options(row: Mapping) -> list[str]:
    if bool(row.get("options")) == bool(row.get("options_from")):
        return ["options 与 options_from 必须且只能有一个"]
    listed = row.get("options") or []
    if not isinstance(listed, list):
        return ["options 应为列表"]
    values = [as_key(o.get("value")) if isinstance(o, Mapping) else as_key(o) for o in listed]
    found = [f"选项“{v}”重复" for v in sorted({v for v in values if values.count(v) > 1})]
    for option, value in zip(listed, values, strict=True):
        found += _bilingual(option.get("label"), f"选项 {value}") if isinstance(option, Mapping) else []
    return found


def _papers(row: Mapping) -> list[str]:
    papers = row.get("papers") or []
    if not isinstance(papers, list) or not all(isinstance(p, Mapping) for p in papers):
        return ["papers 应为 {kind, label, required} 的列表"]
    kinds = [str(p.get("kind", "")) for p in papers]
    found = [f"材料种类“{k}”不是小写名称" for k in kinds if not NAME.fullmatch(k)]
    found += [f"材料“{k}”重复" for k in sorted({k for k in kinds if kinds.count(k) > 1})]
    return found + [fault for p in papers for fault in _bilingual(p.get("label"), f"材料 {p.get('kind')}")]


def _conditions(row: Mapping, above: Mapping[str, Mapping]) -> list[str]:
    found: list[str] = []
    for key in ("show_if", "required_if"):
        conditions = row.get(key) or {}
        if not isinstance(conditions, Mapping):
            found.append(f"{key} 应为 栏目: [值] 的对象")
            continue
        for name, values in conditions.items():
            if name not in above:
                found.append(f"{key} 提到的“{name}”不是它上面的栏目")
            else:
                found += _known_values(key, str(name), values, above[name])
    return found


def _known_values(key: str, name: str, values: Any, asked: Mapping) -> list[str]:
    known = {
        as_key(o.get("value")) if isinstance(o, Mapping) else as_key(o) for o in asked.get("options") or []
    }
    if asked.get("kind") == "yes_no":
        known = {value for value, _ in YES_NO}
    listed = [as_key(v) for v in (values if isinstance(values, list) else [values])]
    return [f"{key}：“{name}”没有选项“{v}”" for v in listed if known and v not in known]


def _numbers(row: Mapping) -> list[str]:
    found = []
    for key in ("min", "max"):
        if row.get(key) is not None and row.get("kind") != "date" and _decimal(row[key]) is None:
            found.append(f"{key} 应为数字")
    for key in ("max_length", "min_length", "decimals"):
        value = row.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            found.append(f"{key} 应为不小于 0 的整数")
    low, high = _decimal(row.get("min")), _decimal(row.get("max"))
    return found + (["min 大于 max"] if low is not None and high is not None and low > high else [])


def _decimal(value: Any) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _bilingual(value: Any, what: str) -> list[str]:
    if isinstance(value, Mapping) and all(
        isinstance(value.get(lang), str) and value[lang] for lang in ("zh", "en")
    ):
        return []
    return [f"{what} 应有中文 zh 和英文 en"]
