"""From a form's answers to typed changes of the register, as a case type's ``changes.yaml`` says. Pure.

``docs/changes.md`` describes the file. Templates are plain YAML: text that begins with ``=`` is a path into
the answers, a mapping with ``for`` gives a list, one with ``like`` a thing of the register with other values. There is
no arithmetic and no code: what a change may do is the change's own affair.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, get_type_hints

from engine.domain import masking
from engine.domain.changes import KINDS, Change, Register, from_json, geometry
from engine.domain.changes.codec import plain
from engine.domain.changes.findings import Finding, by_any, rules
from engine.domain.said import Said, say

LOOP = {"for", "as", "when", "unless", "except", "give"}
KIND_KEYS = {"households", "papers", "changes", "not_yet", "feed", "day"}


class CannotPropose(Exception):
    """An answer names something that the register does not have. ``path`` is the answer's."""

    def __init__(self, message: Said, path: str = ""):
        super().__init__(message)
        self.message, self.path = message, path


@dataclass
class Scope:
    """What templates may look at. ``codes``: new contractor codes, taken one by one."""

    data: Mapping[str, Any]
    register: Register
    contractors: tuple[str, ...]  # the case's own first, then those that the answers name
    codes: Iterator[str]
    where: str = ""  # path of the list that is gone through

    def within(self, name: str, item: Any, where: str) -> "Scope":
        return replace(self, data={**self.data, name: item}, where=self.where or where)


class ChangeRules:
    """The ``changes.yaml`` of a case type."""

    def __init__(self, source: Mapping[str, Any]):
        self.kind_path: str = source["kind"]
        self.kinds: Mapping[str, Mapping[str, Any]] = source["kinds"]

    def kind(self, data: Mapping[str, Any]) -> str:
        return str(look(data, self.kind_path) or "")

    def households(self, data: Mapping[str, Any]) -> list[tuple[str, str]]:
        """(path of the answer, contractor code) of every other household that the answers name."""
        found = []
        for template in self.kinds[self.kind(data)].get("households", []):
            value = look(data, template[1:])
            found += [(template[1:], str(code)) for code in (value if isinstance(value, list) else [value])]
        return [(path, code) for path, code in found if code and code != "None"]

    def papers(self, data: Mapping[str, Any], form: str | None = None) -> list[str]:
        """Kinds of paper that must come with the application; ``form``: those that may come as late as with that form."""
        rows = self.kinds[self.kind(data)].get("papers", [])
        return [row["paper"] for row in rows if row.get("until") == form and holds(row.get("when"), data)]

    def changes(self, scope: Scope) -> tuple[Change, ...]:
        """Raises CannotPropose where an answer names what is not there."""
        rows = evaluate(list(self.kinds[self.kind(scope.data)]["changes"]), scope)
        return from_json([completed(row) for row in rows if row])

    def feed_code(self, data: Mapping[str, Any], ends: bool = False) -> str | None:
        """接入业务编码: the first whose conditions hold. ``ends``: whether the household's contract ends by it."""
        rows = self.kinds[self.kind(data)].get("feed", [])
        data = {**data, "effect": {"ends": ends}}
        return next((str(row["code"]) for row in rows if holds(row.get("when"), data)), None)

    def standing(self, findings: list[Finding], data: Mapping[str, Any]) -> list[Finding]:
        """Without those that only time or a later step can meet, and that count on the day of filing."""
        listed = self.kinds[self.kind(data)].get("not_yet", [])
        later = [row["rule"] for row in listed if holds(row.get("when"), data)]
        return [found for found in findings if not by_any(found, later)]


def evaluate(template: Any, scope: Scope) -> Any:
    if isinstance(template, str):
        return answer(template[1:], scope) if template.startswith("=") else template
    if isinstance(template, list):
        found: list[Any] = []
        for item in template:
            value = evaluate(item, scope)
            found += value if isinstance(value, list) else [] if value is None else [value]
        return found
    if not isinstance(template, Mapping):
        return template
    if "for" in template:
        return list(loop(template, scope))
    if "one_of" in template:
        found = evaluate(template["one_of"], scope)
        return next(iter(found), None) if isinstance(found, list) else found
    if "when" in template and not holds(template["when"], scope.data):
        return None
    if "like" in template:
        return alike(template, scope)
    first = template.get("needs")
    made = {first: evaluate(template[first], scope)} if first else {}
    if first and not made[first]:
        return None
    rest = {name: value for name, value in template.items() if name not in ("when", "needs", first)}
    return made | {name: evaluate(value, scope) for name, value in rest.items()}


