"""What changes in the register, in people's words: codes by their labels, areas in 亩 and m2, numbers masked."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _

from engine.domain import masking
from engine.domain.changes import Changed
from engine.domain.changes.register import Certificate, Contract, Contractor, Member, Parcel
from engine.domain.register import mu
from engine.exchange.standard import label
from engine.queries.case_file import ProposedChange
from engine.queries.changed import BeforeAndAfter, same_outline
from web.i18n import N_, lang
from web.inbox.changed_transfers import transfer_rows

KINDS = {
    "contractors": N_("承包方"),
    "parcels": N_("地块"),
    "contracts": N_("承包合同"),
    "certificates": N_("权证"),
    "transfers": N_("流转合同"),
    "encumbrances": N_("融资担保"),
}
STATES = {"new": (N_("新增"), "green"), "gone": (N_("终止"), "red"), "changed": (N_("有变化"), "earth")}
LABELS = {
    "name": N_("名称"),
    "id_number": N_("证件号码"),
    "phone": N_("联系电话"),
    "address": N_("地址"),
    "postcode": N_("邮政编码"),
    "kind": N_("承包方类型"),
    "outline": N_("界线"),
    "category": N_("地块类别"),
    "ownership": N_("所有权性质"),
    "land_use": N_("土地利用类型"),
    "grade": N_("地力等级"),
    "use": N_("土地用途"),
    "basic_farmland": N_("是否基本农田"),
    "east": N_("东至"),
    "south": N_("南至"),
    "west": N_("西至"),
    "north": N_("北至"),
    "note": N_("备注"),
    "witnesses": N_("指界人"),
    "way": N_("承包方式"),
    "term_start": N_("承包期限起"),
    "term_end": N_("承包期限止"),
    "signed_on": N_("签订日期"),
    "total_area": N_("合同总面积"),
    "serial": N_("流水号"),
    "issuer": N_("发证机关"),
    "issued_on": N_("发证日期"),
    "state": N_("状态"),
    "reason": N_("原因"),
}
LISTS = {
    "kind": "C.16",
    "category": "C.7",
    "ownership": "C.6",
    "land_use": "GB/T 21010",
    "grade": "C.8",
    "use": "C.9",
    "basic_farmland": "C.19",
    "way": "C.10",
}
CERTIFICATE = {
    "valid": N_("有效"),
    "void": N_("已作废"),
    "destroyed": N_("已收回销毁"),
    "cancelled": N_("已注销"),
}
SIDES = ("east", "south", "west", "north")
LEFT_OUT = {"code", "party", "measured_area", "members", "parcels", "contractor", "id", "id_kind", "collected_on", "collected_by",
            "collector_id_number"}  # fmt: skip


def things(told: BeforeAndAfter, change: ProposedChange, mu_decimals: int = 2) -> list[dict[str, Any]]:
    """Each thing that changes: kind, code, name, state with its colour, and rows {label, before, after}.

    A contract bears its household's name, for there may be several.

    Left out is what the page shows by itself: the contract to be signed, which parcels end, and their areas.
    """
    found = []
    for one in told.things:
        if one.kind == "contracts" and change.contract and one.code == told.contractor:
            continue
        rows = _rows(one, told, mu_decimals, signed=change.applied_at is not None)
        if rows and not (one.kind == "parcels" and one.after is None):
            state = "new" if one.before is None else "gone" if one.after is None else "changed"
            text, colour = STATES[state]
            found.append(
                {
                    "kind": _(KINDS[one.kind]),
                    "code": one.code,
                    "name": _name(one, told),
                    "state": _(text),
                    "colour": colour,
                    "rows": rows,
                }
            )
    return found


def _name(one: Changed, told: BeforeAndAfter) -> str:
    if one.kind == "contracts":
        held = told.after.contractors.get(one.code) or told.before.contractors.get(one.code)
        return held.name if held else ""
    return getattr(one.after or one.before, "name", "")


def _rows(one: Changed, told: BeforeAndAfter, mu_decimals: int, signed: bool) -> list[dict[str, Any]]:
    before, after = one.before, one.after
    if one.kind in ("transfers", "encumbrances"):
        return transfer_rows(before, after)
    rows = []
    for field in fields(after or before):
        if field.name in LEFT_OUT or (field.name == "signed_on" and not signed):
            continue
        if isinstance(after, Parcel) and before is None and field.name not in SIDES:
            continue  # a piece has what the land had
        pair = [_shown(thing, field.name) if thing else None for thing in (before, after)]
        if field.name == "outline":
            if before and after and not same_outline(before, after):
                rows.append({"label": word("outline"), "before": _("原界线"), "after": _("新界线（见图）")})
        elif pair[0] != pair[1]:
            rows.append({"label": word(field.name), "before": pair[0], "after": pair[1]})
    return rows + _inner(before, after, told, mu_decimals)


def word(name: str) -> str:
    """What a field is called."""
    text = LABELS.get(name, name)
    return _(text)


def _shown(thing: Any, name: str) -> str | None:
    value = getattr(thing, name)
    if value is None or value == "":
        return None
    if name in ("id_number", "phone"):
        return masking.number(value)
    if isinstance(thing, Certificate) and name == "state":
        return _(CERTIFICATE.get(value, value))
    if isinstance(value, date):
        return format_date(value, "long", locale="en" if lang() == "en" else "zh_CN")
    return label(LISTS[name], value, lang()) if name in LISTS else str(value)


def _area(value: Decimal, mu_decimals: int) -> str:
    return f"{mu(value, mu_decimals)} {_('亩')}（{value} m²）"


def _inner(before: Any, after: Any, told: BeforeAndAfter, mu_decimals: int) -> list[dict[str, Any]]:
    """Members of a household and parcels of a contract, one row each that differs."""
    known = after or before
    if isinstance(known, Contractor):
        return _listed(
            before, after, lambda c: {m.id_number: (m.name, _member(m)) for m in c.members}, _("家庭成员")
        )
    if isinstance(known, Contract):

        def said(contract: Contract) -> dict[str, tuple[str, str]]:
            return {
                r.parcel: (f"{_parcel_name(told, r.parcel)} {r.parcel}", _area(r.area, mu_decimals))
                for r in contract.parcels
            }

        rows = _listed(before, after, said, _("合同地块"))
        totals = [_area(c.total_area, mu_decimals) if c else None for c in (before, after)]
        if totals[0] != totals[1]:
            rows.append({"label": word("total_area"), "before": totals[0], "after": totals[1]})
        return rows
    assert isinstance(known, (Parcel, Certificate))
    return []


def _parcel_name(told: BeforeAndAfter, code: str) -> str:
    parcel = told.after.parcels.get(code) or told.before.parcels.get(code)
    return parcel.name if parcel else ""


def _member(member: Member) -> str:
    words = [label("GB/T 4761", member.relation, lang()), masking.number(member.id_number)]
    words += [label("C.18", member.note_code, lang())] if member.note_code else []
    return " · ".join(word for word in [*words, member.note or ""] if word)


def _listed(
    before: Any, after: Any, read: Callable[[Any], dict[str, tuple[str, str]]], title: str
) -> list[dict[str, Any]]:
    old, new = (read(thing) if thing else {} for thing in (before, after))
    rows = []
    for key in dict.fromkeys([*old, *new]):
        pair = old.get(key), new.get(key)
        if pair[0] != pair[1]:
            name = (pair[1] or pair[0] or ("", ""))[0]
            rows.append(
                {
                    "label": f"{title} {name}",
                    "before": pair[0] and pair[0][1],
                    "after": pair[1] and pair[1][1],
                }
            )
    return rows
