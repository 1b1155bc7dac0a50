"""Every kind of change reads back from the database as it was applied to the snapshot."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import shapely

from engine.domain.changes import (
    KINDS,
    AddMember,
    AdjustParcels,
    AssignParcels,
    CancelCertificate,
    ChangeMember,
    ChangeRepresentative,
    ContractedArea,
    CorrectValue,
    EndHousehold,
    EndTransfer,
    ExpropriateLand,
    GrantParcels,
    LoseParcel,
    MergeHouseholds,
    MergeParcels,
    MoveBoundary,
    NewCertificate,
    NewHousehold,
    NewParcel,
    RecordGuarantee,
    RecordTransfer,
    ReissueCertificate,
    Relation,
    ReleaseGuarantee,
    RemeasureParcel,
    RemoveMember,
    ReplaceCertificate,
    Reshaped,
    RestoreMembers,
    SignContract,
    SplitHousehold,
    SplitParcel,
    SurrenderParcels,
    SwapParcels,
    apply,
    geometry,
)
from engine.domain.changes.difference import differences
from engine.domain.changes.parcels import as_piece
from engine.domain.changes.register import Recipient, TransferredLand
from tests.store.test_changes_stored import DAY, do, fresh, halved, nothing_about, seen

YEAR_AGO = DAY - timedelta(days=365)


class Case:
    """Two households of one issuing party with a contract, as the register has them before the change."""

    def __init__(self, running, number):
        self.first, self.second = fresh(running, 2)
        self.now = seen(running, nothing_about(self.first), nothing_about(self.second))
        self.family, self.other = (self.now.contractors[code] for code in (self.first, self.second))
        self.lands, self.other_lands = (self.now.contracts[code].codes for code in (self.first, self.second))
        self.party = self.family.party
        self.number = number

    def household(self, n):
        return f"{self.party}{7000 + 10 * self.number + n:04d}"

    def parcel(self, n):
        return f"{self.party}{80000 + 10 * self.number + n:05d}"

    def numbers(self):
        return (80000 + 10 * self.number, 80001 + 10 * self.number)

    def baby(self):
        head = self.family.members[0]
        return replace(
            head, id_number=f"99010120261101{self.number:04d}", name="新生儿", relation="41", note_code="6"
        )

    def relations(self, *members):
        return tuple(Relation(m.id_number, "02" if place == 0 else "80") for place, m in enumerate(members))


def certificate(case):
    return NewCertificate(f"新证{case.number}", "某县自然资源局", DAY, DAY, "某人", "990101197001010001")


def sign(case):
    areas = tuple(ContractedArea(code, Decimal("123.45")) for code in case.lands)
    contract = case.now.contracts[case.first]
    return [SignContract(case.first, "110", DAY, date(2056, 11, 22), areas, contract.code, DAY)]


def expropriate(case):
    code = case.lands[0]
    outline = case.now.parcels[code].outline
    west, south, east, north = outline.bounds
    line = shapely.box(west - 1, south - 1, (west + east) / 2, north + 1)
    taken, kept = geometry.cut(outline, line)
    area = case.now.contracts[case.first].row(code).area
    shares = geometry.shares(area, [geometry.area(part) for part in [*kept, *taken]])
    like = as_piece(case.now, code)
    pieces = tuple(
        replace(like, code=case.parcel(i), outline=part.wkt, contract_area=shares[i])
        for i, part in enumerate(kept)
    )
    return [ExpropriateLand(code, line.wkt, "某政地〔2026〕1号", pieces)]


def split_and_merge(case):
    change = halved(case.now, case.lands[0], case.numbers())
    codes = tuple(piece.code for piece in change.pieces)
    return [change, MergeParcels(codes, as_piece(case.now, case.lands[0]))]


def split_and_keep(case):
    return [halved(case.now, case.lands[0], case.numbers())]


def boundary(case):
    """The two halves of a parcel, and the line between them moved."""
    split = halved(case.now, case.lands[0], case.numbers())
    outline = case.now.parcels[case.lands[0]].outline
    west, south, east, north = outline.bounds
    inside, outside = geometry.cut(
        outline, shapely.box(west - 1, south - 1, west + (east - west) * 0.45, north + 1)
    )
    if len(inside + outside) != 2 or len(split.pieces) != 2:
        pytest.skip("a parcel of another shape")
    rows = zip((piece.code for piece in split.pieces), inside + outside, strict=True)
    return [split, MoveBoundary(tuple(Reshaped(code, part.wkt) for code, part in rows))]


def remeasure(case):
    """Drawn in a little, so that no neighbour is met."""
    outline = geometry.rounded(case.now.parcels[case.lands[0]].outline.buffer(-0.3, join_style="mitre"))
    return [RemeasureParcel(case.lands[0], geometry.area(outline), outline.wkt, "实测")]


def new_land(case):
    """Far from all others, and granted to the household at once."""
    outline = geometry.rounded(shapely.affinity.translate(case.now.parcels[case.lands[0]].outline, 40_000))
    drawn = NewParcel(case.parcel(5), "岭上新地", outline.wkt, "水渠", None, "道路", None, "013", "05")
    granted = ContractedArea(drawn.code, geometry.area(outline))
    return [drawn, GrantParcels(case.first, (granted,), "会议决定")]


def split_household(case):
    members = case.family.members
    if len(members) < 2:
        members = (*members, case.baby())
    adds = [AddMember(case.first, members[1])] if len(case.family.members) < 2 else []
    parts = (
        NewHousehold(case.household(1), case.relations(members[0]), case.lands[:1], phone=case.family.phone),
        NewHousehold(case.household(2), case.relations(*members[1:]), case.lands[1:]),
    )
    return [*adds, SplitHousehold(case.first, parts)]


def merge_households(case):
    members = case.relations(*case.family.members, *case.other.members)
    return [
        MergeHouseholds(
            (case.first, case.second), NewHousehold(case.household(1), members, phone="13900000000")
        )
    ]


def all_deceased(case):
    members = tuple(replace(member, note_code="7") for member in case.family.members)
    return [RestoreMembers(case.first, members), EndHousehold(case.first, "全户消亡")]


def new_head(case):
    baby = case.baby()
    members = (*case.family.members, baby)
    return [
        AddMember(case.first, baby),
        ChangeRepresentative(case.first, case.relations(members[-1], *members[:-1])),
    ]


def leaves(case):
    baby = case.baby()
    return [AddMember(case.first, baby), RemoveMember(case.first, baby.id_number, "moved")]


def noted(case):
    member = case.family.members[-1]
    return [ChangeMember(case.first, member.id_number, replace(member, note="在外务工"))]


FIRM = Recipient(
    "大田公司", "unit", "990101196001010015", "13911110000", "县城", None, "钱一", "91990101MA0000000U"
)


def lease(case):
    """Whole land of one household, and a drawn part of the other's."""
    part = case.now.contracts[case.second].row(case.other_lands[0]).area / 2
    land = (
        TransferredLand(case.first, case.lands[0], case.now.contracts[case.first].row(case.lands[0]).area),
        TransferredLand(
            case.second, case.other_lands[0], round(part, 2), False, "东头", shapely.box(0, 0, 1, 1).wkt
        ),
    )
    end = min(case.now.contracts[code].term_end for code in (case.first, case.second))
    return RecordTransfer(f"流{case.number}", "lease", FIRM, DAY, end, DAY, "水稻", "每亩800元", land)


