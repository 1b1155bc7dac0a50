"""the board of land offered and wanted: entries, reports of misuse, and what the portal shows"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "land_offers",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *_said(),
        sa.Column("publisher_kind", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("phone_public", sa.Boolean(), nullable=False),
        sa.Column("parcels", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("submitted_at", WHEN, nullable=False),
        sa.Column("reviewed_by", sa.Text(), nullable=True),
        sa.Column("reviewed_at", WHEN, nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_land_offers")),
        schema="operational",
    )
    op.create_index(
        "ix_land_offers_status", "land_offers", ["county", "status", "submitted_at"], schema="operational"
    )
    op.create_table(
        "offer_reports",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("reported_at", WHEN, nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("settled_at", WHEN, nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "offer_id"],
            ["operational.land_offers.county", "operational.land_offers.id"],
            name=op.f("fk_offer_reports_county_offer_id"),
        ),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_offer_reports")),
        schema="operational",
    )
    op.create_index("ix_offer_reports_offer", "offer_reports", ["county", "offer_id"], schema="operational")
    for table in ("land_offers", "offer_reports"):
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
        op.execute(f"grant select, insert, update, delete on operational.{table} to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")
    op.create_table(
        "land_offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county", CODE, nullable=False),
        *_said(),
        sa.Column("place_code", CODE, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("contact_own", sa.Boolean(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_land_offers")),
        schema="portal",
    )
    op.create_index("ix_portal_land_offers_county", "land_offers", ["county", "valid_until"], schema="portal")
    op.execute("grant select, insert, update, delete on portal.land_offers to tianqi_portal")


def _said() -> tuple[sa.Column, ...]:
    return (
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_mu", sa.Numeric(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("years", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
