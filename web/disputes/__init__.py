"""Pages of the arbitration commission: disputes, the hearing calendar, the commission and its arbitrators."""
