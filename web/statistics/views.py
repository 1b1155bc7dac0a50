"""All pages of the blueprint."""

from web.statistics import ledgers, pages, yearly
from web.statistics.blueprint import blueprint

__all__ = ["blueprint", "ledgers", "pages", "yearly"]
