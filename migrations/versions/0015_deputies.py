"""deputies: who stands in for the holder of a position, from a day to a day"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "deputies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county", sa.Text(collation="C"), nullable=False),
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["position_id"], ["reference.positions.id"]),
        sa.ForeignKeyConstraint(["principal_id"], ["reference.people.id"]),
        sa.ForeignKeyConstraint(["deputy_id"], ["reference.people.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputies")),
        sa.CheckConstraint("valid_from <= valid_to and principal_id <> deputy_id", name="days_and_people"),
        schema="reference",
    )
    for column in ("county", "position_id", "deputy_id"):
        op.create_index(f"ix_deputies_{column}", "deputies", [column], schema="reference")
    op.execute("grant select, insert, update on reference.deputies to tianqi_app")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
