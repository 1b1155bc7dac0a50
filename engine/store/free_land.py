"""Land of an issuing party that no contract in force holds: what a first contract may take."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.domain.changes.findings import limit
from engine.domain.register import ParcelFacts
from engine.store.register import current, parcel_facts, version_of
from engine.store.tables import register as t

MOST = 500  # of one collective's; more than that is a county that has not allotted its land yet


def unheld(county: str) -> ColumnElement[bool]:
    """Of t.Parcel: that no contract in force holds it."""
    held = (
        select(t.ContractedParcel.parcel_id)
        .join(
            t.ContractVersion,
            (t.ContractVersion.county == t.ContractedParcel.county)
            & (t.ContractVersion.id == t.ContractedParcel.contract_version_id),
        )
        .where(
            t.ContractedParcel.county == county,
            t.ContractedParcel.parcel_id == t.Parcel.id,
            t.ContractVersion.state == "in_force",
            *current(t.ContractVersion),
        )
    )
    return ~held.exists()


def free_parcels(
    session: Session, county: str, party: str, codes: Collection[str] | None = None
) -> tuple[ParcelFacts, ...]:
    """In the order of their codes; the contract's area is to be what was measured.

    Contracted land that was given back, reserved land and reclaimed land (C.7 10, 22, 23; RLC art 29), surveyed and
    in the register. ``codes``: only those of these. Whether an open case holds one is not asked here.
    """
    query = (
        select(t.Parcel, t.ParcelVersion)
        .join(t.ParcelVersion, version_of(t.Parcel, t.ParcelVersion, "parcel_id"))
        .join(
            t.IssuingParty,
            (t.IssuingParty.county == t.Parcel.county) & (t.IssuingParty.id == t.Parcel.issuing_party_id),
        )
        .where(
            t.Parcel.county == county,
            t.IssuingParty.code == party,
            t.ParcelVersion.category.in_(limit("allotted_categories")),
            *current(t.ParcelVersion),
            unheld(county),
        )
        .order_by(t.Parcel.code)
        .limit(MOST)
    )
    if codes is not None:
        query = query.where(t.Parcel.code.in_(codes))
    return tuple(
        parcel_facts(parcel, version, version.measured_area) for parcel, version in session.execute(query)
    )
