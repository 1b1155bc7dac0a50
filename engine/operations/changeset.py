"""The changeset while the case runs, and on the day it is filed."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely

from engine.domain import events
from engine.domain.changes import RemeasureParcel, SignContract, as_json, check
from engine.domain.changeset import remeasured, signing
from engine.domain.errors import Refused
from engine.exchange.check_changes import check_changes
from engine.operations.work import Work
from engine.store import changes as register
from engine.store import reservations
from engine.store.contracts import Cause


def check_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Take a survey's results in and check the whole changeset. Result: {findings: n, parcels: n}.

    Findings do not stop the case: they stand beside the changeset where the next reviewer decides.
    """
    survey = survey_changes(work)
    changes = remeasured(work.changes(), survey) if survey else work.changes()
    now = register.register_for(work.session, work.case.county, changes, work.today, work.case)
    findings = [finding.as_json() for finding in check(changes, now)]
    findings += check_changes(work.session, work.case.county, changes, now)
    work.set_changes(changes, findings)
    work.say(events.CHANGESET_SET, {"changes": as_json(changes), "findings": findings})
    return {"findings": len(findings), "parcels": len(survey)}


def survey_changes(work: Work) -> tuple[RemeasureParcel, ...]:
    rows = (work.data.get("survey") or {}).get("parcels") or []
    changes = []
    for row in rows:
        outline = outline_of(row.get("geometry"))
        area = Decimal(row["area_m2"])
        if outline:
            area = Decimal(str(round(shapely.from_wkt(outline).area, 2)))
        changes.append(RemeasureParcel(row["code"], area, outline, row.get("note") or None))
    return tuple(changes)


def outline_of(geometry: dict[str, Any] | None) -> str | None:
    """GeoJSON polygon (east, north, metres) as WKT, rounded to the millimetre that the standard keeps."""
    if not geometry:
        return None
    polygon = shapely.set_precision(shapely.from_geojson(json.dumps(geometry)), 0.001)
    if polygon.geom_type != "Polygon" or not polygon.is_valid or polygon.area == 0:
        raise Refused("outline", "界址点围不成地块：请检查界址点的顺序和坐标")
    return polygon.wkt


def apply_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Write the changes into the register, under its locks, and let the household go.

    Refused, with nothing written, when the register has changed so that the changes no longer fit.
    """
    signed_on = date.fromisoformat(work.data["sign_contract"]["signed_on"])
    contract = replace(signing(work.changes()), signed_on=signed_on)
    changes = tuple(contract if isinstance(change, SignContract) else change for change in work.changes())
    cause = Cause("case", work.case.number, work.today, work.at, work.actor.name)
    register.make(work.session, work.case.county, changes, cause, work.case)
    row = work.changeset_row()
    assert row is not None
    row.applied_at = work.at
    reservations.release(work.session, work.case, work.at)
    result = {"contract_code": contract.code, "register_entry": contract.code, "changes": len(changes)}
    work.say(events.CHANGESET_APPLIED, result | {"changes": as_json(work.changes())})
    return result
