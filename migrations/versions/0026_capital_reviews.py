"""capital reviews: what businesses that want land asked and were told, and the risk deposits"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "capital_reviews",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("receiver_kind", sa.Text(), nullable=False),
        sa.Column("receiver_name", sa.Text(), nullable=False),
        sa.Column("receiver_found", sa.LargeBinary, nullable=False),
        sa.Column("parcels", JSON, nullable=False),
        sa.Column("area_mu", sa.Numeric(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("term_start", sa.Date(), nullable=False),
        sa.Column("term_end", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("deposit_yuan", sa.Numeric(), nullable=False),
        sa.Column("deposit", sa.Text(), nullable=False),
        sa.Column("division", CODE, nullable=False),
        _of_case("capital_reviews"),
        sa.PrimaryKeyConstraint("county", "case_id", name=op.f("pk_capital_reviews")),
        sa.UniqueConstraint("county", "number", name=op.f("uq_capital_reviews_county_number")),
        schema="operational",
    )
    op.create_index("ix_capital_reviews_receiver", "capital_reviews", ["county", "receiver_found"], schema="operational")
    op.create_table(
        "risk_deposits",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", WHEN, nullable=False),
        sa.Column("division", CODE, nullable=False),
        _of_case("risk_deposits"),
        sa.CheckConstraint("amount > 0", name=op.f("ck_risk_deposits_amount")),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_risk_deposits")),
        schema="operational",
    )
    op.create_index("ix_risk_deposits_case", "risk_deposits", ["county", "case_id"], schema="operational")
    for table in ("capital_reviews", "risk_deposits"):
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
        op.execute(f"grant select, insert, update, delete on operational.{table} to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county", "case_id"],
        ["operational.cases.county", "operational.cases.id"],
        name=op.f(f"fk_{table}_county_case_id"),
    )


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