def loop(template: Mapping[str, Any], scope: Scope) -> Iterator[Any]:
    """``give`` for each item of one list or several, where ``when`` holds and ``unless`` does not."""
    paths = template["for"] if isinstance(template["for"], list) else [template["for"]]
    name = template.get("as", "row")
    without = evaluate(template["except"], scope) if "except" in template else None
    for path in paths:
        items = evaluate(path, scope)
        for item in items if isinstance(items, list) else [] if items is None else [items]:
            inner = scope.within(name, item, str(path).lstrip("="))
            left_out = isinstance(without, list) and item in without
            if left_out or not holds(template.get("when"), inner.data, scope=inner):
                continue
            if "unless" in template and holds(template["unless"], inner.data, scope=inner):
                continue
            value = evaluate(template.get("give", f"={name}"), inner)
            yield from value if isinstance(value, list) else [] if value is None else [value]


def holds(conditions: Mapping[str, Any] | None, data: Mapping[str, Any], scope: Scope | None = None) -> bool:
    """Every path has one of the values listed; ``null`` stands for no answer, ``any`` for whatever answer.

    Of a list of answers it is enough that one is listed.
    """
    for path, wanted in (conditions or {}).items():
        listed = wanted if isinstance(wanted, list) else [wanted]
        value = look(data, path)
        if value in ("", [], {}):
            value = None
        if scope is not None:
            listed = [evaluate(item, scope) for item in listed]
        given = value if isinstance(value, list) else [value]
        if not (any(one in listed for one in given) or ("any" in listed and value is not None)):
            return False
    return True


def look(data: Mapping[str, Any], path: str) -> Any:
    """The value at ``a.b.c``; None where there is none. ``a.b.*`` of a list gives the value of each row."""
    value: Any = data
    names = path.split(".")
    for place, name in enumerate(names):
        if isinstance(value, list):
            rest = ".".join(names[place:])
            return [found for row in value if (found := look(row, rest)) is not None]
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def answer(path: str, scope: Scope) -> Any:
    path, *functions = path.split("|")
    value = next(scope.codes) if path == "new.contractor" else look(scope.data, path)
    for function in functions:
        name, _, word = function.partition(":")
        value = FUNCTIONS[name](value, word, path, scope)
    return value


# --- functions behind a path: value, what stands after the colon, the path, the scope


def member(value: Any, word: str, path: str, scope: Scope) -> str | None:
    """A member's identity number from what the form has: the number itself, or the masked one that pages show."""
    if value is None:
        return None
    for code in scope.contractors:
        household = scope.register.contractors.get(code)
        fits = [m for m in (household.members if household else ()) if said_as(m) & {str(value)}]
        if len(fits) == 1:
            return fits[0].id_number
    raise CannotPropose(
        say("登记簿的家庭成员中没有 %(who)s，请核对", who=str(value)[:40]), scope.where or path
    )


def said_as(m: Any) -> set[str]:
    masked = masking.number(m.id_number)
    return {m.id_number, masked, f"{m.name} {masked}"}


def sex(value: Any, word: str, path: str, scope: Scope) -> str | None:
    """C.17 of an identity number: the 17th digit is odd for men (GB 11643)."""
    return None if not value else "1" if int(str(value)[16]) % 2 else "2"


def otherwise(value: Any, word: str, path: str, scope: Scope) -> Any:
    return answer(word, scope) if value in (None, "", []) else value


def registered(value: Any, word: str, path: str, scope: Scope) -> Any:
    """What the register has of a thing: ``=row.code|registered:parcels/row.field``."""
    kind, _, field = word.partition("/")
    code, name = value, look(scope.data, field)
    thing = getattr(scope.register, kind).get(code)
    if thing is None:
        raise CannotPropose(say("登记簿中没有 %(who)s，请核对编码", who=str(code)[:40]), scope.where or path)
    found = getattr(thing, str(name), None)
    return found if found is None or isinstance(found, str) else str(found)


def holding(value: Any, word: str, path: str, scope: Scope) -> list[str]:
    """Codes of the parcels under the contract in force of that contractor."""
    contract = scope.register.contracts.get(str(value))
    return list(contract.codes) if contract else []


def members(value: Any, word: str, path: str, scope: Scope) -> list[dict[str, Any]]:
    """The members of that contractor, as rows."""
    household = scope.register.contractors.get(str(value))
    return [plain(m) for m in household.members] if household else []


def measured(value: Any, word: str, path: str, scope: Scope) -> str:
    """m2 of a registered parcel; nothing of one that is not there, which the change itself then says."""
    parcel = scope.register.parcels.get(str(value))
    return "0" if parcel is None else str(parcel.measured_area)


def drawn_area(value: Any, word: str, path: str, scope: Scope) -> str:
    """m2 of an outline (WKT), to the hundredth, as the register will have it."""
    return str(geometry.area(geometry.polygon(str(value))))


