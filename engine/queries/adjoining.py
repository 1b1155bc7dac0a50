"""Parcels beside those of a household: most disputes are about land that adjoins one's own."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

GAP = 5.0  # metres between two parcels that still lie side by side: a ridge, a ditch or a path
MOST = 60


def adjoining(session: Session, county: str, codes: Collection[str]) -> list[dict[str, Any]]:
    """[{code, name, own, beside: codes and names of the parcels of ``codes`` that it adjoins}], in the order of their codes.

    Whose they are is not told: a neighbour reads it on the certificate, nobody else here.
    """
    rows = session.execute(
        text("""
        select p.code, v.name, array_agg(distinct op.code) as own,
          array_agg(distinct coalesce(nullif(own.name, ''), op.code)) as beside
        from operational.parcels op
        join operational.parcel_versions own on own.county = op.county and own.parcel_id = op.id
          and own.valid_to is null and own.superseded_at is null
        join operational.parcel_versions v on v.county = own.county and v.parcel_id <> own.parcel_id
          and v.valid_to is null and v.superseded_at is null and st_dwithin(v.geom, own.geom, :gap)
        join operational.parcels p on p.county = v.county and p.id = v.parcel_id
        where op.county = :county and op.code = any(:codes) and not p.code = any(:codes)
        group by p.code, v.name order by p.code limit :most"""),
        {"county": county, "codes": list(codes), "gap": GAP, "most": MOST},
    )
    return [
        {"code": row.code, "name": row.name, "own": list(row.own), "beside": list(row.beside)} for row in rows
    ]
