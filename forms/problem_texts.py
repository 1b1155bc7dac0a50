"""What the check of a form says, Chinese and English, by key."""

from typing import Any

from forms.text import Text

PROBLEMS: dict[str, tuple[str, str]] = {
    "not_a_form": (
        "表单文件应为由 form、title、fields 组成的 YAML 对象",
        "A form's file must be a YAML object of form, title and fields",
    ),
    "unknown_key": ("不认识的设置“{key}”", "The setting “{key}” is not known"),
    "form_name": (
        "form 应为小写字母、数字和下划线组成的名称",
        "form must be a name of lower-case letters, digits and underscores",
    ),
    "no_fields": ("表单没有 fields", "The form has no fields"),
    "no_fields_in": ("{where}没有 fields", "{where} has no fields"),
    "field_object": ("{where}第 {number} 个栏目应为对象", "{where}field {number} must be an object"),
    "field_twice": (
        "{where}第 {number} 个栏目：名称“{name}”重复",
        "{where}field {number}: the name “{name}” is there twice",
    ),
    "in_field": ("栏目“{name}”：{fault}", "Field “{name}”: {fault}"),
    "unknown_list": ("没有名为“{name}”的选项表", "there is no list of options called “{name}”"),
    "unknown_kind": (
        "不认识的种类“{kind}”（可用：{zh}）",
        "the kind “{kind}” is not known (there are: {en})",
    ),
    "kind_key": ("种类 {kind} 没有设置“{key}”", "the kind {kind} has no setting “{key}”"),
    "field_name": (
        "name 应为小写字母、数字和下划线，且不是 csrf_token、version、action",
        "name must be of lower-case letters, digits and underscores, and not csrf_token, version or action",
    ),
    "group_fields": ("group 没有 fields", "the group has no fields"),
    "note_text": ("note 没有 text", "the note has no text"),
    "drawing_kinds": (
        "changes 应为变更种类的列表（可用：{known}）",
        "changes must be a list of kinds (there are: {known})",
    ),
    "drawing_kind": (
        "changes 中没有“{kind}”这种变更（可用：{known}）",
        "changes has no kind called “{kind}” (there are: {known})",
    ),
    "options_once": (
        "options 与 options_from 必须且只能有一个",
        "there must be either options or options_from",
    ),
    "options_list": ("options 应为列表", "options must be a list"),
    "option_twice": ("选项“{value}”重复", "the option “{value}” is there twice"),
    "papers_list": (
        "papers 应为 {{kind, label, required}} 的列表",
        "papers must be a list of {{kind, label, required}}",
    ),
    "paper_kind": (
        "材料种类“{kind}”不是小写名称",
        "the kind of paper “{kind}” is not a name in lower-case letters",
    ),
    "paper_twice": ("材料“{kind}”重复", "the paper “{kind}” is there twice"),
    "condition": ("{key} 应为 栏目: [值] 的对象", "{key} must be an object of field: [values]"),
    "condition_field": (
        "{key} 提到的“{name}”不是它上面的栏目",
        "{key} names “{name}”, which is no field above it",
    ),
    "condition_value": ("{key}：“{name}”没有选项“{value}”", "{key}: “{name}” has no option “{value}”"),
    "not_after": ("not_after 只能写 today", "not_after can only say today"),
    "number": ("{key} 应为数字", "{key} must be a number"),
    "whole_number": ("{key} 应为不小于 0 的整数", "{key} must be a whole number of 0 or more"),
    "min_max": ("min 大于 max", "min is greater than max"),
    "bilingual": ("{what} 应有中文 zh 和英文 en", "{what} must have Chinese zh and English en"),
    "option": ("选项 {value}", "option {value}"),
    "paper": ("材料 {kind}", "paper {kind}"),
    "pattern_long": ("pattern 最多{most}个字符", "pattern may have {most} characters"),
    "pattern_invalid": (
        "pattern 不是有效的正则表达式：{error}",
        "pattern is not a valid regular expression: {error}",
    ),
    "pattern_looks": (
        "pattern 不能用反向引用和前后查找",
        "pattern cannot refer back, look ahead or look behind",
    ),
    "pattern_nested": (
        "pattern 中重复的部分里不能再有重复或分支，例如 (a+)+、(a|b)*：会算得极久",
        "what is repeated in pattern cannot repeat or branch inside, as in (a+)+ or (a|b)*: it would take very long",
    ),
    "pattern_many": (
        "pattern 中可长可短的重复和分支太多（不限次数的最多两处）：会算得极久",
        "pattern has too many repetitions of open length and branches (two without limit): it would take very long",
    ),
}


def problem(key: str, /, **facts: Any) -> Text:
    """A fact that is a Text itself is said in each language."""
    zh, en = PROBLEMS[key]
    english = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
    return Text(zh.format(**facts), en.format(**english))
