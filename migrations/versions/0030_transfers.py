"""Transfers of operation rights and guarantees in the register; who signs a deal, by a link of their own in the portal"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())
ROW = ("land_transfers", "transferred_land", "land_guarantees", "deal_parties")


def upgrade() -> None:
    op.create_table(
        "land_transfers",
        *_versioned(),
        sa.Column("number", CODE, nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("recipient_kind", sa.Text(), nullable=False),
        sa.Column("recipient_code", CODE, nullable=True),
        sa.Column("representative", sa.Text(), nullable=True),
        sa.Column("credit_code", CODE, nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("term_start", sa.Date(), nullable=False),
        sa.Column("term_end", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("price", sa.Text(), nullable=False),
        sa.Column("total_area", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("under", CODE, nullable=True),
        sa.Column("renews", CODE, nullable=True),
        sa.Column("consented", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_land_transfers_valid_time")),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_land_transfers")),
        schema="operational",
    )
    _current("land_transfers")
    op.create_index("ix_land_transfers_number", "land_transfers", ["county", "number"], schema="operational")
    op.create_table(
        "transferred_land",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("land_transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("contractor_code", CODE, nullable=False),
        sa.Column("parcel_code", CODE, nullable=False),
        sa.Column("area", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("outline", sa.Text(), nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "land_transfer_id"],
            ["operational.land_transfers.county", "operational.land_transfers.id"],
            name=op.f("fk_transferred_land_county_land_transfer_id"),
        ),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_transferred_land")),
        schema="operational",
    )
    for name, column in (("transfer", "land_transfer_id"), ("parcel", "parcel_code")):
        op.create_index(f"ix_transferred_land_{name}", "transferred_land", ["county", column], schema="operational")
    op.create_table(
        "land_guarantees",
        *_versioned(),
        sa.Column("number", CODE, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("guarantor", sa.Text(), nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("loan", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=15, scale=2), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("contractor_code", CODE, nullable=False),
        sa.Column("transfer", CODE, nullable=True),
        sa.Column("parcels", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.CheckConstraint("valid_to is null or valid_to >= valid_from", name=op.f("ck_land_guarantees_valid_time")),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_land_guarantees")),
        schema="operational",
    )
    _current("land_guarantees")
    op.create_index("ix_land_guarantees_transfer", "land_guarantees", ["county", "transfer"], schema="operational")
    op.create_table(
        "deal_parties",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("signer", sa.Text(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("contractor_code", CODE, nullable=True),
        sa.Column("stands_for", JSON, nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=True),
        sa.Column("invited_at", WHEN, nullable=True),
        sa.Column("signed_at", WHEN, nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case_id"],
            ["operational.cases.county", "operational.cases.id"],
            name=op.f("fk_deal_parties_county_case_id"),
        ),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_deal_parties")),
        sa.UniqueConstraint("county", "case_id", "position", name=op.f("uq_deal_parties_county_case_id_position")),
        schema="operational",
    )
    op.create_index("ix_deal_parties_key", "deal_parties", ["id"], schema="operational")
    for table in ROW:
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
        op.execute(f"grant select, insert, update, delete on operational.{table} to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")
    op.add_column(
        "signing_codes", sa.Column("party", sa.Text(), server_default=sa.text("''"), nullable=False),
        schema="operational",
    )  # fmt: skip
    _portal()


def _portal() -> None:
    op.create_table(
        "deal_signings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county", CODE, nullable=False),
        sa.Column("case_number", CODE, nullable=False),
        sa.Column("contractor_code", CODE, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("paper", CODE, nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_signings")),
        schema="portal",
    )
    op.create_index(
        "ix_deal_signings_contractor", "deal_signings", ["county", "contractor_code"], schema="portal"
    )
    op.create_index("ix_deal_signings_case", "deal_signings", ["case_number"], schema="portal")
    op.execute("grant select, insert, update, delete on portal.deal_signings to tianqi_portal")


def _versioned() -> tuple[sa.Column, ...]:
    return (
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_at", WHEN, nullable=False),
        sa.Column("superseded_at", WHEN, nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_ref", sa.Text(), nullable=False),
        sa.Column("restates", sa.BigInteger(), nullable=True),
        sa.Column("superseded_cause", sa.Text(), nullable=True),
        sa.Column("superseded_ref", sa.Text(), nullable=True),
    )


def _current(table: str) -> None:
    op.create_index(
        f"uq_{table}_current", table, ["county", "number"], unique=True, schema="operational",
        postgresql_where=sa.text("valid_to is null and superseded_at is null"),
    )  # fmt: skip


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
