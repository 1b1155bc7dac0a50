"""Findings of the quality rules, what became of them, and who changed the county's settings"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

TABLES = ("quality_runs", "quality_findings", "quality_steps", "quality_settings_changes")
SCOPED = ("quality_runs", "quality_findings", "quality_steps")
APPEND_ONLY = ("quality_steps", "quality_settings_changes")


def upgrade() -> None:
    _tables()
    for table in TABLES:
        granted = "select, insert" if table in APPEND_ONLY else "select, insert, update, delete"
        op.execute(f"grant {granted} on operational.{table} to tianqi_app")
        if table != "quality_runs":
            op.execute(f"grant usage on sequence operational.{table}_id_seq to tianqi_app")
    for table in SCOPED:
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")
    for table in APPEND_ONLY:
        op.execute(f"""
            create trigger append_only before update or delete on operational.{table}
            for each row execute function operational.refuse_change()""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")


def _tables() -> None:
    code = lambda: sa.Text(collation="C")  # noqa: E731
    moment = lambda: sa.DateTime(timezone=True)  # noqa: E731
    op.create_table(
        "quality_runs",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("division", code(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("begun_at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=False),
        sa.Column("parcels", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name="pk_quality_runs"),
        schema="operational",
    )
    op.create_index("ix_quality_runs_begun", "quality_runs", ["county", "begun_at"], schema="operational")
    op.create_index("ix_quality_runs_division", "quality_runs", ["division"], schema="operational")
    op.create_table(
        "quality_findings",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("rule", code(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("table", sa.Text()),
        sa.Column("record", code(), nullable=False),
        sa.Column("field", sa.Text()),
        sa.Column("other", sa.Text()),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("said", postgresql.JSONB()),
        sa.Column("division", code(), nullable=False),
        sa.Column("x", sa.Double()),
        sa.Column("y", sa.Double()),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("found_at", moment(), nullable=False),
        sa.Column("seen_at", moment(), nullable=False),
        sa.Column("settled_at", moment()),
        sa.PrimaryKeyConstraint("county", "id", name="pk_quality_findings"),
        sa.UniqueConstraint("county", "source", "mark", name="uq_quality_findings_county_source_mark"),
        schema="operational",
    )
    for name, columns in {
        "ix_quality_findings_listed": ["county", "state", "rule", "record", "id"],
        "ix_quality_findings_record": ["county", "record"],
        "ix_quality_findings_run": ["county", "run"],
        "ix_quality_findings_division": ["division"],
    }.items():
        op.create_index(name, "quality_findings", columns, schema="operational")
    op.create_table(
        "quality_steps",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("finding_id", sa.BigInteger(), nullable=False),
        sa.Column("division", code(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name="pk_quality_steps"),
        schema="operational",
    )
    op.create_index("ix_quality_steps_finding", "quality_steps", ["county", "finding_id"], schema="operational")
    op.create_index("ix_quality_steps_division", "quality_steps", ["division"], schema="operational")
    op.create_table(
        "quality_settings_changes",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name="pk_quality_settings_changes"),
        schema="operational",
    )
