"""Points and lines go to the vault from the register itself: nothing waits for it in a table of its own"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.drop_table("waiting_masters", schema="operational")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
