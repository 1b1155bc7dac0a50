"""What differs between the register before and after a changeset, written as versions with cause and both times."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from geoalchemy2.shape import from_shape
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.changes import register as domain
from engine.domain.changes.difference import Changed, differences
from engine.store.changes import boundaries, transfers
from engine.store.contracts import end_contract
from engine.store.register import OWN_TIMES, Cause, county_of, current, supersede, version_of
from engine.store.sealed import fingerprint
from engine.store.tables import register as t


@dataclass
class _Writing:
    session: Session
    before: domain.Register
    after: domain.Register
    cause: Cause
    srid: int
    corners: dict[str, str] = field(default_factory=dict)  # KJZB of parcels with a new outline
    parties: dict[str, t.IssuingParty] = field(default_factory=dict)

    @property
    def county(self) -> str:
        return self.before.county

    def party(self, code: str) -> t.IssuingParty:
        if code not in self.parties:
            self.parties[code] = self.session.scalars(
                select(t.IssuingParty).where(
                    t.IssuingParty.county == self.county, t.IssuingParty.code == code
                )
            ).one()
        return self.parties[code]

    def identity(self, table: Any, code: str, party: str) -> int:
        """Row id of the parcel or contractor of that code; made where there is none yet."""
        row = self.party(party)
        values = {"county": self.county, "code": code, "issuing_party_id": row.id, "division": row.division}
        made = insert(table).values(values).on_conflict_do_nothing(index_elements=["county", "code"])
        self.session.execute(made)
        return self.session.scalars(
            select(table.id).where(table.county == self.county, table.code == code)
        ).one()

    def close(self, version: Any, owner: str, owner_id: int) -> Any | None:
        return supersede(self.session, version, owner, self.county, owner_id, self.cause)

    def add(self, version: Any, old: Any | None, **values: Any) -> Any:
        """A new version: the columns of ``old``, with these values."""
        kept = {
            column.key: getattr(old, column.key)
            for column in version.__mapper__.column_attrs
            if old is not None and column.key not in OWN_TIMES
        }
        row = version(**kept | {"county": self.county} | values | self.cause.columns())
        self.session.add(row)
        self.session.flush()
        return row


def write(session: Session, before: domain.Register, after: domain.Register, cause: Cause) -> list[Changed]:
    """Gives what was written. Identities first, then what hangs on them."""
    changed = differences(before, after)
    srid = county_of(session, before.county).srid
    corners = boundaries.redraw(session, before.county, srid, changed, after, cause)
    run = _Writing(session, before, after, cause, srid, corners)
    for change in changed:
        _WRITE[change.kind](run, change)
    _descents(run)
    session.flush()
    return changed


def _contractor(run: _Writing, change: Changed) -> None:
    now: domain.Contractor | None = change.after
    owner = run.identity(t.Contractor, change.code, (now or change.before).party)
    old = run.close(t.ContractorVersion, "contractor_id", owner)
    if now is None:
        return
    if old is None:
        old = _parent_version(run, change.code)
    version = run.add(
        t.ContractorVersion, old, contractor_id=owner, kind=now.kind, name=now.name, id_kind=now.id_kind,
        id_number=now.id_number, id_number_found=fingerprint(now.id_number), address=now.address,
        postcode=now.postcode, phone=now.phone, member_count=max(len(now.members), 1),
    )  # fmt: skip
    run.session.add_all(
        t.Member(
            county=run.county, contractor_version_id=version.id, position=position, name=m.name, sex=m.sex,
            id_kind=m.id_kind, id_number=m.id_number, id_number_found=fingerprint(m.id_number),
            relation=m.relation, note_code=m.note_code, co_owner=m.co_owner, note=m.note,
        )
        for position, m in enumerate(now.members, start=1)
    )  # fmt: skip


def _parent_version(run: _Writing, code: str) -> t.ContractorVersion | None:
    """The last version of a household that this one came of: survey and publicity facts stay with its people."""
    parents = [parent for parent, children in run.after.retired.items() if code in children]
    return run.session.scalar(
        select(t.ContractorVersion)
        .join(t.Contractor, version_of(t.Contractor, t.ContractorVersion, "contractor_id"))
        .where(t.Contractor.county == run.county, t.Contractor.code.in_(sorted(parents)))
        .order_by(t.ContractorVersion.id.desc())
        .limit(1)
    )


def _parcel(run: _Writing, change: Changed) -> None:
    now: domain.Parcel | None = change.after
    owner = run.identity(t.Parcel, change.code, (now or change.before).party)
    old = run.close(t.ParcelVersion, "parcel_id", owner)
    if now is None:
        return
    values: dict[str, Any] = {}
    if change.before is None or change.before.outline != now.outline:
        values = {"geom": from_shape(now.outline, srid=run.srid)}
    if change.code in run.corners:
        values["corners"] = run.corners[change.code]
    run.add(
        t.ParcelVersion, old, parcel_id=owner, name=now.name, ownership=now.ownership, category=now.category,
        land_use=now.land_use, grade=now.grade, use=now.use, basic_farmland=now.basic_farmland,
        measured_area=now.measured_area, east=now.east, south=now.south, west=now.west, north=now.north,
        note=now.note, witnesses=now.witnesses, **values,
    )  # fmt: skip


def _contract(run: _Writing, change: Changed) -> None:
    old: domain.Contract | None = change.before
    now: domain.Contract | None = change.after
    if now is not None and old is not None and now.id == old.id:
        _amend_contract(run, old, now)
        return
    contractor = run.session.scalars(
        select(t.Contractor).where(t.Contractor.county == run.county, t.Contractor.code == change.code)
    ).one()
    if old is not None:
        assert old.id is not None
        end_contract(run.session, run.county, old.id, run.cause)
    serial = _close_entry(run, contractor.id)
    if now is None:
        return
    contract = t.Contract(
        county=run.county,
        code=now.code,
        issuing_party_id=contractor.issuing_party_id,
        contractor_id=contractor.id,
        division=contractor.division,
    )
    run.session.add(contract)
    run.session.flush()
    earlier = old or _earlier(run, change.code)
    version = run.add(
        t.ContractVersion, None, contract_id=contract.id, previous_code=earlier.code if earlier else None,
        way=now.way, term_start=now.term_start, term_end=now.term_end, total_area=now.total_area,
        previous_area=earlier.total_area if earlier else None, parcel_count=len(now.parcels),
        signed_on=now.signed_on,
    )  # fmt: skip
    _contracted(run, version, now, {})
    entry = t.RegisterEntry(
        county=run.county,
        code=now.code,
        contract_id=contract.id,
        contractor_id=contractor.id,
        division=contractor.division,
    )
    run.session.add(entry)
    run.session.flush()
    run.add(
        t.RegisterEntryVersion, None, register_entry_id=entry.id, way=now.way, term=term(now),
        term_start=now.term_start, term_end=now.term_end, previous_certificate=serial,
        registrar=run.cause.by, registered_on=run.cause.on,
    )  # fmt: skip


def term(contract: domain.Contract) -> str:
    """CBQX as a register entry says it: 30年."""
    return f"{(contract.term_end + timedelta(days=1)).year - contract.term_start.year}年"


def _earlier(run: _Writing, contractor: str) -> domain.Contract | None:
    """The contract of a household that this one came of."""
    for parent, children in sorted(run.after.retired.items()):
        if contractor in children and parent in run.before.contracts:
            return run.before.contracts[parent]
    return None


def _amend_contract(run: _Writing, old: domain.Contract, now: domain.Contract) -> None:
    closed = run.close(t.ContractVersion, "contract_id", now.id or 0)
    assert closed is not None
    rows = run.session.scalars(
        select(t.ContractedParcel).where(
            t.ContractedParcel.county == run.county, t.ContractedParcel.contract_version_id == closed.id
        )
    )
    version = run.add(
        t.ContractVersion, closed, way=now.way, term_start=now.term_start, term_end=now.term_end,
        total_area=now.total_area, previous_area=old.total_area, parcel_count=len(now.parcels),
        signed_on=now.signed_on,
    )  # fmt: skip
    _contracted(run, version, now, {row.parcel_id: row for row in rows})
    entry = _current_entry(run, contract=now.id)
    if entry is not None:
        run.close(t.RegisterEntryVersion, "register_entry_id", entry.register_entry_id)
        run.add(
            t.RegisterEntryVersion, entry, way=now.way, term_start=now.term_start, term_end=now.term_end,
            registrar=run.cause.by or entry.registrar, registered_on=run.cause.on,
        )  # fmt: skip


def _contracted(
    run: _Writing, version: t.ContractVersion, contract: domain.Contract, kept: dict[int, t.ContractedParcel]
) -> None:
    """Land that an earlier contract did not have was 0 m2 there: the standard wants YHTMJ where there is one."""
    none = Decimal(0) if version.previous_code else None
    ids = {
        row.code: row.id
        for row in run.session.execute(
            select(t.Parcel.code, t.Parcel.id).where(
                t.Parcel.county == run.county, t.Parcel.code.in_(contract.codes)
            )
        )
    }
    for row in contract.parcels:
        holder = run.before.holder(row.parcel)
        held = holder.row(row.parcel) if holder else None
        before = kept.get(ids[row.parcel])
        run.session.add(
            t.ContractedParcel(
                county=run.county,
                contract_version_id=version.id,
                parcel_id=ids[row.parcel],
                acquired_by=row.acquired_by,
                contract_area=row.area,
                previous_area=held.area if held else none,
                shares_only="1" if row.shares else "2",
                transfer_code=before.transfer_code if before else None,
            )
        )
    run.session.flush()


def _current_entry(
    run: _Writing, contractor: int | None = None, contract: int | None = None
) -> t.RegisterEntryVersion | None:
    owner = (
        t.RegisterEntry.contractor_id == contractor
        if contract is None
        else t.RegisterEntry.contract_id == contract
    )
    return run.session.scalar(
        select(t.RegisterEntryVersion)
        .join(t.RegisterEntry, version_of(t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id"))
        .where(t.RegisterEntry.county == run.county, owner, *current(t.RegisterEntryVersion))
        .order_by(t.RegisterEntry.id.desc())
        .limit(1)
    )


def _close_entry(run: _Writing, contractor: int) -> str | None:
    """The entry of the contract that ends is closed; gives its certificate's serial."""
    entry = _current_entry(run, contractor=contractor)
    if entry is None:
        return None
    run.close(t.RegisterEntryVersion, "register_entry_id", entry.register_entry_id)
    return entry.serial


