"""ledgers and statistics"""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
