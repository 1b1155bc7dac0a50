"""A task knows its due date and a case when it last changed: the inbox reads a page by an index"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

OPEN = "status = 'open' and assignee is"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("due_at", sa.DateTime(timezone=True)), schema="operational")
    op.execute("""
        update operational.tasks t set due_at = d.due_at from operational.deadlines d
        where d.county = t.county and d.case_id = t.case_id and d.task_number = t.number and d.kind = 'limit'""")
    op.add_column("cases", sa.Column("changed_at", sa.DateTime(timezone=True)), schema="operational")
    op.execute("""
        update operational.cases c set changed_at = coalesce(
            (select max(e.at) from operational.events e where e.county = c.county and e.case_id = c.id),
            c.started_at)""")
    op.alter_column("cases", "changed_at", nullable=False, schema="operational")
    op.drop_index("ix_tasks_office", "tasks", schema="operational")
    op.drop_index("ix_tasks_assignee", "tasks", schema="operational")
    order = "due_at, opened_at, case_id, number"
    op.execute(f"""create index ix_tasks_office on operational.tasks (county, role, office, {order})
                   where {OPEN} null""")
    op.execute(f"create index ix_tasks_mine on operational.tasks (county, assignee, {order}) where {OPEN} not null")
    op.execute("""create index ix_tasks_done on operational.tasks
                  (county, assignee, ended_at desc, case_id desc, number desc) where status = 'done'""")
    op.execute("create index ix_cases_changed on operational.cases (county, changed_at desc, number desc)")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
