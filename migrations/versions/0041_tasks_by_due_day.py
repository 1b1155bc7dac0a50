"""Cases by what is due are found by the tasks' day: among 100,000 open tasks the inbox read them all to find a few"""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.execute("""
        create index ix_tasks_due on operational.tasks (county, due_at, case_id) where status = 'open'""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
