"""Vault and query store follow the register, and ``reconcile`` sees whatever does not."""

import shapely
from sqlalchemy import create_engine, select, text, update

from engine.queries.public_facts import of_village
from engine.store import open_parcels, survey, vault
from engine.store.scope import rescope
from engine.usecases.stores import follow_query, follow_vault, reconcile
from tests.usecases.acting import COUNTY


def test_after_an_import_all_three_agree(running):
    found = reconcile(running, COUNTY)
    assert found.agrees, found.differences[:5]
    assert found.stores["vault"]["hash"] == found.stores["operational"]["hash"]
    numbers = {store: row["parcels"] for store, row in found.stores.items()}
    assert len(set(numbers.values())) == 1 and numbers["vault"] > 200
