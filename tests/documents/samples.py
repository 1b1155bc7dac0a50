"""A synthetic household, its fields and its papers. Names, numbers and places are invented."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from shapely import LineString, Polygon, affinity, box

from engine.documents import (
    SketchLine,
    SketchNeighbour,
    SketchParcel,
    formats,
    sketch_for,
)

PROCESSES = Path(__file__).parents[2] / "processes"
TEMPLATES = PROCESSES / "contract_signing" / "documents"
CHANGES = PROCESSES / "certificate_change" / "documents"
VERIFY_URL = "https://tianqi.example.cn/verify/7F3K-92QM-4XWD"
NAMES = ["王建国", "李秀英", "赵德福", "陈桂兰", "刘永强", "周文华", "孙有田", "吴春生", "郑玉梅", "钱满仓"]
ISSUER = "99010110120301"


def template(name: str) -> str:
    path = TEMPLATES / f"{name}.html"
    return (path if path.exists() else CHANGES / f"{name}.html").read_text("utf-8")


def parcel_code(serial: int) -> str:
    return f"{ISSUER}{serial:05d}"


def strips(west: float, south: float, count: int, width: float, length: float, turn: float) -> list[Polygon]:
    """Narrow fields side by side between ridges, turned about the corner of the first."""
    raw = [box(west + i * width, south, west + (i + 1) * width, south + length) for i in range(count)]
    return [affinity.rotate(shape, turn, origin=(west, south)) for shape in raw]


def village(parcel_count: int = 3) -> tuple[list[SketchParcel], list[SketchNeighbour], list[SketchLine]]:
    """Blocks of ten strips far apart; the household works the fourth (and in block 1 the fifth, too)."""
    own: list[SketchParcel] = []
    neighbours: list[SketchNeighbour] = []
    lines: list[SketchLine] = []
    block = 0
    while len(own) < parcel_count:
        west, south = 39_512_000 + block % 6 * 400.0, 3_301_000 + block // 6 * 400.0
        turn = (block * 17) % 50 - 20
        shapes = strips(west, south, 10, 9.0 + block % 3 * 4, 70.0 + block % 4 * 15, turn)
        for place, shape in enumerate(shapes):
            mine = place == 3 or (block == 0 and place == 4)
            if mine and len(own) < parcel_count:
                own.append(_parcel(len(own) + 1, shape, NAMES[place - 1], NAMES[place + 1]))
            else:
                neighbours.append(SketchNeighbour(NAMES[place], shape))
        ditch = LineString([(west - 20, south - 2), (west + 160, south - 2)])
        lines.append(
            SketchLine("水渠", affinity.rotate(ditch, turn, origin=(west, south)).buffer(1.2), "ditch")
        )
        block += 1
    return own, neighbours, lines


def _parcel(serial: int, shape: Polygon, west: str, east: str) -> SketchParcel:
    mu = Decimal(f"{shape.area:.2f}") * Decimal("0.0015")
    return SketchParcel(
        parcel_code(serial), f"塘边田{serial}", shape, f"{formats.mu(mu)}亩", east, "水渠", west, "机耕路"
    )


def context(parcel_count: int = 3, member_count: int = 4) -> dict[str, Any]:
    own, neighbours, lines = village(parcel_count)
    parcels = [_row(parcel) for parcel in own]
    total = sum(Decimal(formats.mu(row["area_mu"])) for row in parcels)
    return {
        "case": {
            "number": "99010120261123000017",
            "type_title": "承包合同签订（延包）",
            "started_on": "2026-11-23",
            "applicant": "王德顺",
            "origin": "village",
            "lookup_code": "K7-204-91",
        },
        "county": {"code": "990101", "name": "田溪县", "mu_decimals": 2},
        "office": {
            "name": "田溪县农业农村局",
            "phone": "0990-5550123",
            "handler": "何静",
            "level": "county",
            "address": "田溪县城关镇文昌路8号",
        },
        "issuing_party": {
            "code": ISSUER,
            "name": "田溪县柳河乡石桥村第一村民小组",
            "head": "赵长河",
            "head_id_number": "990101196805120019",
            "phone": "13900001234",
            "address": "田溪县柳河乡石桥村",
            "credit_code": "N2990101MF00000017",
        },
        "contractor": {
            "code": f"{ISSUER}0012",
            "name": "王德顺",
            "id_number": "990101197203040013",
            "phone": "13800005678",
            "address": "田溪县柳河乡石桥村一组18号",
            "members": [_member(place) for place in range(member_count)],
        },
        "parcels": parcels,
        "contract": {
            "code": f"{ISSUER}0012J",
            "previous_code": f"{ISSUER}0012J",
            "term_start": "2027-01-01",
            "term_end": "2056-12-31",
            "years": 30,
            "signed_on": "2026-12-14",
            "signed_at": "石桥村村民委员会",
            "filed_on": "2026-12-16",
            "total_mu": total,
            "parcel_count": len(parcels),
            "copies": {"issuing_party": 1, "contractor": 1, "township": 1, "county": 1, "other": 0},
        },
        "publicity": {
            "subject": "contract",
            "places": ["石桥村村务公开栏", "河湾村村务公开栏"],
            "start": "2026-11-24",
            "end": "2026-12-08",
            "days": 10,
            "unit": "working_days",
            "objection_office": "石桥村村民委员会",
            "phone": "0990-5550456",
        },
        "deadline": {"due_on": "2026-12-21", "days": 20, "unit": "working_days"},
        "papers": [
            {"name": "承包合同签订申请书", "copies": 1},
            {"name": "承包方代表身份证复印件", "copies": 1},
            {"name": "原农村土地承包经营权证", "copies": 1, "note": "原件核对后退还"},
        ],
        "reasons": [
            {
                "code": "dispute",
                "text": "承包地块权属存在尚未解决的争议",
                "law": "《中华人民共和国农村土地承包法》第五十五条",
            },
            {
                "code": "not_member",
                "text": "申请人不是本集体经济组织的农户",
                "law": "《中华人民共和国农村土地承包法》第十六条",
            },
        ],
        "opinion": "经核对台账，地块00002与相邻农户的界址尚有争议，待调解后再行申请。",
        "supplement_items": [
            {"name": "户口簿复印件", "reason": "缺少户主页和新增成员页", "action": "补交全部页面的复印件"},
            "原承包合同复印件字迹不清，请重新扫描上传",
        ],
        "objection": {
            "number": 1,
            "subject": "contract",
            "shown_from": "2026-11-24",
            "shown_to": "2026-12-08",
            "objector": "李秀英",
            "phone": "13700001111",
            "category": "承包地块",
            "channel": "到村委会当面提出",
            "raised_on": "2026-11-26",
            "text": "东边的田埂应当归我家，原来立过石头界桩，请派人到现场看。",
            "evidence": 2,
            "finding": "到现场核对，界桩在争议田埂以东，与原测绘图一致。",
            "answer": "界址无误，已当面看过界桩和图。",
            "outcome": "dismissed",
        },
        "boundary": {
            "parcels": [parcels[0]["code"]],
            "neighbours": [
                {"code": parcel_code(90 + place), "name": name} for place, name in enumerate(NAMES)
            ],
        },
        "representative": {"before": "王德顺", "now": "王志强", "died_on": "2026-11-20"},
        "withdrawal": {"reason": "家里人还没商量好。", "by": "staff"},
        "passed": {
            "title": "补正材料",
            "days": 30,
            "unit": "working_days",
            "last_day": "2026-12-21",
            "source": "县内办理规则",
        },
        "survey": {
            "drawn_by": "林工",
            "drawn_on": "2026-11-30",
            "checked_by": "何静",
            "checked_on": "2026-12-01",
            "office": "田溪县农业农村局",
        },
        "farmland": {"total_mu": total, "parcel_count": len(parcels)},
        "registry": {
            "outcome": "accepted",
            "on": "2026-12-20",
            "number": "田溪登记2026第000017号",
            "certificate_number": "云（2026）田溪县不动产权第000017号",
            "print_serial": "53000000017",
            "printed_on": "2026-12-20",
            "old_certificate": "云（2016）田溪县农村土地承包经营权证第000017号",
        },
        "certificate": {
            "serial": "云（2016）田溪县农村土地承包经营权证第000017号",
            "issuer": "田溪县人民政府",
            "issued_on": "2016-05-04",
        },
        "application": {
            "kind": "reissue",
            "kind_title": "补发",
            "reason": "搬家时遗失",
            "old_serial": "云（2016）田溪县农村土地承包经营权证第000017号",
            "old_state": "遗失作废",
            "new_serial": "云（2026）田溪县不动产权第000017号",
            "handed_on": "2026-12-22",
        },
        "signing": {
            "contract_number": "田农合〔2026〕00016号",
            "document_sha256": "5e" * 32,
            "pages": 5,
            "sealed": {
                "number": "田农合〔2026〕00016号",
                "sha256": "a7" * 32,
                "office": "田溪县农业农村局",
                "certified_by": "何静",
                "certified_on": "2026-12-14",
                "seal": "c0" * 32,
            },
            "signatures": [_signature("承包方", "王德顺"), _signature("发包方", "赵长河")],
            "points": [
                {
                    "article": "第十三条第一款第一项",
                    "what": "电子签名制作数据用于电子签名时，属于电子签名人专有",
                    "holds": True,
                    "shown_by": ["验证码发往本人登记的手机", "证件号码与台账一致"],
                }
            ],
        },
        "document": {
            "number": "田农合〔2026〕00017号",
            "date": "2026-11-23",
            "verify_code": "7F3K-92QM-4XWD",
        },
        "sketch": sketch_for(own, neighbours, lines),
    }


def _row(parcel: SketchParcel) -> dict[str, Any]:
    square_metres = Decimal(f"{parcel.geometry.area:.2f}")
    sides = {side: getattr(parcel, side) for side in ("east", "south", "west", "north")}
    return sides | {
        "code": parcel.code,
        "name": parcel.name,
        "area_m2": square_metres,
        "area_mu": square_metres * Decimal("0.0015"),
        "grade": "03",
        "use": "种植业",
        "land_use": "水田",
        "basic_farmland": True,
        "note": "",
    }


def _signature(party: str, name: str) -> dict[str, Any]:
    return {
        "party": party,
        "name": name,
        "number": "9901**********0013",
        "drawing": '<svg xmlns="http://www.w3.org/2000/svg" width="45mm" height="15mm" viewBox="0 0 300 100"><path d="M10 20L200 80"/></svg>',
        "at": "2026-12-14 10:20:31",
        "factors": ["短信验证码", "证件号码"],
        "code_sent_at": "2026-12-14 10:18:02",
        "phone": "138****5678",
        "way": "手机签署",
        "taken_by": name,
        "device": "Mozilla/5.0",
        "digest": "d1" * 32,
        "card_sha256": None,
    }


def _member(place: int) -> dict[str, str]:
    relations = ["本人", "妻", "长子", "长女", "次子", "儿媳", "孙子", "孙女", "父亲", "母亲", "弟", "侄女"]
    return {
        "name": "王德顺" if place == 0 else "王" + "秀文志芳强敏军丽平霞涛静"[place] + "兰明"[place % 2],
        "relation": relations[place % len(relations)],
        "id_number": "990101197203040013"
        if place == 0
        else f"99010119{75 + place}0{1 + place % 9}1200{10 + place}",
        "note": "新生儿" if place == 7 else "",
    }
