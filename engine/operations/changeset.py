"""The changeset while the case runs, and on the day it is filed."""

import json
from decimal import Decimal
from typing import Any

import shapely

from engine.domain import changeset as domain
from engine.domain import events
from engine.domain.changeset import RemeasureParcel, as_json
from engine.domain.errors import Refused
from engine.operations.work import Work
from engine.store import contracts, register, reservations


def check_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Take a survey's results in and check the whole changeset. Result: {findings: n, parcels: n}.

    Findings do not stop the case: they stand beside the changeset where the next reviewer decides.
    """
    survey = survey_changes(work)
    changes = domain.remeasured(work.changes(), survey) if survey else work.changes()
    household = work.household()
    findings = [finding.as_json() for finding in domain.check(changes, household)]
    findings += overlap_findings(work, survey)
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


def overlap_findings(work: Work, survey: tuple[RemeasureParcel, ...]) -> list[dict[str, Any]]:
    findings = []
    codes = [change.parcel_code for change in survey]
    for change in survey:
        if change.outline is None:
            continue
        for code, area in register.overlapping(work.session, work.case.county, change.outline, codes):
            findings.append(
                {
                    "rule": "T03",
                    "record": change.parcel_code,
                    "message": f"与地块 {code} 重叠 {area:.2f} 平方米，请核对界址点",
                }
            )
    return findings


def apply_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Write the changes into the register, under the issuing party's lock, and let the household go.

    Refused, with nothing written, when the register has changed so that the changes no longer fit.
    """
    household = work.household()
    register.lock_issuing_party(work.session, work.case.county, household.issuing_party.id)
    household = work.household()
    changes = work.changes()
    findings = domain.check(changes, household)
    if findings:
        raise Refused(
            "changeset", "登记簿与本次变更不符：%(why)s", why="；".join(f.message for f in findings)
        )
    signed_on = work.data["sign_contract"]["signed_on"]
    cause = contracts.Cause("case", work.case.number, work.today, work.at)
    for change in changes:
        if isinstance(change, RemeasureParcel):
            contracts.remeasure_parcel(work.session, household, change, cause)
    applied = contracts.sign_contract(work.session, household, domain.signing(changes), signed_on, cause)
    row = work.changeset_row()
    assert row is not None
    row.applied_at = work.at
    reservations.release(work.session, work.case, work.at)
    result = {
        "contract_code": applied.code,
        "register_entry": applied.register_entry,
        "changes": len(changes),
    }
    work.say(events.CHANGESET_APPLIED, result | {"changes": as_json(changes)})
    return result
