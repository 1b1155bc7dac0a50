"""When a party of a deal that has not signed was reminded last"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("deal_parties", sa.Column("reminded_at", sa.DateTime(timezone=True)), schema="operational")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
