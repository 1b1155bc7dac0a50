"""What the portal is told about a household: its own facts, numbers masked, codes with their words, the parcels' 不动产单元号."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.division import at_level
from engine.domain.register import Household
from engine.exchange.standard import label
from engine.queries.adjoining import adjoining
from engine.queries.case_progress import office_of
from engine.queries.household import form_facts, free_rows
from engine.queries.household_deals import household_deals
from engine.queries.household_story import household_story
from engine.store.parcel_units import units_now
from engine.store.register import county_of


def applicant_facts(session: Session, household: Household, today: date) -> dict[str, Any]:
    """form_facts, with the members' relations in words and the village office that helps."""
    decimals = int(county_of(session, household.county).settings.get("mu_decimals", 2))
    facts = form_facts(household, decimals)
    for member in facts["members"]:
        member["relation_name"] = label("GB/T 4761", member["relation"])
    codes = [parcel["code"] for parcel in facts["parcels"]]
    units = units_now(session, household.county, codes)
    for parcel in facts["parcels"]:
        parcel["unit"] = units.get(parcel["code"])
    village = at_level(household.division, "village")
    name, phone = office_of(session, village)
    story = household_story(session, household.county, household.id, decimals)
    listed = free_rows(session, household, decimals) if household.contract is None else []
    free = [row | {"held": None} for row in listed if not row["held"]]
    deals = household_deals(session, household, decimals, today)
    return facts | {
        "free_parcels": free,
        "adjoining": adjoining(session, household.county, codes),
        "office": {"name": name, "phone": phone},
        "history": story,
        "deals": deals,
    }
