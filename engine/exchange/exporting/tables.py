"""The register as it stands now, as the layers and tables of NY/T 2539: field names, order and kinds are the standard's.

What the register does not keep is told from what it does: the feature code, mu (m2 x 0.0015), coordinates of points,
and BSM, which is the register's own row number (decision 13). One statement a table; the county is in each.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Double,
    Numeric,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from engine.exchange import standard
from engine.exchange.package.model import FIGURES, Table
from engine.store.base import CodeText
from engine.store.register import county_of, current, version_of
from engine.store.tables import register as t
from engine.store.tables import standard as s

MU = 0.0015  # 1 m2 in mu
PARCEL_LAYERS = ("DK", "JZD", "JZX")
_OUTLINE = "geometry"


@dataclass(frozen=True)
class Part:
    """Which part of a county: everything below a division, or just what hangs on that one (``alone``).

    Of boundaries and features that reach beyond, ``shared`` takes those of the divisions above as well.
    """

    county: str
    prefix: str
    alone: bool = False
    shared: bool = True

    def holds(self, division: Any) -> ColumnElement[bool]:
        if self.alone:
            return division == self.prefix
        return and_(division >= self.prefix, division < self.prefix + "~")

    def touches(self, division: Any) -> ColumnElement[bool]:
        above = [self.prefix[:digits] for digits in (6, 9, 12) if digits < len(self.prefix)]
        if not self.shared or not above:
            return self.holds(division)
        return or_(self.holds(division), division.in_(above))


def register_tables(
    session: Session, county: str, prefix: str = ""
) -> tuple[dict[str, Table], dict[str, Table]]:
    """Layers and ownership tables of the county, or of what lies below a division (9, 12 or 14 digits).

    A part has the boundary points and lines of its own parcels, and the areas and features that it lies in or that
    reach into it. Layers without rows are there only when the standard demands them; all twelve tables are.
    The session must be allowed to see the part.
    """
    part = Part(county, prefix or county)
    with _whole(session) if part.prefix == county else nullcontext():
        layers = parcel_layers(session, part) | feature_layers(session, part)
        tables = ownership_tables(session, part)
    present = {
        name: layers[name]
        for name, spec in standard.layers().items()
        if spec.mandatory or (name in layers and len(layers[name]))
    }
    return present, tables


@contextmanager
def _whole(session: Session) -> Iterator[None]:
    """For a whole county: the planner takes row security's condition for a narrow one, and would look up row by row."""
    session.execute(text("set local enable_nestloop = off"))
    yield
    session.execute(text("set local enable_nestloop = on"))


def parcel_layers(session: Session, part: Part) -> dict[str, Table]:
    """DK, JZD and JZX: the layers that are large."""
    srid = county_of(session, part.county).srid
    found = {"DK": _parcels(part), "JZD": _points(part), "JZX": _lines(part)}
    return {name: _layer(session, name, statement, srid) for name, statement in found.items()}


def narrowed(session: Session, part: Part, conditions: Mapping[str, ColumnElement[bool]]) -> dict[str, Table]:
    """Of the tables and parcel layers named, the rows that meet a condition beside those of the part."""
    srid = county_of(session, part.county).srid
    made = {"DK": _parcels, "JZD": _points, "JZX": _lines, "FBF": _parties, "CBF": _contractors, "CBF_JTCY": _members,
            "CBDKXX": _contracted, "CBHT": _contracts, "CBJYQZDJB": _entries, "CBJYQZ": _certificates}  # fmt: skip
    found = {}
    for name, condition in conditions.items():
        statement = made[name](part).where(condition)
        shaped = name in PARCEL_LAYERS
        found[name] = _layer(session, name, statement, srid) if shaped else _table(session, name, statement)
    return found


