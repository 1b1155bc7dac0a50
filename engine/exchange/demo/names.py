"""Invented names of people and places, drawn from lists by a seeded generator."""

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_DOUBLE_SURNAMES = ("欧阳", "上官", "司徒", "诸葛", "皇甫", "令狐")
_MALE = "国建志永德明文光福祥富贵荣华兴旺春林树根水生长发宝庆喜昌盛德厚仁义忠孝勇强军伟刚毅平安宁康泰民海江山峰岩松柏楠"
_FEMALE = "秀英桂兰芳玉珍梅花翠莲香菊凤美丽霞红艳琴素云巧月娥淑慧敏静婷雪晴燕莉萍娟娜玲珠琼瑶蓉荷"
_YOUNG = "子轩雨涵一诺梓萱浩然思远嘉怡宇航欣妍俊杰晨曦若溪乐天可心书瑶景行"
# Seldom seen, but all within GBK, so they survive a shapefile.
_RARE_GBK = "堃喆犇翀旻玥珺頔昉晟燚淼垚"
# Outside GBK: right in the ownership tables (UTF-8), and a trial for fonts and forms.
_RARE_BEYOND = "䶮㛃𬭎𪨊𠅤"

_TOWNSHIPS = [
    "稻香镇",
    "石桥乡",
    "白鹭镇",
    "云塘乡",
    "金穗镇",
    "清泉乡",
    "枫林镇",
    "麦坪乡",
    "松岗镇",
    "荷塘乡",
    "竹溪镇",
    "雁湖乡",
]
_VILLAGES = [
    "柳湾",
    "大塘",
    "桐坪",
    "白鹤",
    "三渡",
    "枣园",
    "石门",
    "长垄",
    "双溪",
    "杏林",
    "高桥",
    "东岭",
    "南冲",
    "荷叶",
    "古井",
    "榆树",
    "莲花",
    "青石",
    "望丰",
    "土桥",
    "松坪",
    "新圩",
    "沙洲",
    "牌楼",
    "樟树",
    "芦溪",
    "月亮",
    "花园",
    "马鞍",
    "龙泉",
]
_VILLAGE_FIRST = "上下前后东西南北大小新老"
PLACES = [
    "东沟",
    "大坪",
    "塘边",
    "庙前",
    "长垄",
    "三角丘",
    "井边",
    "柳树下",
    "西坡",
    "河湾",
    "石板桥",
    "牛角弯",
    "老屋场",
    "沙坝",
    "高田",
    "秧田",
    "晒谷坪",
    "横冲",
    "竹园边",
    "门前田",
    "桥头",
    "水渠边",
    "坟山脚",
    "瓦窑坪",
    "松树岭",
    "梨树湾",
    "大丘",
    "团山",
    "黄泥坎",
    "洗马塘",
]
_CHINESE_NUMBERS = "一二三四五六七八九十"


def surname(random: Random) -> str:
    """A surname; the commoner ones stand at the front of the list and are drawn more often."""
    if random.random() < 0.008:
        return random.choice(_DOUBLE_SURNAMES)
    return _SURNAMES[min(int(random.expovariate(1 / 22)), len(_SURNAMES) - 1)]


def given(random: Random, sex: str, born: int, *, head: bool) -> str:
    """A given name after the fashion of the birth year; heads of household keep within GBK."""
    pool = _YOUNG if born >= 1998 and random.random() < 0.6 else (_MALE if sex == "1" else _FEMALE)
    length = 1 if random.random() < (0.22 if 1965 < born < 1998 else 0.1) else 2
    name = "".join(random.choice(pool) for _ in range(length))
    if random.random() < 0.012:
        rare = _RARE_GBK if head or random.random() < 0.7 else _RARE_BEYOND
        name = name[:-1] + random.choice(rare)
    return name


def township_names(count: int) -> list[str]:
    """Names of townships, each once."""
    return [_numbered(_TOWNSHIPS, i, "{}乡") for i in range(count)]


def village_names(count: int) -> list[str]:
    """Names of villages, each once in the county."""
    names = [f"{name}村" for name in _VILLAGES]
    names += [f"{first}{name}村" for first in _VILLAGE_FIRST for name in _VILLAGES]
    return [_numbered(names, i, "新建{}村") for i in range(count)]


def group_name(number: int) -> str:
    """第一村民小组, 第二村民小组 ... 第九十九村民小组."""
    tens, ones = divmod(number, 10)
    text = ("" if tens == 0 else "十" if tens == 1 else _CHINESE_NUMBERS[tens - 1] + "十") + (
        _CHINESE_NUMBERS[ones - 1] if ones else ""
    )
    return f"第{text}村民小组"


def _numbered(names: list[str], index: int, pattern: str) -> str:
    return names[index] if index < len(names) else pattern.format(index + 1)