FUNCTIONS: Mapping[str, Callable[[Any, str, str, Scope], Any]] = {
    "member": member,
    "sex": sex,
    "or": otherwise,
    "registered": registered,
    "holding": holding,
    "members": members,
    "area": drawn_area,
    "measured": measured,
}


def alike(template: Mapping[str, Any], scope: Scope) -> dict[str, Any]:
    """A member of the register with some values changed: ``{like: =row.who, note_code: "7"}``."""
    number = member(evaluate(template["like"], scope), "", template["like"][1:], scope)
    known = next(
        m
        for code in scope.contractors
        if code in scope.register.contractors
        for m in scope.register.contractors[code].members
        if m.id_number == number
    )
    other = {name: evaluate(value, scope) for name, value in template.items() if name not in ("like", "when")}
    return plain(known) | {name: value for name, value in other.items() if value is not None}


def completed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Without answers that were not given: a field has its default then, or is None where it may be."""
    kind = KINDS[row["type"]]
    given = {name: _given(value) for name, value in row.items() if value is not None}
    for field in fields_of(kind):
        if needed(field) and field.name not in given and _may_lack(kind, field.name):
            given[field.name] = None
    return given


def fields_of(kind: type[Change]) -> tuple[Field[Any], ...]:
    return fields(kind)  # type: ignore[arg-type]


def needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _given(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _given(inner) for name, inner in value.items() if inner is not None}
    return [_given(item) for item in value] if isinstance(value, list) else value


def _may_lack(kind: type[Change], name: str) -> bool:
    return "None" in str(get_type_hints(kind)[name])


# --- what is wrong with a rules file, before anything runs on it


def problems(source: Any, variables: set[str]) -> Iterator[str]:
    """``variables``: names that forms and operations fill."""
    if not isinstance(source, Mapping) or not isinstance(source.get("kind"), str):
        yield say("应写明 kind（哪个答案说明变更种类）和 kinds")
        return
    kinds = source.get("kinds")
    if not isinstance(kinds, Mapping) or not kinds:
        yield say("kinds 应为“种类: 设置”的对象")
        return
    for name, row in kinds.items():
        if not isinstance(row, Mapping) or not isinstance(row.get("changes"), list):
            yield say("种类 %(name)s 没有写 changes（作哪些登记变更）", name=name)
            continue
        for key in row.keys() - KIND_KEYS:
            yield say("种类 %(name)s 中有不认识的 %(key)s", name=name, key=key)
        for part in row["changes"]:
            for fault in _faults(part, {*variables, "case", "new"}):
                yield say("种类 %(name)s：%(fault)s", name=name, fault=fault)
        for later in row.get("not_yet", []):
            if later.get("rule") not in rules():
                yield say("种类 %(name)s 的 not_yet 中没有规则 %(rule)s", name=name, rule=later.get("rule"))


def _faults(template: Any, known: set[str]) -> Iterator[str]:
    if isinstance(template, str) and template.startswith("="):
        yield from _path_faults(template[1:], known)
    elif isinstance(template, list):
        for item in template:
            yield from _faults(item, known)
    elif isinstance(template, Mapping):
        if "for" in template:
            for key in template.keys() - LOOP:
                yield say("循环中有不认识的 %(key)s", key=key)
            yield from _faults(template["for"], known)
            known = known | {template.get("as", "row")}
        for path in (*(template.get("when") or {}), *(template.get("unless") or {})):
            yield from _path_faults(str(path), known)
        if "type" in template:
            yield from _change_faults(template)
        for key, value in template.items():
            if key not in ("for", "as", "when", "unless", "needs"):
                yield from _faults(value, known)


def _path_faults(path: str, known: set[str]) -> Iterator[str]:
    path, *functions = path.split("|")
    first = path.partition(".")[0]
    if first not in known:
        yield say("路径 %(path)s 以没有的变量 %(first)s 开头", path=path, first=first)
    for function in functions:
        if function.partition(":")[0] not in FUNCTIONS:
            yield say("路径 %(path)s 后面的 %(function)s 不认识", path=path, function=function)


def _change_faults(template: Mapping[str, Any]) -> Iterator[str]:
    kind = KINDS.get(str(template["type"]))
    if kind is None:
        yield say("没有变更类型 %(type)s", type=template["type"])
        return
    names = {field.name for field in fields_of(kind)}
    for key in template.keys() - names - {"when", "needs"}:
        yield say("变更类型 %(type)s 没有 %(key)s", type=kind.type, key=key)
    for field in fields_of(kind):
        if needed(field) and field.name not in template and not _may_lack(kind, field.name):
            yield say("变更类型 %(type)s 缺少 %(key)s", type=kind.type, key=field.name)
