"""Changes of land: surveys, splits, merges, moved boundaries, expropriation, loss."""

from dataclasses import dataclass, replace
from decimal import Decimal

from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from engine.domain.changes import geometry
from engine.domain.changes.change import Change, Touched, give_up, missing, repeated, replace_rows
from engine.domain.changes.codes import check_new
from engine.domain.changes.findings import Finding, finding, limit
from engine.domain.changes.register import Contracted, Parcel, Register, with_parcels


@dataclass(frozen=True)
class Piece:
    """A parcel as a change leaves it. ``contract_area`` (m2) where the land is under a contract."""

    code: str
    name: str
    outline: str  # WKT in the county's plane
    contract_area: Decimal | None = None
    east: str | None = None
    south: str | None = None
    west: str | None = None
    north: str | None = None

    @property
    def polygon(self) -> BaseGeometry:
        return geometry.polygon(self.outline)


def as_piece(register: Register, code: str) -> Piece:
    """The parcel as it stands, as a piece that brings it back."""
    p = register.parcels[code]
    holder = register.holder(code)
    row = holder.row(code) if holder else None
    return Piece(code, p.name, p.outline.wkt, row.area if row else None, p.east, p.south, p.west, p.north)


def made_from(parcel: Parcel, piece: Piece) -> Parcel:
    """The piece with what it has from the land that it was: use, grade, category ..."""
    outline = piece.polygon
    assert isinstance(outline, Polygon), piece.code
    return replace(
        parcel,
        code=piece.code,
        name=piece.name,
        outline=outline,
        measured_area=geometry.area(outline),
        east=piece.east,
        south=piece.south,
        west=piece.west,
        north=piece.north,
    )


@dataclass(frozen=True)
class RemeasureParcel(Change):
    """A survey's result for a parcel: its measured area, and its outline where corners were given."""

    parcel_code: str
    area: Decimal  # m2, 实测面积 SCMJ
    outline: str | None  # WKT
    note: str | None
    type: str = "remeasure_parcel"

    def touches(self) -> Touched:
        outlines = (geometry.polygon(self.outline),) if self.outline else ()
        return Touched(parcels=frozenset([self.parcel_code]), outlines=outlines)

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "parcels", [self.parcel_code])
        if self.area <= 0:
            found.append(finding("measured_area_positive", self.parcel_code))
        if self.outline:
            found += sound_outline(self.parcel_code, geometry.polygon(self.outline))
        return found or self._far(register)

    def _far(self, register: Register) -> list[Finding]:
        """A wrong digit, or another zone's coordinates, put the parcel far from where it is."""
        if not self.outline:
            return []
        metres = geometry.polygon(self.outline).distance(register.parcels[self.parcel_code].outline)
        # an outline that is not there has no distance
        return (
            [finding("outline_far", self.parcel_code, metres=f"{metres:.0f}")]
            if metres > limit("far")
            else []
        )

    def apply(self, register: Register) -> Register:
        parcel = replace(register.parcels[self.parcel_code], measured_area=self.area)
        if self.outline:
            outline = geometry.polygon(self.outline)
            assert isinstance(outline, Polygon)
            parcel = replace(parcel, outline=outline)
        return register.put(parcel)

    def inverse(self, register: Register) -> tuple[Change, ...]:
        parcel = register.parcels[self.parcel_code]
        outline = parcel.outline.wkt if self.outline else None
        return (replace(self, area=parcel.measured_area, outline=outline, note=None),)


@dataclass(frozen=True)
class SplitParcel(Change):
    """地块分割: the pieces cover the parcel exactly and share out its contract area; each has a new code."""

    parcel_code: str
    pieces: tuple[Piece, ...]
    type: str = "split_parcel"

    def touches(self) -> Touched:
        return Touched(
            parcels=frozenset([self.parcel_code]),
            new_codes=frozenset(piece.code for piece in self.pieces),
            outlines=tuple(piece.polygon for piece in self.pieces),
        )

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "parcels", [self.parcel_code])
        if found:
            return found
        if len(self.pieces) < 2:
            found.append(finding("too_few_pieces", self.parcel_code))
        parcel = register.parcels[self.parcel_code]
        codes = [piece.code for piece in self.pieces]
        found += check_new(register, "parcels", codes, parcel.party, [self.parcel_code])
        found += sound_pieces(self.pieces)
        if not found:
            found += covers(self.parcel_code, [parcel.outline], self.pieces)
        return found + balanced(register, [self.parcel_code], self.pieces)

    def apply(self, register: Register) -> Register:
        return _replaced(register, [self.parcel_code], self.pieces)

    def inverse(self, register: Register) -> tuple[Change, ...]:
        codes = tuple(sorted(piece.code for piece in self.pieces))
        return (MergeParcels(codes, as_piece(register, self.parcel_code)),)


