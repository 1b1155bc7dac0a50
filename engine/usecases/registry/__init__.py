"""The real-estate registry from outside a case: files to it, receipts from it."""

from engine.usecases.registry.destroy import destroy_certificates
from engine.usecases.registry.receipts import Imported, give_receipt, import_receipts
from engine.usecases.registry.send import send_hand_over

__all__ = ["Imported", "destroy_certificates", "give_receipt", "import_receipts", "send_hand_over"]
