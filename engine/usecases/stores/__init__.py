"""Vault and query store follow the operational one; signed files carry masters where no network joins them; and
``reconcile`` proves that all agree. A case commits in the operational store alone (docs/stores.md).
"""

from engine.usecases.stores.follow import follow_query, follow_stores, follow_vault
from engine.usecases.stores.reconcile import reconcile

__all__ = ["follow_query", "follow_stores", "follow_vault", "reconcile"]
