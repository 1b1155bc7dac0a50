"""the real-estate unit code of a parcel, as the registry's receipts tell it, with its history"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)
CURRENT = sa.text("valid_to is null and superseded_at is null")


def upgrade() -> None:
    op.create_table(
        "parcel_units",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("parcel_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", CODE, nullable=False),
        sa.Column("hand_over", CODE, nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", WHEN, nullable=False),
        sa.Column("superseded_at", WHEN, nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_ref", sa.Text(), nullable=False),
        sa.Column("restates", sa.BigInteger(), nullable=True),
        sa.Column("superseded_cause", sa.Text(), nullable=True),
        sa.Column("superseded_ref", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["county", "parcel_id"],
            ["operational.parcels.county", "operational.parcels.id"],
            name=op.f("fk_parcel_units_county_parcel_id"),
        ),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_parcel_units_valid_time")),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_parcel_units")),
        schema="operational",
    )
    for name, column, unique in (
        ("uq_parcel_units_current", "parcel_id", True),
        ("uq_parcel_units_unit", "unit", True),
        ("ix_parcel_units_parcel_id", "parcel_id", False),
    ):
        op.create_index(
            name,
            "parcel_units",
            ["county", column],
            unique=unique,
            schema="operational",
            postgresql_where=CURRENT if unique else None,
        )
    op.create_index(op.f("ix_parcel_units_division"), "parcel_units", ["division"], schema="operational")
    op.execute("grant select, insert, update, delete on operational.parcel_units to tianqi_app")
    op.execute("grant usage on sequence operational.parcel_units_id_seq to tianqi_app")
    op.execute("alter table operational.parcel_units enable row level security")
    op.execute("alter table operational.parcel_units force row level security")
    op.execute("""
        create policy scope on operational.parcel_units
        using (division >= nullif(current_setting('app.scope', true), '') collate "C"
           and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