@dataclass(frozen=True)
class MergeParcels(Change):
    """地块合并: adjoining parcels of one holder and of one kind become one, with a new code."""

    parcel_codes: tuple[str, ...]
    piece: Piece
    type: str = "merge_parcels"

    def touches(self) -> Touched:
        return Touched(
            parcels=frozenset(self.parcel_codes),
            new_codes=frozenset([self.piece.code]),
            outlines=(self.piece.polygon,),
        )

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "parcels", self.parcel_codes) + repeated(self.parcel_codes)
        if found:
            return found
        if len(self.parcel_codes) < 2:
            return [finding("too_few_parcels", self.piece.code)]
        parcels = [register.parcels[code] for code in self.parcel_codes]
        first = parcels[0]
        for parcel in parcels[1:]:
            if register.holders(parcel.code) != register.holders(first.code):
                found.append(finding("merge_other_holder", parcel.code, other=first.code))
            if _kind(parcel) != _kind(first):
                found.append(finding("merge_other_kind", parcel.code, other=first.code))
        found += check_new(register, "parcels", [self.piece.code], first.party, self.parcel_codes)
        found += sound_pieces([self.piece])
        if not found:
            found += covers(self.piece.code, [parcel.outline for parcel in parcels], [self.piece])
        return found + balanced(register, self.parcel_codes, [self.piece])

    def apply(self, register: Register) -> Register:
        return _replaced(register, list(self.parcel_codes), [self.piece])

    def inverse(self, register: Register) -> tuple[Change, ...]:
        return (SplitParcel(self.piece.code, tuple(as_piece(register, code) for code in self.parcel_codes)),)


def _kind(parcel: Parcel) -> tuple[str | None, ...]:
    return (
        parcel.party,
        parcel.category,
        parcel.ownership,
        parcel.use,
        parcel.basic_farmland,
        parcel.land_use,
    )


def _replaced(register: Register, old: list[str], pieces: tuple[Piece, ...] | list[Piece]) -> Register:
    """The pieces in the place of the old parcels, in the register and in the contract that holds them."""
    parcel = register.parcels[old[0]]
    holder = register.holder(old[0])
    way = holder.row(old[0]).acquired_by if holder else ""  # type: ignore[union-attr]
    rows = [Contracted(piece.code, piece.contract_area or Decimal(0), way) for piece in pieces]
    new = [made_from(parcel, piece) for piece in pieces]
    kept = {piece.code for piece in pieces}
    register = replace_rows(register, old, rows)
    gone = [code for code in old if code not in kept]
    return register.without("parcels", gone, sorted(kept)).put(*new)


@dataclass(frozen=True)
class Reshaped:
    """A parcel and the outline that it gets. ``contract_area`` (m2): None leaves it as it is."""

    parcel_code: str
    outline: str  # WKT
    contract_area: Decimal | None = None


@dataclass(frozen=True)
class MoveBoundary(Change):
    """界址调整 between neighbours: together they cover the same land as before, whoever holds them."""

    parcels: tuple[Reshaped, ...]
    type: str = "move_boundary"

    def touches(self) -> Touched:
        return Touched(
            parcels=frozenset(row.parcel_code for row in self.parcels),
            outlines=tuple(geometry.polygon(row.outline) for row in self.parcels),
        )

    def check(self, register: Register) -> list[Finding]:
        codes = [row.parcel_code for row in self.parcels]
        found = missing(register, "parcels", codes) + repeated(codes)
        if found:
            return found
        if len(codes) < 2:
            return [finding("boundary_of_one", codes[0] if codes else "")]
        pieces = [Piece(row.parcel_code, "", row.outline, row.contract_area) for row in self.parcels]
        found += sound_pieces(pieces)
        if not found:
            found += covers(codes[0], [register.parcels[code].outline for code in codes], pieces)
        return found + self._contract_areas(register)

    def _contract_areas(self, register: Register) -> list[Finding]:
        stated = [row for row in self.parcels if row.contract_area is not None]
        found = [
            finding("not_contracted", row.parcel_code)
            for row in stated
            if not register.holder(row.parcel_code)
        ]
        if found or not stated:
            return found
        after = [Piece(row.parcel_code, "", row.outline, row.contract_area) for row in stated]
        return balanced(register, [row.parcel_code for row in stated], after)

    def apply(self, register: Register) -> Register:
        for row in self.parcels:
            outline = geometry.polygon(row.outline)
            assert isinstance(outline, Polygon)
            parcel = register.parcels[row.parcel_code]
            register = register.put(replace(parcel, outline=outline, measured_area=geometry.area(outline)))
            holder = register.holder(row.parcel_code)
            if row.contract_area is not None and holder:
                register = register.put(
                    with_parcels(
                        holder,
                        (
                            replace(r, area=row.contract_area) if r.parcel == row.parcel_code else r
                            for r in holder.parcels
                        ),
                    )
                )
        return register

    def inverse(self, register: Register) -> tuple[Change, ...]:
        rows = []
        for row in self.parcels:
            piece = as_piece(register, row.parcel_code)
            area = piece.contract_area if row.contract_area is not None else None
            rows.append(Reshaped(row.parcel_code, piece.outline, area))
        return (MoveBoundary(tuple(rows)),)


