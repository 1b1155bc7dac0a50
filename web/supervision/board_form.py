"""What is asked of an entry on the board of land, by the public page, the office's page and programs alike."""

from decimal import Decimal
from typing import Any

import forms

LABELS = {
    "offered": {"zh": "有地要流转", "en": "Land offered"},
    "wanted": {"zh": "想租地", "en": "Land wanted"},
}
WAYS = {
    "lease": {"zh": "出租（转包）", "en": "Lease"},
    "shares": {"zh": "入股", "en": "Shareholding"},
    "other": {"zh": "其他方式", "en": "Other ways"},
}
PUBLISHERS = {
    "household": {"zh": "承包农户", "en": "A household"},
    "village": {"zh": "村集体", "en": "The village"},
    "firm": {"zh": "企业、合作社、家庭农场", "en": "A company, cooperative or family farm"},
    "person": {"zh": "其他个人", "en": "Another person"},
}


def options(words: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    return [{"value": key, "label": label} for key, label in words.items()]


def own_land(parcels: list[dict[str, Any]]) -> dict[str, Any]:
    """Which land it is about: picked from the household's own, or in words where nobody knows whose."""
    asked = {"name": "parcels", "label": {"zh": "哪些地块", "en": "Which parcels"}}
    if not parcels:
        hint = {"zh": "地块名称或编码，只给工作人员核实，不公开", "en": "Names or codes, for the office only"}
        return asked | {"kind": "text", "hint": hint, "max_length": 300}
    hint = {
        "zh": "登记簿上您家的地块；只给工作人员核实，不公开",
        "en": "Your own, as registered; for the office only",
    }
    words = {row["code"]: {"zh": parcel_said(row), "en": parcel_said(row)} for row in parcels}
    return asked | {
        "kind": "choices",
        "hint": hint,
        "options": options(words),
        "show_if": {"kind": ["offered"]},
    }


def parcel_said(row: dict[str, Any]) -> str:
    return f"{row.get('name') or ''} {row['code']}（{row.get('area_mu') or '—'}亩）".strip()


def beyond_picked(data: dict[str, Any], parcels: list[dict[str, Any]]) -> Decimal | None:
    """The area (mu) of the parcels that were picked, where the entry says more than that; None where it does not, or
    where it is not known of each of them.
    """
    picked = data.get("parcels")
    if isinstance(picked, str) or not picked:
        return None
    areas = [row.get("area_mu") for row in parcels if row["code"] in picked]
    if not all(areas):
        return None
    held = sum((Decimal(str(area)) for area in areas), Decimal(0))
    return held if Decimal(str(data["area_mu"])) > held else None


def parcels_told(picked: Any, parcels: list[dict[str, Any]]) -> str | None:
    """For the office: names, codes and areas of what was picked, else what was written."""
    if isinstance(picked, str) or not picked:
        return picked or None
    return "；".join(parcel_said(row) for row in parcels if row["code"] in picked)


def offer_form(places: list[tuple[str, str]], parcels: list[dict[str, Any]] | None = None) -> forms.Form:
    """``places``: (code, name) of the villages or townships to choose from; ``parcels``: of a household that is signed in."""
    where = [{"value": code, "label": {"zh": name, "en": name}} for code, name in places]
    return forms.load(
        {
            "form": "land_offer",
            "title": {"zh": "发布供求信息", "en": "Offer or look for land"},
            "fields": [
                {"name": "kind", "kind": "choice", "label": {"zh": "您要", "en": "You have"}, "required": True, "options": options(LABELS)},
                {"name": "publisher_kind", "kind": "choice", "label": {"zh": "您是", "en": "You are"}, "required": True, "options": options(PUBLISHERS)},
                {"name": "publisher", "kind": "text", "label": {"zh": "姓名或者单位名称", "en": "Name"},
                 "hint": {"zh": "个人姓名公开时隐去一部分", "en": "People's names are masked in public"}, "required": True, "max_length": 60, "autocomplete": "name"},
                {"name": "phone", "kind": "phone", "label": {"zh": "联系电话", "en": "Telephone"},
                 "hint": {"zh": "工作人员核实用", "en": "For the office to check"}, "required": True, "autocomplete": "tel"},
                {"name": "phone_public", "kind": "yes_no", "label": {"zh": "是否同意公开电话", "en": "May your telephone be public?"},
                 "hint": {"zh": "不同意的，公开村委会或者乡镇的电话，由其转告", "en": "Otherwise the office's telephone is shown"}, "required": True},
                {"name": "place", "kind": "choice", "label": {"zh": "土地在哪个村", "en": "Which village"}, "required": True, "options": where},
                {"name": "area_mu", "kind": "area_mu", "min": "0.01", "label": {"zh": "面积", "en": "Area"}, "required": True},
                own_land(parcels or []),
                {"name": "way", "kind": "choice", "label": {"zh": "流转方式", "en": "Way"}, "required": True, "options": options(WAYS)},
                {"name": "years", "kind": "integer", "min": 1, "max": 30, "label": {"zh": "期限（年）", "en": "Years"}, "required": True},
                {"name": "price", "kind": "text", "label": {"zh": "希望的价格", "en": "Price wished"}, "required": True, "max_length": 60},
                {"name": "words", "kind": "textarea", "label": {"zh": "说明", "en": "Remarks"},
                 "hint": {"zh": "适合种什么、水电路情况等；不要写姓名、电话、身份证号", "en": "What it is good for, water, roads; no names or numbers"}, "max_length": 500},
                {"name": "valid_until", "kind": "date", "label": {"zh": "公开到哪天", "en": "Shown until"},
                 "hint": {"zh": "不填为90天", "en": "90 days if left empty"}},
            ],
        }
    )  # fmt: skip


REPORT = forms.load(
    {
        "form": "offer_report",
        "title": {"zh": "举报", "en": "Report"},
        "fields": [
            {"name": "text", "kind": "textarea", "label": {"zh": "哪里不真实、怎样被冒用", "en": "What is false or misused"}, "required": True, "max_length": 500},
            {"name": "phone", "kind": "phone", "label": {"zh": "您的电话（可以不填）", "en": "Your telephone (if you like)"}, "autocomplete": "tel"},
        ],
    }
)  # fmt: skip
