"""findings of the quality rules"""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
