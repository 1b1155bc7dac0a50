"""Alembic's environment: migrations run as the owner, over our schemas only."""

import os

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

import engine.store.tables  # noqa: F401  fills the metadata
from engine.store.base import OPERATIONAL, PORTAL, QUERY, REFERENCE, VAULT, Base
from engine.store.sealed import SealedText

SCHEMAS = {REFERENCE, OPERATIONAL, PORTAL, VAULT, QUERY}


def include_name(name, type_, parent_names):
    return name in SCHEMAS if type_ == "schema" else True


def render_item(kind, item, autogen):
    """Sealed text is bytes to the database; migrations must not depend on code that changes."""
    if kind == "type" and isinstance(item, SealedText):
        return "sa.LargeBinary()"
    return alembic_helpers.render_item(kind, item, autogen)


url = context.config.attributes.get("url") or os.environ["OWNER_DATABASE_URL"]
with create_engine(url, poolclass=NullPool).connect() as connection:
    for schema in sorted(SCHEMAS):
        connection.execute(text(f"create schema if not exists {schema}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=render_item,
        version_table_schema=REFERENCE,
    )
    with context.begin_transaction():
        context.run_migrations()