def feature_layers(session: Session, part: Part) -> dict[str, Table]:
    """Every other layer, empty ones too."""
    srid = county_of(session, part.county).srid
    f = s.MapFeature
    rows = session.execute(
        select(f.layer, f.id, f.code, f.facts, func.st_asbinary(f.geom))
        .where(f.county == part.county, part.touches(f.division), *current(f))
        .order_by(f.layer, f.id)
    )
    by_layer: dict[str, list[tuple[Any, ...]]] = {
        name: [] for name in standard.layers() if name not in PARCEL_LAYERS
    }
    for layer, *row in rows:
        by_layer[layer].append(tuple(row))
    return {name: _features(name, found, srid) for name, found in by_layer.items()}


def ownership_tables(session: Session, part: Part) -> dict[str, Table]:
    """All twelve."""
    found = {
        "FBF": _parties(part), "CBF": _contractors(part), "CBF_JTCY": _members(part), "CBDKXX": _contracted(part),
        "CBHT": _contracts(part), "LZHT": _transfers(part), "QSLYZLFJ": _documents(part), "CBJYQZDJB": _entries(part),
        "CBJYQZ": _certificates(part),
    }  # fmt: skip
    tables = {name: _table(session, name, statement) for name, statement in found.items()}
    acts = session.execute(_acts(part)).all()
    for kind, after in _ACTS.items():
        names = ("CBJYQZBM", *after)
        rows = [act[1 : 1 + len(names)] for act in acts if act.kind == kind]
        tables[f"CBJYQZ_{kind}"] = _filled(f"CBJYQZ_{kind}", names, rows)
    return {name: tables[name] for name in standard.tables()}


# Fields of the three tables of acts, in the order in which `_acts` selects what they say.
_ACTS = {
    "QZBF": ("QZBFYY", "BFRQ", "QZBFLQRQ", "QZBFLQRXM", "BFLQRZJLX", "BFLQRZJHM"),
    "QZHF": ("QZHFYY", "HFRQ", "QZHFLQRQ", "QZHFLQRXM", "HFLQRZJLX", "HFLQRZJHM"),
    "QZZX": ("ZXYY", "ZXRQ"),
}
_ACT_OF_STATE = {"void": "QZBF", "destroyed": "QZHF", "cancelled": "QZZX"}


def _table(session: Session, name: str, statement: Select[Any]) -> Table:
    result = session.execute(statement)
    return _filled(name, tuple(result.keys()), result.all())


def _layer(session: Session, name: str, statement: Select[Any], srid: int) -> Table:
    result = session.execute(statement)
    names = tuple(result.keys())
    rows = result.all()
    at = names.index(_OUTLINE)
    table = _filled(name, names, rows)
    table.columns["YSDM"] = [standard.layers()[name].ysdm[0]] * len(rows)
    table.geometry = shapely.from_wkb(np.array([bytes(row[at]) for row in rows], object))
    table.crs = (f"EPSG:{srid}",)
    return table


def _filled(name: str, names: tuple[str, ...], rows: Iterable[Any]) -> Table:
    """Columns in the standard's order; what the statement does not give is empty."""
    whole = list(rows)
    columns = dict(zip(names, map(list, zip(*whole, strict=True)), strict=True)) if whole else {}
    empty: list[Any] = [None] * len(whole)
    order = standard.spec(name).names
    return Table(name, {field: columns.get(field, list(empty)) for field in order}, len(whole))


def _features(name: str, rows: list[tuple[Any, ...]], srid: int) -> Table:
    spec = standard.layers()[name]
    columns: dict[str, list[Any]] = {
        field.name: [_fact(facts, field) for _, _, facts, _ in rows] for field in spec.fields
    }
    columns["BSM"] = [row[0] for row in rows]
    columns["YSDM"] = [row[1] for row in rows]
    outlines = shapely.from_wkb(np.array([bytes(row[3]) for row in rows], object))
    return Table(name, columns, len(rows), geometry=outlines, crs=(f"EPSG:{srid}",))


def _fact(facts: dict[str, Any], field: standard.Field) -> Any:
    value = facts.get(field.name)
    return float(value) if field.kind == "float" and value is not None else value


