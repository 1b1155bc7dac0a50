"""What the other side's file said of its villages is kept layer by layer: files carry points and lines too"""

from alembic import op

revision = "0039"
down_revision = "0038"

LAYERED = """
    update {schema}.exchange_files set state = jsonb_build_object('DK', state) where state is not null"""


def upgrade() -> None:
    op.execute(LAYERED.format(schema="vault"))
    op.execute("alter table operational.exchange_files no force row level security")
    op.execute(LAYERED.format(schema="operational"))
    op.execute("alter table operational.exchange_files force row level security")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
