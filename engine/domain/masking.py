"""What of a person may be shown to somebody who need not know who it is: one place for every page, paper and store.

The law asks for the least that serves the purpose (个人信息保护法 art 6); 前3后4 for numbers is the manner of public
notices. All functions take text and give text, and give nothing for nothing.
"""

import re
import unicodedata

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
_IDENTITY = re.compile(r"(?<!\d)(\d{3})\d{11}(\d{3}[\dXx])(?!\d)")  # 18 characters, GB 11643


def middle(text: str, head: int, tail: int) -> str:
    """So many characters at both ends stay; text too short to hide anything between them is hidden whole."""
    if len(text) <= head + tail:
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def number(text: str | None) -> str:
    """An identity number or a telephone: 前3后4."""
    return middle(text, 3, 4) if text else ""


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


def _chinese(character: str) -> bool:
    return unicodedata.name(character, "").startswith("CJK")
