"""What of a person may be shown to somebody who need not know who it is: one place for every page, paper and store.

The law asks for the least that serves the purpose (个人信息保护法 art 6); 前3后4 for numbers is the manner of public
notices. All functions take text and give text, and give nothing for nothing.
"""

import re
import unicodedata
from typing import Any

# Two-character family names, so that 欧阳明 becomes 欧阳* and not 欧**. The common ones; a missed one shows less.
COMPOUND = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "夏侯",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "司徒",
        "司空",
        "端木",
        "百里",
        "呼延",
        "南宫",
        "轩辕",
        "钟离",
        "独孤",
    ]
)
# What bounds a parcel and is nobody's name, word for word: names of people end in 江, 河 or 山 too.
LANDMARKS = frozenset((
    "路", "道", "道路", "公路", "大路", "小路", "田间道", "田间路", "机耕道", "机耕路", "生产路", "村路", "村道",
    "乡道", "县道", "省道", "国道", "巷", "街", "桥", "铁路", "高速公路", "沟", "水沟", "排水沟", "渠", "水渠", "灌渠",
    "干渠", "支渠", "斗渠", "河", "小河", "河道", "河流", "河堤", "塘", "水塘", "堰塘", "池塘", "鱼塘", "水库", "湖",
    "湖泊", "江", "海", "堤", "坝", "堰", "田埂", "田坎", "地埂", "坎", "坡", "山", "山坡", "荒山", "山林", "林地",
    "树林", "荒地", "空地", "草地", "菜地", "晒场", "房屋", "宅基地", "道班", "学校",
))  # fmt: skip
_BODY = re.compile(r".{2,}(小组|村组|合作社|公司|委员会|经济组织|农场|林场|学校)")
_IDENTITY = re.compile(r"(?<!\d)(\d{3})\d{11}(\d{3}[\dXx])(?!\d)")  # 18 characters, GB 11643


def middle(text: str, head: int, tail: int) -> str:
    """So many characters at both ends stay; text too short to hide anything between them is hidden whole."""
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def number(text: str | None) -> str:
    """An identity number or a telephone: 前3后4."""
    return middle(text, 3, 4) if text else ""


def answers(value: Any) -> Any:
    """Answers as others may read them: whatever is called an identity number, in rows too, shows 前3后4."""
    if isinstance(value, dict):
        return {
            key: number(inner)
            if str(key).endswith("id_number") and isinstance(inner, str)
            else answers(inner)
            for key, inner in value.items()
        }
    return [answers(inner) for inner in value] if isinstance(value, list) else value


def numbers_in(text: str) -> str:
    """Identity numbers within a text; contractor codes have 18 digits too and are masked alike: both name a household."""
    return _IDENTITY.sub(lambda found: f"{found[1]}{'*' * 11}{found[2]}", text)


def name(text: str | None) -> str:
    """A person's name: the family name, and a star for each other character: 王秀英 -> 王**, 欧阳明 -> 欧阳*."""
    plain = unicodedata.normalize("NFKC", text or "").strip()
    if not plain:
        return ""
    if not _chinese(plain[0]):  # a name in letters: its first one
        return plain[0] + "*" * 2
    family = 2 if plain[:2] in COMPOUND and len(plain) > 2 else 1
    return plain[:family] + "*" * max(len(plain) - family, 1)


def bound(text: str | None) -> str:
    """One of a parcel's four bounds: a landmark or a body as it stands, anything else as somebody's name."""
    plain = unicodedata.normalize("NFKC", text or "").strip()
    return plain if plain in LANDMARKS or _BODY.fullmatch(plain) else name(plain)


def _chinese(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK")
