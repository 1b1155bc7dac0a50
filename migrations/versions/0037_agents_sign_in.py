"""Who signs in to the portal for one case alone: an agent, a third party; which case it is"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.add_column("sign_ins", sa.Column("case_number", sa.Text(collation="C")), schema="portal")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