def pledge(case):
    end = case.now.contracts[case.first].term_end
    amount = Decimal("50000.00")
    return RecordGuarantee(
        f"融{case.number}", "household", "某人", "农商行", "贷1", amount, DAY, end, case.first, case.lands[:1]
    )


MADE = {
    "sign": sign,
    "swap": lambda c: [SwapParcels(c.first, c.lands[:1], c.second, c.other_lands[:1])],
    "assign in part": lambda c: [AssignParcels(c.first, c.second, c.lands[:1], DAY)],
    "surrender in part": lambda c: [SurrenderParcels(c.first, c.lands[:1], YEAR_AGO)],
    "adjusted": lambda c: [AdjustParcels(c.first, c.second, c.lands[:1], "洪水冲毁", 60, 90)],
    "granted": lambda c: [
        SurrenderParcels(c.first, c.lands[:1], YEAR_AGO),
        GrantParcels(c.second, (ContractedArea(c.lands[0], Decimal("100.00")),), "会议决定"),
    ],
    "surrender of all": lambda c: [SurrenderParcels(c.first, c.lands, YEAR_AGO)],
    "survey": remeasure,
    "new land": new_land,
    "split parcel": split_and_keep,
    "split and merged": split_and_merge,
    "boundary": boundary,
    "expropriation": expropriate,
    "loss": lambda c: [LoseParcel(c.lands[0], "水毁")],
    "birth": lambda c: [AddMember(c.first, c.baby())],
    "leaves": leaves,
    "noted": noted,
    "new head": new_head,
    "split household": split_household,
    "merge households": merge_households,
    "extinct": all_deceased,
    "correction": lambda c: [
        CorrectValue("parcels", c.lands[0], "name", c.now.parcels[c.lands[0]].name, "新名田", "笔误")
    ],
    "reissue": lambda c: [ReissueCertificate(c.first, "遗失", certificate(c))],
    "replace": lambda c: [ReplaceCertificate(c.first, "破损", certificate(c))],
    "transfer": lambda c: [lease(c)],
    "transfer ended": lambda c: [
        lease(c),
        EndTransfer(f"流{c.number}", DAY, "agreed", (c.first, c.second), (c.lands[0], c.other_lands[0])),
    ],
    "guarantee": lambda c: [pledge(c)],
    "guarantee released": lambda c: [
        pledge(c),
        ReleaseGuarantee(f"融{c.number}", DAY, "还清", c.first, c.lands[:1]),
    ],
    "cancel": lambda c: [CancelCertificate(c.first, "全部交回")],
}


