"""The questions about rented land, asked by page and by program alike."""

import forms
from engine.domain.rent import rectify_days, remind_before

TERMS = forms.load(
    {
        "form": "rent_terms",
        "title": {"zh": "租金约定", "en": "Agreed rent"},
        "fields": [
            {"name": "payer", "kind": "text", "label": {"zh": "付款人（受让方）", "en": "Who pays (the receiver)"}, "required": True, "max_length": 60},
            {"name": "phone", "kind": "phone", "label": {"zh": "付款人电话", "en": "Telephone of the payer"},
             "hint": {"zh": f"到期前{remind_before()}天和逾期各提醒一次", "en": f"Reminded {remind_before()} days before and once after the day"}, "required": True},
            {"name": "yearly_yuan", "kind": "money", "label": {"zh": "每年租金合计", "en": "Rent of a year"}, "required": True},
            {"name": "every_months", "kind": "choice", "label": {"zh": "多久付一次", "en": "How often it is paid"}, "required": True,
             "options": [{"value": "12", "label": {"zh": "每年", "en": "Every year"}}, {"value": "6", "label": {"zh": "每半年", "en": "Every half year"}},
                         {"value": "3", "label": {"zh": "每季度", "en": "Every quarter"}}, {"value": "1", "label": {"zh": "每月", "en": "Every month"}}]},
            {"name": "first_due", "kind": "date", "label": {"zh": "第一次付款日", "en": "First day of payment"}, "required": True},
            {"name": "raise_years", "kind": "integer", "label": {"zh": "每几年递增一次", "en": "It rises every … years"}, "min": 1, "max": 30},
            {"name": "raise_percent", "kind": "decimal", "decimals": 2, "label": {"zh": "每次递增百分之几", "en": "By how many per cent"}, "min": 0, "max": 100},
        ],
    }
)  # fmt: skip
INSPECTION = forms.load(
    {
        "form": "land_inspection",
        "title": {"zh": "实地检查", "en": "Inspection"},
        "fields": [
            {"name": "inspected_on", "kind": "date", "label": {"zh": "检查日期", "en": "Inspected on"}, "required": True},
            {"name": "inspector", "kind": "text", "label": {"zh": "检查人", "en": "Who inspected"}, "required": True, "max_length": 60},
            {"name": "place", "kind": "text", "label": {"zh": "检查地点", "en": "Place"}, "hint": {"zh": "哪一片、哪块地", "en": "Which land"}, "required": True, "max_length": 100},
            {"name": "finding", "kind": "choice", "label": {"zh": "检查结果", "en": "Finding"}, "required": True,
             "options": [{"value": "fine", "label": {"zh": "没有问题", "en": "Nothing wrong"}},
                         {"value": "changed_use", "label": {"zh": "改变用途（非农化、非粮化）", "en": "Changed use"}},
                         {"value": "abandoned", "label": {"zh": "弃耕抛荒", "en": "Abandoned"}},
                         {"value": "area", "label": {"zh": "面积与合同不符", "en": "The area differs from the contract"}},
                         {"value": "damage", "label": {"zh": "严重损害土地或者环境", "en": "Serious damage to land or environment"}},
                         {"value": "other", "label": {"zh": "其他问题", "en": "Something else"}}]},
            {"name": "area_mu", "kind": "area_mu", "label": {"zh": "实地面积", "en": "Area on the ground"},
             "show_if": {"finding": ["area"]}, "required_if": {"finding": ["area"]}},
            {"name": "words", "kind": "textarea", "label": {"zh": "情况说明", "en": "What was seen"}, "required": True, "max_length": 500},
            {"name": "rectify_by", "kind": "date", "label": {"zh": "整改期限", "en": "To be put right by"},
             "hint": {"zh": f"不填为检查之后{rectify_days()}天；没有问题的不填", "en": f"{rectify_days()} days after the inspection if left empty"},
             "show_if": {"finding": ["changed_use", "abandoned", "area", "damage", "other"]}},
        ],
    }
)  # fmt: skip
