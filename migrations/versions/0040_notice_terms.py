"""What a notice says of a transfer: to whom, for how long, what for and at what price, so that members can claim priority"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    terms = sa.Column("terms", JSONB, nullable=False, server_default=sa.text("'{}'"))
    op.add_column("publicities", terms, schema="portal")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
