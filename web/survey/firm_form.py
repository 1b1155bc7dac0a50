"""The questions about a surveying firm, asked by page and by program alike."""

import forms

FIRM = forms.load(
    {
        "form": "survey_firm",
        "title": {"zh": "测绘单位", "en": "Surveying firm"},
        "fields": [
            {"name": "name", "kind": "text", "label": {"zh": "单位名称", "en": "Name"}, "required": True, "max_length": 60},
            {"name": "credit_code", "kind": "text", "label": {"zh": "统一社会信用代码", "en": "Unified social credit code"},
             "hint": {"zh": "18位", "en": "18 characters"}, "required": True, "max_length": 18},
            {"name": "grade", "kind": "choice", "label": {"zh": "资质等级", "en": "Grade of the qualification"}, "required": True,
             "options": [{"value": "1", "label": {"zh": "甲级", "en": "Class A"}}, {"value": "2", "label": {"zh": "乙级", "en": "Class B"}}]},
            {"name": "certificate", "kind": "text", "label": {"zh": "资质证书编号", "en": "Number of the certificate"}, "required": True,
             "max_length": 40},
            {"name": "valid_from", "kind": "date", "label": {"zh": "资质有效期自", "en": "Qualified from"}, "required": True},
            {"name": "valid_to", "kind": "date", "label": {"zh": "资质有效期至", "en": "Qualified until"},
             "hint": {"zh": "过了这一天就不能交办，也不能交成果", "en": "After this day it is given no work and can hand nothing in"},
             "required": True},
            {"name": "contact", "kind": "text", "label": {"zh": "联系人", "en": "Contact"}, "required": True, "max_length": 30},
            {"name": "phone", "kind": "text", "label": {"zh": "联系电话", "en": "Telephone"}, "required": True, "max_length": 20},
            {"name": "active", "kind": "yes_no", "label": {"zh": "继续交办", "en": "Gets work"}, "required": True, "default": "yes"},
        ],
    }
)  # fmt: skip
