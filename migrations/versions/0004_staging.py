"""where delivery packages wait before they are taken in"""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
