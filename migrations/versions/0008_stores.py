"""vault and query store, each for a role of its own; signed files between vault and operational store"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"

CODE = sa.Text(collation="C")
# Rows of these are shown to who sees the whole county, and to nobody else.
COUNTY_ALONE = ("waiting_masters", "exchange_files", "exchange_known")


def upgrade() -> None:
    _vault()
    _query()
    for schema in ("vault", "operational"):
        _exchange(schema)
    _waiting()
    _grants()


def _county() -> sa.Column:
    return sa.Column("county", sa.CHAR(length=6), nullable=False)


def _shape(name: str, nullable: bool) -> sa.Column:
    kind = Geometry(spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry")
    return sa.Column(name, kind, nullable=nullable)


def _json(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _vault() -> None:
    op.create_table(
        "masters",
        _county(),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _json("facts"),
        _shape("geom", nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_ref", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county", "layer", "code", "version", name=op.f("pk_masters")),
        schema="vault",
    )
    op.execute("""
        create function vault.refuse_change() returns trigger language plpgsql as
        $$ begin raise exception 'masters are append-only'; end $$""")
    op.execute("""
        create trigger append_only before update or delete or truncate on vault.masters
        for each statement execute function vault.refuse_change()""")


def _query() -> None:
    op.create_table(
        "counties",
        _county(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("srid", sa.BigInteger(), nullable=False),
        sa.Column("proj", sa.Text(), nullable=False),
        sa.Column("grid_m", sa.Float(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county", name=op.f("pk_counties")),
        schema="query",
    )
    op.create_table(
        "divisions",
        _county(),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county", "code", name=op.f("pk_divisions")),
        schema="query",
    )
    op.create_table(
        "parcels",
        _county(),
        sa.Column("code", CODE, nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("area_mu", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=True),
        sa.Column("term_start", sa.Date(), nullable=True),
        sa.Column("term_end", sa.Date(), nullable=True),
        _json("marks"),
        sa.Column("holder", sa.Text(), nullable=True),
        _shape("outline", nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("county", "code", name=op.f("pk_parcels")),
        schema="query",
    )
    op.create_index("ix_parcels_division", "parcels", ["county", "division"], schema="query")


def _exchange(schema: str) -> None:
    op.create_table(
        "exchange_files",
        _county(),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("manifest_sha256", sa.Text(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored", sa.Text(), nullable=True),
        _json("receipt", nullable=True),
        _json("state", nullable=True),
        sa.PrimaryKeyConstraint("county", "direction", "number", name=op.f("pk_exchange_files")),
        schema=schema,
    )
    op.create_table(
        "exchange_known",
        _county(),
        sa.Column("layer", CODE, nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("county", "layer", "code", name=op.f("pk_exchange_known")),
        schema=schema,
    )


def _waiting() -> None:
    op.create_table(
        "waiting_masters",
        _county(),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        _json("facts"),
        _shape("geom", nullable=True),
        sa.PrimaryKeyConstraint("county", "batch", "layer", "number", name=op.f("pk_waiting_masters")),
        schema="operational",
    )
    for table in COUNTY_ALONE:
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (county = nullif(current_setting('app.scope', true), ''))""")


def _grants() -> None:
    """Each role its own schema and nothing else. No role but the owner may change what a table is."""
    op.execute("grant usage on schema vault to tianqi_vault")
    op.execute("grant select, insert on vault.masters to tianqi_vault")
    op.execute("grant select, insert, update on vault.exchange_files to tianqi_vault")
    op.execute("grant select, insert, update, delete on vault.exchange_known to tianqi_vault")
    op.execute("grant usage on schema query to tianqi_query")
    op.execute("grant select, insert, update, delete on all tables in schema query to tianqi_query")
    op.execute("grant select, insert, update on operational.exchange_files to tianqi_app")
    op.execute("grant select, insert, update, delete on operational.exchange_known to tianqi_app")
    op.execute("grant select, insert, delete on operational.waiting_masters to tianqi_app")
    # which schema this is, is the owner's to say
    op.execute("revoke insert, update, delete on reference.alembic_version from tianqi_app")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
