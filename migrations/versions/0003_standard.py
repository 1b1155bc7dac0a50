"""the rest of the standard in the register"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