def _certificate(run: _Writing, change: Changed) -> None:
    now: domain.Certificate = change.after
    if now.id is not None:
        old = run.close(t.CertificateVersion, "certificate_id", now.id)
        run.add(t.CertificateVersion, old, state=now.state, reason=now.reason)
        return
    contractor = select(t.Contractor.id).where(
        t.Contractor.county == run.county, t.Contractor.code == now.contractor
    )
    version = _current_entry(run, contractor=run.session.scalars(contractor).one())
    assert version is not None, now.contractor
    entry = run.session.get_one(t.RegisterEntry, (run.county, version.register_entry_id))
    certificate = t.Certificate(
        county=run.county, code=entry.code, register_entry_id=entry.id, division=entry.division
    )
    run.session.add(certificate)
    run.session.flush()
    run.add(
        t.CertificateVersion, None, certificate_id=certificate.id, issuer=now.issuer, issued_on=now.issued_on,
        serial=now.serial, collected="1" if now.collected_on else "2", collected_on=now.collected_on,
        collected_by=now.collected_by, collector_id_kind="1" if now.collector_id_number else None,
        collector_id_number=now.collector_id_number,
    )  # fmt: skip


def _descents(run: _Writing) -> None:
    for parent, children in run.after.retired.items():
        if parent in run.before.retired:
            continue
        thing = run.before.parcels.get(parent) or run.before.contractors.get(parent)
        if thing is None:
            continue  # made and ended within the changeset
        run.session.add_all(
            t.Descent(
                county=run.county,
                kind="parcel" if isinstance(thing, domain.Parcel) else "contractor",
                parent=parent,
                child=child,
                day=run.cause.on,
                recorded_at=run.cause.at,
                cause=run.cause.kind,
                cause_ref=run.cause.ref,
                division=run.party(thing.party).division,
            )
            for child in _outlasting(run, children)
        )


def _outlasting(run: _Writing, codes: tuple[str, ...]) -> list[str]:
    """What was made and ended within the changeset is followed to what came of it."""
    found: list[str] = []
    for code in codes:
        there = code in run.after.parcels or code in run.after.contractors
        found += [code] if there else _outlasting(run, run.after.retired.get(code, ()))
    return list(dict.fromkeys(found))


_WRITE = {
    "contractors": _contractor,
    "parcels": _parcel,
    "contracts": _contract,
    "certificates": _certificate,
    "transfers": lambda run, change: transfers.write(run.session, run.after, change.after, run.cause),
    "encumbrances": lambda run, change: transfers.write_guarantee(
        run.session, run.after, change.after, run.cause
    ),
}
