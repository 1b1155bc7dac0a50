"""Who holds what: contractors with members, contracts, register entries, certificates of one county."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from engine.exchange.demo import names, people
from engine.exchange.demo.plan import Area, Plan
from engine.exchange.demo.settings import COUNTY, POSTCODE, PROVINCE, TERM_STARTS

OFFICE = f"{COUNTY[1]}农业农村局"


@dataclass
class Holder:
    """A contractor: `kind` by C.16, `way` by C.10, and the numbers of the parcels held (with shares)."""

    code: str
    kind: str
    name: str
    id_kind: str
    id_number: str
    members: tuple[people.Person, ...]
    group: Area
    way: str
    phone: str
    shares: dict[int, Decimal | None] = field(default_factory=dict)  # parcel index -> share area, None: all

    @property
    def contract(self) -> str:
        """Code of contract, register entry and certificate: J for households, Q for the other ways."""
        return self.code + ("J" if self.way == "110" else "Q")


@dataclass(frozen=True)
class Ground:
    """What a holding needs to know of a parcel."""

    index: int
    code: str
    area: Decimal  # m2


@dataclass(frozen=True)
class Days:
    """When things happened in a village: survey to certificate, about two years."""

    surveyed: dt.date
    published: dt.date
    signed: dt.date
    registered: dt.date
    issued: dt.date
    term: tuple[dt.date, dt.date]


Rows = dict[str, list[dict]]


def village_days(plan: Plan) -> dict[str, Days]:
    """By village code; the first township's contracts end in 2026, the others' a year later."""
    result = {}
    for n, village in enumerate(plan.villages):
        shift = dt.timedelta(days=9 * (n % 20))
        start = TERM_STARTS[0 if village.code.startswith(plan.townships[0].code) else 1]
        result[village.code] = Days(
            dt.date(2014, 3, 3) + shift,
            dt.date(2014, 9, 15) + shift,
            dt.date(2015, 3, 10) + shift,
            dt.date(2015, 9, 21) + shift,
            dt.date(2016, 1, 12) + shift,
            (dt.date(start, 1, 1), dt.date(start + 29, 12, 31)),
        )
    return result


def make_households(group: Area, random: Random, registrar: people.Registrar) -> list[Holder]:
    """The households of a group; a few surnames prevail, as in most villages."""
    clan = [names.surname(random) for _ in range(4)]
    holders = []
    for n in range(1, group.households + 1):
        surname = random.choice(clan) if random.random() < 0.65 else names.surname(random)
        members = people.make_household(random, registrar, surname)
        head = members[0]
        holders.append(
            Holder(
                f"{group.code}{n:04d}",
                "1",
                head.name,
                "1",
                head.number,
                members,
                group,
                "110",
                people.phone(random),
            )
        )
    return holders


def make_outsider(
    group: Area, kind: str, village: str, random: Random, registrar: people.Registrar
) -> Holder:
    """A person (2) or unit (3) that contracts land in other ways than as a household."""
    head = people.make_household(random, registrar, names.surname(random))[0]
    name = head.name if kind == "2" else f"{COUNTY[1]}{village.removesuffix('村')}种植专业合作社"
    code = f"{group.code}{8001 if kind == '2' else 9001}"
    return Holder(code, kind, name, "1", head.number, (), group, "123", people.phone(random))


def deal(holders: list[Holder], parcels: list[int], random: Random) -> None:
    """Give every household its scattered parcels, more to the larger families."""
    if not holders:
        return
    shuffled = list(parcels)
    random.shuffle(shuffled)
    base = min(2, len(shuffled) // len(holders))
    turns = [h for h in holders for _ in range(base)]
    weights = [len(h.members) + 1.0 for h in holders]
    turns += random.choices(holders, weights, k=len(shuffled) - len(turns))
    for holder, parcel in zip(turns, shuffled, strict=True):
        holder.shares[parcel] = None


def mu(area: Decimal) -> Decimal:
    """m2 to mu with 2 decimals."""
    return (area * Decimal("0.0015")).quantize(Decimal("0.01"), ROUND_HALF_UP)


def add_holder(
    rows: Rows, holder: Holder, ground: dict[int, Ground], days: Days, address: str, random: Random
) -> None:
    """All rows of one contractor."""
    surveyed = days.surveyed + dt.timedelta(days=random.randrange(60))
    published = days.published + dt.timedelta(days=random.randrange(10))
    signed = days.signed + dt.timedelta(days=random.randrange(20))
    rows["CBF"].append(
        {
            "CBFBM": holder.code, "CBFLX": holder.kind, "CBFMC": holder.name, "CBFZJLX": holder.id_kind,
            "CBFZJHM": holder.id_number, "CBFDZ": address, "YZBM": POSTCODE, "LXDH": holder.phone,
            "CBFCYSL": len(holder.members) or 1, "CBFDCRQ": _day(surveyed), "CBFDCY": _surveyor(holder), "CBFDCJS": "权属清楚，无争议",
            "GSJS": "公示期内无异议", "GSJSR": _surveyor(holder), "GSSHRQ": _day(published), "GSSHR": OFFICE,
        }
    )  # fmt: skip
    rows["CBF_JTCY"] += [_member(holder, m) for m in holder.members]
    _add_contract(rows, holder, ground, days, signed, random)


def _member(holder: Holder, member: people.Person) -> dict:
    return {
        "CBFBM": holder.code, "CYXM": member.name, "CYXB": member.sex, "CYZJLX": "1", "CYZJHM": member.number,
        "YHZGX": member.relation, "CYBZ": member.remark, "SFGYR": member.co_owner, "CYBZSM": member.note,
    }  # fmt: skip


def _add_contract(
    rows: Rows, holder: Holder, ground: dict[int, Ground], days: Days, signed: dt.date, random: Random
):
    code, party = holder.contract, holder.group.code
    start, end = days.term if holder.way == "110" else (dt.date(2014, 1, 1), dt.date(2033, 12, 31))
    renewed = holder.way == "110" and random.random() < 0.6  # an original contract is on file
    areas = {i: share if share is not None else ground[i].area for i, share in holder.shares.items()}
    before = {
        i: (a * Decimal(random.randint(70, 98)) / 100).quantize(Decimal("0.01")) for i, a in areas.items()
    }
    for index, area in sorted(areas.items(), key=lambda item: ground[item[0]].code):
        rows["CBDKXX"].append(
            {
                "DKBM": ground[index].code, "FBFBM": party, "CBFBM": holder.code, "CBJYQQDFS": holder.way, "HTMJ": area,
                "CBHTBM": code, "LZHTBM": None, "CBJYQZBM": code, "YHTMJ": before[index] if renewed else None, "HTMJM": mu(area),
                "YHTMJM": mu(before[index]) if renewed else None,
                "SFQQQG": "1" if holder.shares[index] is not None else "2",
            }
        )  # fmt: skip
    total, total_before = sum(areas.values(), Decimal()), sum(before.values(), Decimal())
    rows["CBHT"].append(
        {
            "CBHTBM": code, "YCBHTBM": code if renewed else None, "FBFBM": party, "CBFBM": holder.code, "CBFS": holder.way,
            "CBQXQ": _day(start), "CBQXZ": _day(end), "HTZMJ": total, "CBDKZS": len(areas), "QDSJ": _day(signed), "HTZMJM": mu(total),
            "YHTZMJ": total_before if renewed else None, "YHTZMJM": mu(total_before) if renewed else None,
        }
    )  # fmt: skip
    serial = len(rows["CBJYQZDJB"]) + 1
    rows["CBJYQZDJB"].append(
        {
            "CBJYQZBM": code, "FBFBM": party, "CBFBM": holder.code, "CBFS": holder.way,
            "CBQX": f"自{start.year}年{start.month}月{start.day}日起至{end.year}年{end.month}月{end.day}日止",
            "CBQXQ": _day(start), "CBQXZ": _day(end), "DKSYT": f"图件\\{party}\\DKSYT{code}.pdf",
            "CBJYQZLSH": f"{PROVINCE[2]}（{days.registered.year}）{COUNTY[1]}农村土地承包经营权证第{serial:06d}号",
            "DJBFJ": None, "YCBJYQZBH": None, "DBR": "登簿员一", "DJSJ": _day(days.registered),
        }
    )  # fmt: skip
    _add_certificate(rows, holder, days, random)
    number = f"{code}1"
    rows["QSLYZLFJ"].append(
        {
            "CBJYQZBM": code, "ZLFJBH": number, "ZLFJMC": "承包方声明书", "ZLFJRQ": _day(signed),
            "FJ": f"其他资料\\权属来源附件\\{number}.pdf",
        }
    )  # fmt: skip


def _add_certificate(rows: Rows, holder: Holder, days: Days, random: Random) -> None:
    collected = random.random() < 0.97
    collected_on = days.issued + dt.timedelta(days=random.randrange(20, 90))
    rows["CBJYQZ"].append(
        {
            "CBJYQZBM": holder.contract, "FZJG": f"{COUNTY[1]}人民政府", "FZRQ": _day(days.issued),
            "QZSFLQ": "1" if collected else "2", "QZLQRQ": _day(collected_on) if collected else None,
            "QZLQRXM": _collector(holder) if collected else None, "QZLQRZJLX": "1" if collected else None,
            "QZLQRZJHM": holder.id_number if collected else None,
        }
    )  # fmt: skip
    draw = random.random()
    if collected and draw < 0.004:
        _add_act(
            rows,
            holder,
            "QZBF" if draw < 0.002 else "QZHF",
            collected_on + dt.timedelta(days=random.randrange(200, 2000)),
        )


def _add_act(rows: Rows, holder: Holder, kind: str, day: dt.date) -> None:
    """A certificate given anew because it was lost (QZBF) or worn (QZHF)."""
    short = kind[2:]
    rows[f"CBJYQZ_{kind}"].append(
        {
            "CBJYQZBM": holder.contract, f"{kind}YY": "遗失" if kind == "QZBF" else "破损", f"{short}RQ": _day(day),
            f"{kind}LQRQ": _day(day + dt.timedelta(days=6)), f"{kind}LQRXM": _collector(holder),
            f"{short}LQRZJLX": "1", f"{short}LQRZJHM": holder.id_number,
        }
    )  # fmt: skip


def add_acts(rows: Rows, holders: list[Holder]) -> None:
    """However small the county: a certificate lost, one worn, and one cancelled."""
    lost, worn, cancelled = holders[0], holders[1], holders[-1]
    known = {row["CBJYQZBM"] for kind in ("QZBF", "QZHF") for row in rows[f"CBJYQZ_{kind}"]}
    for holder, kind in ((lost, "QZBF"), (worn, "QZHF")):
        if holder.contract not in known:
            _add_act(rows, holder, kind, dt.date(2021, 4, 12))
    rows["CBJYQZ_QZZX"].append(
        {
            "CBJYQZBM": cancelled.contract,
            "ZXYY": "登记错误，待更正后重新颁发",
            "ZXRQ": _day(dt.date(2023, 9, 18)),
        }
    )


def add_swap(
    rows: Rows, receiver: Holder, giver: Holder, ground: dict[int, Ground], number: int, days: Days
) -> None:
    """A swap (300) that stands as evidence of title: the receiver's parcel came from the giver."""
    index = min((i for i, share in receiver.shares.items() if share is None), key=lambda i: ground[i].code)
    code = f"{receiver.group.code}{number:04d}"
    for row in reversed(rows["CBDKXX"]):
        if row["DKBM"] == ground[index].code and row["CBFBM"] == receiver.code:
            row["CBJYQQDFS"], row["LZHTBM"] = "300", code
            break
    start = dt.date(2012, 10, 1)
    rows["LZHT"].append(
        {
            "CBHTBM": giver.contract, "LZHTBM": code, "CBFBM": giver.code, "SRFBM": receiver.code, "LZFS": "300",
            "LZQX": f"{days.term[1].year - start.year}年", "LZQXKSRQ": _day(start), "LZQXJSRQ": _day(days.term[1]),
            "LZMJ": ground[index].area, "LZDKS": 1, "LZQTDYT": "1", "LZHTDYT": "1", "LZJGSM": "等面积互换，互不补偿",
            "HTQDRQ": _day(start - dt.timedelta(days=12)), "LZMJM": mu(ground[index].area),
        }
    )  # fmt: skip


def issuing_party(group: Area, head: Holder, days: Days) -> dict:
    """The group as issuing party; one of its heads of household answers for it."""
    return {
        "FBFBM": group.code, "FBFMC": group.full_name[group.full_name.index("县") + 1 :], "FBFFZRXM": head.members[0].name,
        "FZRZJLX": "1", "FZRZJHM": head.members[0].number, "LXDH": head.phone, "FBFDZ": group.full_name, "YZBM": POSTCODE,
        "FBFDCY": "调查员甲", "FBFDCRQ": _day(days.surveyed - dt.timedelta(days=7)), "FBFDCJS": "权属清楚，无争议",
    }  # fmt: skip


def _collector(holder: Holder) -> str:
    return holder.members[0].name if holder.members else holder.name


def _surveyor(holder: Holder) -> str:
    return ("调查员甲", "调查员乙", "调查员丙")[int(holder.code[9:12]) % 3]


def _day(day: dt.date) -> str:
    return f"{day:%Y%m%d}"