def _coded(*mapped: Any, but: Iterable[str] = ()) -> list[Any]:
    """The columns that the standard names, as it has them: days as YYYYMMDD, areas as floats."""
    return [
        _plain(getattr(one, column.key)).label(column.info["code"])
        for one in mapped
        for column in one.__table__.columns
        if column.info.get("code") and column.info["code"] not in but
    ]


def _plain(column: Any) -> Any:
    if isinstance(column.type, Date):
        return func.to_char(column, "YYYYMMDD")
    if isinstance(column.type, Numeric):
        return cast(column, Double)
    if isinstance(column.type, ARRAY):
        return func.array_to_string(column, "/")
    return column


def _mu(area: Any) -> Any:
    return cast(func.round(area * cast(literal(str(MU)), Numeric), 2), Double)


def _now(thing: Any, version: Any, owner: str) -> ColumnElement[bool]:
    """The join of a thing with its version that is current."""
    return and_(version_of(thing, version, owner), *current(version))


def _parcels(part: Part) -> Select[Any]:
    v = t.ParcelVersion
    return (
        select(
            t.Parcel.id.label("BSM"), *_coded(t.Parcel, v), _mu(v.measured_area).label("SCMJM"),
            func.st_asbinary(v.geom).label(_OUTLINE),
        )
        .join(v, _now(t.Parcel, v, "parcel_id"))
        .where(t.Parcel.county == part.county, part.holds(t.Parcel.division))
        .order_by(t.Parcel.code)
    )  # fmt: skip


def _points(part: Part) -> Select[Any]:
    p = s.BoundaryPoint
    return (
        select(
            p.id.label("BSM"), *_coded(p), _coordinate(func.st_y(p.geom)).label("XZBZ"),
            _coordinate(func.st_x(p.geom)).label("YZBZ"), func.st_asbinary(p.geom).label(_OUTLINE),
        )
        .where(*_boundaries(part, p))
        .order_by(p.id)
    )  # fmt: skip


def _lines(part: Part) -> Select[Any]:
    line = s.BoundaryLine
    return (
        select(line.id.label("BSM"), *_coded(line), func.st_asbinary(line.geom).label(_OUTLINE))
        .where(*_boundaries(part, line))
        .order_by(line.id)
    )


def _boundaries(part: Part, table: Any) -> tuple[ColumnElement[bool], ...]:
    """Of the parcels of the part; those of a division above only where a parcel of the part is among theirs."""
    found = (table.county == part.county, part.touches(table.division), *current(table))
    if part.alone or len(part.prefix) <= len(part.county):
        return found
    code = func.unnest(table.parcels).column_valued("code")
    own = exists(
        select(code).where(cast(code, CodeText) >= part.prefix, cast(code, CodeText) < part.prefix + "~")
    )
    return (*found, or_(part.holds(table.division), own))


def _coordinate(value: Any) -> Any:
    """Metres to the millimetre, as the standard keeps them."""
    return cast(func.round(cast(value, Numeric), 3), Double)


def _parties(part: Part) -> Select[Any]:
    party, v = t.IssuingParty, t.IssuingPartyVersion
    return (
        select(*_coded(party, v))
        .join(v, _now(party, v, "issuing_party_id"))
        .where(party.county == part.county, part.holds(party.division))
        .order_by(party.code)
    )


def _contractors(part: Part) -> Select[Any]:
    thing, v = t.Contractor, t.ContractorVersion
    return (
        select(*_coded(thing, v))
        .join(v, _now(thing, v, "contractor_id"))
        .where(thing.county == part.county, part.holds(thing.division))
        .order_by(thing.code)
    )


