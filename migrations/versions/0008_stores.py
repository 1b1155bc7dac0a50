"""vault and query store"""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
