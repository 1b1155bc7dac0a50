"""Under which opinion of the review of business capital a transfer was filed"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("land_transfers", sa.Column("review", sa.Text(collation="C")), schema="operational")
    op.create_index(
        "ix_land_transfers_review",
        "land_transfers",
        ["county", "review"],
        schema="operational",
        postgresql_where=sa.text("review is not null"),
    )


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
