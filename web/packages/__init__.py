"""Delivery packages: brought, checked, compared, confirmed, taken in; and given out."""
