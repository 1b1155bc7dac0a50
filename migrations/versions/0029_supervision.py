"""supervision of rented land: agreed rent, payments, inspections, and what was done about them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "rent_terms",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("transfer_code", CODE, nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("yearly_yuan", sa.Numeric(), nullable=False),
        sa.Column("every_months", sa.BigInteger(), nullable=False),
        sa.Column("first_due", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", WHEN, nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.PrimaryKeyConstraint("county", "transfer_code", name=op.f("pk_rent_terms")),
        schema="operational",
    )
    op.create_table(
        "rent_payments",
        *_key(),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("yuan", sa.Numeric(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("reminded_before", WHEN, nullable=True),
        sa.Column("reminded_overdue", WHEN, nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_rent_payments")),
        sa.UniqueConstraint(
            "county", "transfer_code", "due_on", name=op.f("uq_rent_payments_county_transfer_code_due_on")
        ),
        schema="operational",
    )
    op.create_index("ix_rent_payments_due", "rent_payments", ["county", "due_on"], schema="operational")
    op.create_table(
        "land_inspections",
        *_key(),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("inspector", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("area_mu", sa.Numeric(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("photo", sa.Uuid(), nullable=True),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_land_inspections")),
        sa.UniqueConstraint(
            "county", "transfer_code", "number", name=op.f("uq_land_inspections_county_transfer_code_number")
        ),
        schema="operational",
    )
    op.create_index(
        "ix_land_inspections_open", "land_inspections", ["county", "settled_on", "rectify_by"], schema="operational"
    )
    op.create_table(
        "supervision_events",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("transfer_code", CODE, nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_supervision_events")),
        schema="operational",
    )
    op.create_index(
        "ix_supervision_events_transfer", "supervision_events", ["county", "transfer_code", "id"], schema="operational"
    )
    for table in ("rent_terms", "rent_payments", "land_inspections", "supervision_events"):
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
        rights = "select, insert" if table == "supervision_events" else "select, insert, update, delete"
        op.execute(f"grant {rights} on operational.{table} to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")


def _key() -> tuple[sa.Column, ...]:
    return (
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_code", CODE, nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
