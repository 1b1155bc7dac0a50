"""In whose name a deputy entered a figure of the yearly form: neither of them confirms it"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column("statistics_entries", sa.Column("entered_for", sa.Uuid()), schema="operational")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