@dataclass(frozen=True)
class ExpropriateLand(Change):
    """征收: what lies inside the red line ends; ``kept`` covers the rest of the parcel exactly.

    One kept piece may keep the parcel's code (地块减小); several have new ones; none ends the parcel.
    """

    parcel_code: str
    red_line: str  # WKT
    approval: str  # number of the approval document 批准文号
    kept: tuple[Piece, ...]
    type: str = "expropriate_land"

    def touches(self) -> Touched:
        return Touched(
            parcels=frozenset([self.parcel_code]),
            new_codes=frozenset(piece.code for piece in self.kept) - {self.parcel_code},
            outlines=tuple(piece.polygon for piece in self.kept),
        )

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "parcels", [self.parcel_code])
        if found:
            return found
        if not self.approval.strip():
            found.append(finding("no_approval", self.parcel_code))
        parcel, line = register.parcels[self.parcel_code], geometry.polygon(self.red_line)
        codes = [piece.code for piece in self.kept]
        if codes != [self.parcel_code]:
            found += check_new(register, "parcels", codes, parcel.party, [self.parcel_code])
        if line.is_empty or not line.is_valid:
            return [*found, finding("red_line_unsound", self.parcel_code)]
        found += sound_pieces(self.kept)
        if not geometry.matters(parcel.outline.intersection(line)):
            found.append(finding("red_line_outside", self.parcel_code))
        if not found:
            outside = parcel.outline.difference(line)
            found += covers(self.parcel_code, [outside] if not outside.is_empty else [], self.kept)
        return found + self._contract_areas(register)

    def _contract_areas(self, register: Register) -> list[Finding]:
        before = as_piece(register, self.parcel_code).contract_area
        if before is None:
            return []
        found = positive(self.kept)
        after = sum((piece.contract_area or Decimal(0) for piece in self.kept), Decimal(0))
        if after >= before:
            found.append(finding("expropriated_area", self.parcel_code, before=before, after=after))
        return found

    def apply(self, register: Register) -> Register:
        if self.kept:
            return _replaced(register, [self.parcel_code], self.kept)
        return _ended(register, self.parcel_code)


@dataclass(frozen=True)
class LoseParcel(Change):
    """灭失: the parcel is no more, by a natural disaster or otherwise; it leaves its contract."""

    parcel_code: str
    reason: str
    type: str = "lose_parcel"

    def touches(self) -> Touched:
        return Touched(parcels=frozenset([self.parcel_code]))

    def check(self, register: Register) -> list[Finding]:
        found = missing(register, "parcels", [self.parcel_code])
        if not self.reason.strip():
            found.append(finding("no_reason", self.parcel_code))
        return found

    def apply(self, register: Register) -> Register:
        return _ended(register, self.parcel_code)


def _ended(register: Register, code: str) -> Register:
    holder = register.holder(code)
    if holder:
        register = give_up(register, holder, [code])
    return register.without("parcels", [code])


# --- rules that several changes share


def sound_outline(code: str, outline: BaseGeometry) -> list[Finding]:
    return [] if geometry.sound(outline) else [finding("outline_unsound", code)]


def sound_pieces(pieces: tuple[Piece, ...] | list[Piece]) -> list[Finding]:
    return [found for piece in pieces for found in sound_outline(piece.code, piece.polygon)]


def covers(record: str, whole: list[BaseGeometry], pieces: tuple[Piece, ...] | list[Piece]) -> list[Finding]:
    """The pieces cover the land exactly: no gap, nothing outside, no overlap, within 1 mm or 0.01 m2."""
    outlines = [piece.polygon for piece in pieces]
    found = []
    if gap := geometry.uncovered(whole, outlines):
        found.append(finding("gap", record, area=f"{gap:.2f}"))
    if outside := geometry.uncovered(outlines, whole):
        found.append(finding("outside", record, area=f"{outside:.2f}"))
    for i, j, both in geometry.overlaps_among(outlines):
        found.append(finding("pieces_overlap", pieces[i].code, other=pieces[j].code, area=f"{both:.2f}"))
    return found


def balanced(
    register: Register, old: tuple[str, ...] | list[str], pieces: tuple[Piece, ...] | list[Piece]
) -> list[Finding]:
    """Contract areas are shared out exactly, to the hundredth of a square metre."""
    areas = [as_piece(register, code).contract_area for code in old]
    if all(area is None for area in areas):
        return []
    before = sum((area for area in areas if area is not None), Decimal(0))
    after = sum((piece.contract_area or Decimal(0) for piece in pieces), Decimal(0))
    found = positive(pieces)
    if before != after:
        found.append(finding("areas_unbalanced", old[0], before=before, after=after))
    return found


def positive(pieces: tuple[Piece, ...] | list[Piece]) -> list[Finding]:
    return [
        finding("contract_area_positive", piece.code)
        for piece in pieces
        if piece.contract_area is None or piece.contract_area <= 0
    ]
