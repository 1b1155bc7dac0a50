"""Texts in Chinese and English, without any translation machinery of the web.

A `Text` is its Chinese wording (so it can be used wherever a str is expected) and carries the English one.
"""

from collections.abc import Mapping
from typing import Self


class Text(str):
    """A bilingual text. `str(text)` is Chinese; `text.for_lang("en")` is English."""

    en: str

    def __new__(cls, zh: str, en: str | None = None) -> Self:
        text = super().__new__(cls, zh)
        text.en = zh if en is None else en
        return text

    @classmethod
    def of(cls, value: object) -> "Text":
        """From YAML: `{zh: ..., en: ...}`, or a plain string used for both languages."""
        if isinstance(value, Text):
            return value
        if isinstance(value, Mapping):
            return cls(str(value.get("zh", "")), str(value.get("en") or value.get("zh", "")))
        return cls("" if value is None else str(value))

    def for_lang(self, lang: str) -> str:
        return self.en if str(lang).startswith("en") else str(self)


MESSAGES: dict[str, tuple[str, str]] = {
    "required": ("请填写“{label}”", "Enter “{label}”"),
    "required_choice": ("请选择“{label}”", "Select “{label}”"),
    "required_file": ("请上传“{label}”", "Upload “{label}”"),
    "required_rows": ("“{label}”至少填写 {min} 行", "Enter at least {min} row(s) in “{label}”"),
    "too_many_rows": (
        "“{label}”最多 {max} 行，现在有 {count} 行",
        "“{label}” takes at most {max} rows; it has {count}",
    ),
    "type": ("“{label}”的内容不是文字或数字", "“{label}” is neither text nor a number"),
    "type_list": ("“{label}”应为一组内容", "“{label}” must be a list"),
    "type_object": ("应为由栏目组成的对象", "This must be an object of fields"),
    "unknown_field": ("表单中没有这个栏目", "The form has no such field"),
    "too_long": (
        "“{label}”最多 {max} 个字，现在有 {count} 个字",
        "“{label}” must be {max} characters or fewer; it has {count}",
    ),
    "too_short": ("“{label}”至少 {min} 个字", "“{label}” must be at least {min} characters"),
    "control": (
        "“{label}”含有看不见的控制字符，请删去后重新输入",
        "“{label}” contains invisible control characters; remove them and type it again",
    ),
    "one_line": ("“{label}”只能写一行", "“{label}” must be on one line"),
    "pattern": ("“{label}”的格式不对", "“{label}” is not in the right format"),
    "integer": ("“{label}”应为整数，例如 3", "“{label}” must be a whole number, like 3"),
    "number": ("“{label}”应为数字，例如 12.34", "“{label}” must be a number, like 12.34"),
    "decimals": ("“{label}”最多 {max} 位小数", "“{label}” must have at most {max} decimal places"),
    "too_small": ("“{label}”不能小于 {min}", "“{label}” must be {min} or more"),
    "too_large": ("“{label}”不能大于 {max}", "“{label}” must be {max} or less"),
    "date": (
        "“{label}”应为真实存在的日期，例如 2026-03-15",
        "“{label}” must be a real date, like 2026-03-15",
    ),
    "date_early": ("“{label}”不能早于 {min}", "“{label}” must be {min} or later"),
    "date_late": ("“{label}”不能晚于 {max}", "“{label}” must be {max} or earlier"),
    "date_to_come": (
        "“{label}”不能晚于今天（{today}）",
        "“{label}” cannot be later than today ({today})",
    ),
    "choice": ("“{label}”中没有这一选项，请重新选择", "“{label}” has no such option; select again"),
    "yes_no": ("请在“{label}”中选择“是”或“否”", "Select yes or no for “{label}”"),
    "one_time_code": (
        "“{label}”是 6 位数字，请照短信填写",
        "“{label}” is six digits; enter it as in the message",
    ),
    "shown_document": (
        "没有显示要签署的文件，请刷新页面",
        "The file to be signed was not shown; reload the page",
    ),
    "signature_form": (
        "签名没有写好，请清除后重写",
        "The signature could not be read; clear it and write again",
    ),
    "signature_short": ("请写出完整的签名", "Write the whole signature"),
    "id_length": (
        "“{label}”应为 18 位，现在是 {count} 位",
        "“{label}” must have 18 characters; it has {count}",
    ),
    "id_form": (
        "“{label}”应为 17 位数字加 1 位数字或 X",
        "“{label}” must be 17 digits followed by a digit or X",
    ),
    "id_birth": (
        "“{label}”第 7 至 14 位不是真实的出生日期",
        "Characters 7 to 14 of “{label}” are not a real date of birth",
    ),
    "id_check": (
        "“{label}”的校验位不对，请逐位核对",
        "The check digit of “{label}” is wrong; compare it digit by digit",
    ),
    "phone": (
        "“{label}”应为 11 位手机号，或带区号的固定电话，例如 0990-8123456",
        "“{label}” must be an 11-digit mobile number, or a landline with its area code, like 0990-8123456",
    ),
    "file_id": (
        "“{label}”中有无法识别的文件，请重新上传",
        "“{label}” has a file we cannot find; upload it again",
    ),
    "too_many_files": ("“{label}”最多 {max} 个文件", "“{label}” takes at most {max} files"),
    "unknown_paper": ("“{label}”中没有名为“{paper}”的材料", "“{label}” has no paper called “{paper}”"),
    "unknown_parcel": (
        "“{label}”中的地块 {code} 不在可选的地块中，可能已发包给别的农户，请重新选择",
        "Parcel {code} in “{label}” is not among those to choose from; it may have been let to another household",
    ),
    "repeated_value": ("“{label}”中 {value} 重复了", "{value} appears more than once in “{label}”"),
    "household_code": (
        "“{label}”应为 {length} 位承包方编码，现在是 {count} 位",
        "“{label}” must be a contractor code of {length} digits; it has {count}",
    ),
    "contract_code": (
        "“{label}”应为 18 位数字加 J 或 Q，现在是 {count} 位",
        "“{label}” must be 18 digits followed by J or Q; it has {count}",
    ),
    "division_code": (
        "“{label}”应为 6、9、12 或 14 位区划代码，现在是 {count} 位",
        "“{label}” must be a division code of 6, 9, 12 or 14 digits; it has {count}",
    ),
    "parcel_code": (
        "“{label}”中的 {code} 不是 19 位地块编码",
        "{code} in “{label}” is not a parcel code of 19 digits",
    ),
    "unknown_member": (
        "“{label}”所选的人不在登记的家庭成员中",
        "The person in “{label}” is not among the registered members",
    ),
    "shape_size": (
        "“{label}”的图形数据过大（上限 {max} KB）",
        "The shape in “{label}” is too large (limit {max} KB)",
    ),
    "shape_text": (
        "“{label}”无法读取：请给出 GeoJSON、WKT，或每行一个“X,Y”坐标",
        "“{label}” cannot be read: give GeoJSON, WKT, or one “X,Y” pair per line",
    ),
    "shape_line": (
        "“{label}”第 {line} 行不是“X,Y”坐标：{text}",
        "Line {line} of “{label}” is not an “X,Y” pair: {text}",
    ),
    "shape_degrees": (
        "“{label}”像是经纬度，请给出 CGCS2000 3 度带平面坐标（米）",
        "“{label}” looks like degrees; give CGCS2000 3-degree zone plane coordinates (m)",
    ),
    "shape_range": (
        "“{label}”的坐标不在 CGCS2000 3 度带范围内",
        "The coordinates of “{label}” lie outside the CGCS2000 3-degree zones",
    ),
    "shape_wide": (
        "“{label}”的图形超过 {max} 公里，请检查坐标的位数和带号",
        "The shape in “{label}” is more than {max} km wide; check the digits and the zone of its coordinates",
    ),
    "shape_points": (
        "“{label}”至少需要 3 个不同的界址点",
        "“{label}” needs at least 3 different corner points",
    ),
    "shape_polygon": ("“{label}”应为一个面（Polygon）", "“{label}” must be one polygon"),
    "drawing_text": (
        "“{label}”的内容读不出来，请在图上重画，或改用表格填写",
        "“{label}” cannot be read; draw it again on the map, or fill in the table instead",
    ),
    "drawing_long": (
        "“{label}”的内容过多（上限 {max} 千字符），请分次办理",
        "“{label}” holds too much (limit {max} thousand characters); do it in several parts",
    ),
    "drawing_many": (
        "“{label}”最多 {max} 项变更，现在有 {count} 项",
        "“{label}” takes at most {max} changes; it has {count}",
    ),
    "drawing_corners": (
        "“{label}”的界址点过多（上限 {max} 个）",
        "“{label}” has too many corner points (limit {max})",
    ),
    "drawing_kind": (
        "“{label}”第 {number} 项：这里不能办理“{kind}”",
        "Change {number} of “{label}”: “{kind}” cannot be done here",
    ),
    "drawing_change": (
        "“{label}”第 {number} 项（{kind}）：{fault}",
        "Change {number} of “{label}” ({kind}): {fault}",
    ),
    "drawing_code": ("地块编码应为 19 位数字：{code}", "A parcel code has 19 digits: {code}"),
    "drawing_object": ("应为由栏目组成的对象", "This must be an object of fields"),
    "drawing_unknown": ("没有“{name}”这一项", "There is nothing called “{name}”"),
    "drawing_missing": ("缺少“{name}”", "“{name}” is missing"),
    "drawing_parts": ("应有 {least} 至 {most} 个地块", "There must be {least} to {most} parcels"),
    "shape_invalid": (
        "“{label}”的边界自己相交，或者空洞不在界线之内，在 {where} 附近",
        "The boundary of “{label}” crosses itself, or a hole lies outside, near {where}",
    ),
}


def say(key: str, **facts: object) -> Text:
    """The message `key` with its facts filled in; facts that are Texts speak each language."""

    def spoken(lang: str) -> dict[str, object]:
        return {k: v.for_lang(lang) if isinstance(v, Text) else v for k, v in facts.items()}

    zh, en = MESSAGES[key]
    return Text(zh.format(**spoken("zh")), en.format(**spoken("en")))
