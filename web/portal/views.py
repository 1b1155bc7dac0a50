"""The applicants' portal. It uses the portal's own schema and database role and nothing behind them."""

from flask import Blueprint

from web.portal import (
    applying,
    asking,
    board,
    cases,
    contract_signing,
    deals,
    disputes,
    handing_in,
    home,
    look_up,
    messages,
    objecting,
    parts,
    public,
    signing_in,
    supplying,
    verifying,
)
from web.portal.access import load_applicant, told

blueprint = Blueprint("portal", __name__)
blueprint.before_request(load_applicant)
blueprint.context_processor(told)

for part in (
    home,
    signing_in,
    applying,
    asking,
    handing_in,
    cases,
    supplying,
    contract_signing,
    deals,
    disputes,
    look_up,
    verifying,
    public,
    messages,
    parts,
    objecting,
    board,
):
    part.add_routes(blueprint)