def stands(register, names):
    """The named things and valid certificates; who has none is left out."""
    return {
        "contractors": {c: register.contractors[c] for c in sorted(names) if c in register.contractors},
        "parcels": {c: register.parcels[c] for c in sorted(names) if c in register.parcels},
        "contracts": {c: register.contracts[c] for c in sorted(names) if c in register.contracts},
        "transfers": {n: t for n, t in register.transfers.items() if t.state == "running"},
        "encumbrances": {n: e for n, e in register.encumbrances.items() if e.state == "running"},
        "certificates": [c for c in register.certificates if c.contractor in names and c.state == "valid"],
    }


@pytest.mark.parametrize(("number", "name"), list(enumerate(MADE)))
def test_it_reads_back_as_it_was_applied(running, number, name):
    case = Case(running, number)
    changes = MADE[name](case)
    before = seen(running, nothing_about(case.first), nothing_about(case.second), *changes)
    expected = apply(changes, before)
    do(running, *changes)
    names = {change.code for change in differences(before, expected)} | {case.first, case.second}
    lands = [RemeasureParcel(code, Decimal(1), None, None) for code in names if len(code) == 19]
    found = seen(running, nothing_about(case.first), nothing_about(case.second), *changes, *lands)
    assert stands(found, names) == stands(expected, names)


def test_every_kind_is_among_them():
    """By what the builders name; ``SplitParcel`` and others come in pairs."""
    made = (*MADE.values(), lease, pledge)
    told = {name for make in made for name in make.__code__.co_names} | {"SplitParcel"}
    assert {kind.__name__ for kind in KINDS.values()} <= told
    assert SplitParcel in KINDS.values()
