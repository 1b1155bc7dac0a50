"""The county's accounts. Each module adds its pages to the one blueprint."""

from web.accounts import people, reassigning, workbooks
from web.accounts.blueprint import blueprint

__all__ = ["blueprint", "people", "reassigning", "workbooks"]
