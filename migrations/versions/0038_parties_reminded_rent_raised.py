"""When a party of a deal that has not signed was reminded last; by how much rent rises, every so many years"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.add_column("deal_parties", sa.Column("reminded_at", sa.DateTime(timezone=True)), schema="operational")
    rises = (("raise_percent", sa.Numeric()), ("raise_years", sa.Integer()))
    for name, kind in rises:  # 0: it does not
        op.add_column("rent_terms", sa.Column(name, kind, nullable=False, server_default="0"), schema="operational")
        op.alter_column("rent_terms", name, server_default=None, schema="operational")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