def _members(part: Part) -> Select[Any]:
    thing, v, m = t.Contractor, t.ContractorVersion, t.Member
    return (
        select(*_coded(thing, m))
        .join(v, _now(thing, v, "contractor_id"))
        .join(m, and_(m.county == v.county, m.contractor_version_id == v.id))
        .where(thing.county == part.county, part.holds(thing.division))
        .order_by(thing.code, m.position)
    )


def _in_force(part: Part, *columns: Any) -> Select[Any]:
    """Contracts in force, with contractor, issuing party and register entry."""
    k, v, entry, e = t.Contract, t.ContractVersion, t.RegisterEntry, t.RegisterEntryVersion
    return (
        select(*columns)
        .select_from(k)
        .join(v, _now(k, v, "contract_id"))
        .join(
            t.IssuingParty, and_(t.IssuingParty.county == k.county, t.IssuingParty.id == k.issuing_party_id)
        )
        .join(t.Contractor, and_(t.Contractor.county == k.county, t.Contractor.id == k.contractor_id))
        .outerjoin(entry, and_(entry.county == k.county, entry.contract_id == k.id))
        .outerjoin(e, _now(entry, e, "register_entry_id"))
        .where(k.county == part.county, part.holds(k.division), v.state == "in_force")
    )


def _contracts(part: Part) -> Select[Any]:
    k, v = t.Contract, t.ContractVersion
    return _in_force(
        part, *_coded(k, v, t.IssuingParty, t.Contractor), _mu(v.total_area).label("HTZMJM"),
        _mu(v.previous_area).label("YHTZMJM"),
    ).order_by(k.code, k.id)  # fmt: skip


def _contracted(part: Part) -> Select[Any]:
    """Land that a contract got later than its original one (by a swap or a split, say) had there an area of 0."""
    k, v, row = t.Contract, t.ContractVersion, t.ContractedParcel
    before = case(
        (v.previous_code.is_not(None), func.coalesce(row.previous_area, 0)), else_=row.previous_area
    )
    return (
        _in_force(
            part, *_coded(t.Parcel, t.IssuingParty, t.Contractor, k), *_coded(row, but=["YHTMJ"]),
            func.coalesce(t.RegisterEntry.code, k.code).label("CBJYQZBM"), cast(before, Double).label("YHTMJ"),
            _mu(row.contract_area).label("HTMJM"), _mu(before).label("YHTMJM"),
        )
        .join(row, and_(row.county == v.county, row.contract_version_id == v.id))
        .join(t.Parcel, and_(t.Parcel.county == row.county, t.Parcel.id == row.parcel_id))
        .order_by(t.Parcel.code, t.Contractor.code)
    )  # fmt: skip


def _entries(part: Part) -> Select[Any]:
    """The number on the valid certificate is the entry's; the sketch's place is the standard's where none is said."""
    entry, e, c = t.RegisterEntry, t.RegisterEntryVersion, _last_certificate(part)
    place = func.concat(f"{FIGURES}\\", t.IssuingParty.code, "\\DKSYT", entry.code, ".pdf")
    return (
        _in_force(
            part, *_coded(entry, t.IssuingParty, t.Contractor), *_coded(e, but=["DKSYT", "CBJYQZLSH"]),
            func.coalesce(e.sketch, place).label("DKSYT"), func.coalesce(c.c.serial, e.serial).label("CBJYQZLSH"),
        )
        .outerjoin(c, c.c.register_entry_id == entry.id)
        .where(e.id.is_not(None))
        .order_by(entry.code, entry.id)
    )  # fmt: skip


def _last_certificate(part: Part) -> Any:
    """The certificate of each register entry that was issued last, whatever has become of it."""
    c, v = t.Certificate, t.CertificateVersion
    return (
        select(c.register_entry_id, v.id, v.serial)
        .join(v, _now(c, v, "certificate_id"))
        .where(c.county == part.county, part.holds(c.division))
        .distinct(c.register_entry_id)
        .order_by(c.register_entry_id, c.id.desc())
        .subquery()
    )


