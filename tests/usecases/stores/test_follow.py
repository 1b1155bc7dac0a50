"""Vault and query store follow the register, and ``reconcile`` sees whatever does not."""

from engine.usecases.stores import reconcile
from tests.usecases.acting import COUNTY


def test_after_an_import_all_three_agree(running):
    found = reconcile(running, COUNTY)
    assert found.agrees, found.differences[:5]
    assert found.stores["vault"]["hash"] == found.stores["operational"]["hash"]
    numbers = {store: row["parcels"] for store, row in found.stores.items()}
    assert len(set(numbers.values())) == 1 and numbers["vault"] > 200
