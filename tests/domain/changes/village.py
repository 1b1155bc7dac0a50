"""A small village for changes: a row of fields, each 100 m by 60 m, on the county's plane.

A1 A2 | B1 | C1 | common    and across a ditch 5 m wide, Z1 of the neighbouring group
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from shapely import Polygon, box

from engine.domain.changes import Piece, Register
from engine.domain.changes.geometry import area
from engine.domain.changes.parcels import as_piece
from engine.domain.changes.register import (
    Certificate,
    Contract,
    Contracted,
    Contractor,
    Member,
    Parcel,
    Party,
)

DAY = date(2026, 11, 23)
PARTY, OTHER_PARTY = "99010110020101", "99010110020102"
EAST, NORTH = 39_600_000.0, 3_700_000.0
WIDE, HIGH = 100.0, 60.0


def field(n: int) -> str:
    return f"{PARTY}{n:05d}"


def household(n: int) -> str:
    return f"{PARTY}{n:04d}"


A1, A2, B1, C1, COMMON = (field(n) for n in range(1, 6))
Z1 = f"{OTHER_PARTY}00001"
A, B, C, D = (household(n) for n in range(1, 5))  # D holds no land
Z = f"{OTHER_PARTY}0001"


def square(west: float, south: float, east: float, north: float) -> Polygon:
    """In metres from the row's south-western corner."""
    return box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def parcel(code: str, outline: Polygon, **more) -> Parcel:
    return Parcel(code, code[:14], "塘边田", outline, area(outline), **more)


def person(n: int, relation: str, name: str, **more) -> Member:
    return Member(f"99010119700101{n:04d}", name, "1", relation, **more)


def family(code: str, *members: Member) -> Contractor:
    head = members[0]
    return Contractor(code, code[:14], "1", head.name, head.id_number, address="石桥村一组", members=members)


def held(contractor: str, *parcels: Parcel) -> Contract:
    rows = tuple(Contracted(p.code, p.measured_area) for p in parcels)
    start, end = date(1998, 1, 1), date(2027, 12, 31)
    return Contract(contractor, "110", start, end, start, rows, id=int(contractor[-4:]))


def village() -> Register:
    row = [parcel(field(n + 1), square(n * WIDE, 0, (n + 1) * WIDE, HIGH)) for n in range(4)]
    common = parcel(COMMON, square(4 * WIDE, 0, 5 * WIDE, HIGH), category="22")
    beyond = parcel(Z1, square(0, HIGH + 5, WIDE, 2 * HIGH))
    families = [
        family(A, person(1, "02", "王德顺"), person(2, "12", "李秀英"), person(3, "20", "王建国"), person(4, "30", "王芳")),
        family(B, person(11, "02", "赵长河"), person(12, "12", "孙桂兰")),
        family(C, person(21, "02", "陈大海")),
        family(D, person(31, "02", "周小川")),
        family(Z, person(41, "02", "吴水生")),
    ]  # fmt: skip
    certificate = Certificate(A, "第000001号", "某县自然资源局", date(2016, 5, 1))
    register = Register(
        "990101", DAY, {p: Party(p) for p in (PARTY, OTHER_PARTY)}, certificates=(certificate,)
    )
    return register.put(
        *row, common, beyond, *families,
        held(A, *row[:2]), held(B, row[2]), held(C, row[3]), held(Z, beyond),
    )  # fmt: skip


def piece(register: Register, code: str, outline: Polygon, contract_area: str | None) -> Piece:
    """Like A1, but there and so large."""
    stated = Decimal(contract_area) if contract_area else None
    return replace(as_piece(register, A1), code=code, outline=outline.wkt, contract_area=stated)


def rules(findings) -> set[str]:
    return {found.rule for found in findings}


def holdings(register: Register) -> dict:
    """Who holds which land for which term, and who they are: what a way back restores."""
    return {
        "people": register.contractors,
        "parcels": register.parcels,
        "land": {
            code: (c.contractor, c.row(code).area, c.way, c.term_end)
            for code in register.parcels
            for c in register.holders(code)
        },
    }