def _certificates(part: Part) -> Select[Any]:
    entry, e, v, last = t.RegisterEntry, t.RegisterEntryVersion, t.CertificateVersion, _last_certificate(part)
    return (
        _in_force(part, entry.code.label("CBJYQZBM"), *_coded(v))
        .where(e.id.is_not(None))
        .join(last, last.c.register_entry_id == entry.id)
        .join(v, and_(v.county == part.county, v.id == last.c.id))
        .order_by(entry.code, entry.id)
    )


def _documents(part: Part) -> Select[Any]:
    """Papers stay with the code of the entry, which a contract that is signed again bears on."""
    d, entry, e = t.SourceDocument, t.RegisterEntry, t.RegisterEntryVersion
    standing = aliased(entry)
    return (
        select(entry.code.label("CBJYQZBM"), *_coded(d))
        .join(entry, and_(entry.county == d.county, entry.id == d.register_entry_id))
        .where(d.county == part.county, part.holds(d.division))
        .where(
            exists().where(
                standing.county == part.county,
                standing.code == entry.code,
                _now(standing, e, "register_entry_id"),
            )
        )
        .order_by(d.number)
    )


def _transfers(part: Part) -> Select[Any]:
    x = s.TransferContract
    return (
        select(*_coded(x), _mu(x.area).label("LZMJM"))
        .where(x.county == part.county, part.holds(x.division), *current(x))
        .order_by(x.code, x.id)
    )


def _acts(part: Part) -> Any:
    """Acts of before this register, and those that the versions of certificates tell.

    A lost or returned certificate was reissued or replaced by the next one of its entry, once that is handed over.
    What a package has brought in again is told once.
    """
    entry, e, act = t.RegisterEntry, t.RegisterEntryVersion, s.CertificateAct
    standing = exists().where(_now(entry, e, "register_entry_id"))
    earlier = (
        select(
            act.kind.label("kind"), entry.code.label("code"), act.reason, _plain(act.done_on).label("day"),
            _plain(act.collected_on).label("collected_on"), act.collected_by, act.collector_id_kind,
            act.collector_id_number, act.id.label("turn"),
        )
        .join(entry, and_(entry.county == act.county, entry.id == act.register_entry_id))
        .where(act.county == part.county, part.holds(entry.division), standing, *current(act))
    )  # fmt: skip
    old, old_now = t.Certificate, t.CertificateVersion
    new, new_now = aliased(t.Certificate), aliased(t.CertificateVersion)
    following = (
        select(func.min(new.id))
        .where(new.county == old.county, new.register_entry_id == old.register_entry_id, new.id > old.id)
        .correlate(old)
        .scalar_subquery()
    )
    kind = case(_ACT_OF_STATE, value=old_now.state)
    day = func.coalesce(new_now.issued_on, old_now.valid_from)
    told = exists().where(
        act.county == old.county,
        act.register_entry_id == old.register_entry_id,
        act.kind == kind,
        act.done_on == day,
        *current(act),
    )
    here = (
        select(
            kind, entry.code, old_now.reason,
            func.to_char(day, "YYYYMMDD"),
            _plain(new_now.collected_on), new_now.collected_by, new_now.collector_id_kind,
            new_now.collector_id_number, old.id,
        )
        .join(old_now, _now(old, old_now, "certificate_id"))
        .join(entry, and_(entry.county == old.county, entry.id == old.register_entry_id))
        .outerjoin(new_now, and_(new_now.county == old.county, new_now.certificate_id == following, *current(new_now)))
        .where(old.county == part.county, part.holds(old.division), standing, old_now.cause != "import", ~told)
        .where(or_(
            and_(old_now.state.in_(["void", "destroyed"]), new_now.collected_on.is_not(None)),
            and_(old_now.state == "cancelled", new_now.id.is_(None)),
        ))
    )  # fmt: skip
    both = union_all(earlier, here).subquery()
    return select(*(c for c in both.c if c.name != "turn")).order_by(both.c.code, both.c.turn)
