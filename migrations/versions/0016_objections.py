"""Objections to a publicity as rows; where a publicity hangs, with the photograph of each place; quiet waits"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for column in (
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column("deadline", sa.Text(), nullable=True),
        sa.Column("postings", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("publicities", column, schema="operational")
    op.create_index("ix_publicities_case", "publicities", ["county", "case_id"], schema="operational")
    op.add_column(
        "event_waits",
        sa.Column("listens", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="operational",
    )
    op.create_table(
        "objections",
        sa.Column("county", sa.Text(collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("publicity_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("objector", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("applicant", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("task_number", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_objections")),
        sa.ForeignKeyConstraint(
            ["county", "case_id"],
            ["operational.cases.county", "operational.cases.id"],
            name=op.f("fk_objections_county_cases"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "publicity_id"],
            ["operational.publicities.county", "operational.publicities.id"],
            name=op.f("fk_objections_county_publicities"),
        ),
        sa.UniqueConstraint("county", "case_id", "number", name=op.f("uq_objections_county_case_id_number")),
        schema="operational",
    )
    op.create_index("ix_objections_publicity", "objections", ["county", "publicity_id"], schema="operational")
    op.execute("grant select, insert, update, delete on operational.objections to tianqi_app")
    op.execute("alter table operational.objections enable row level security")
    op.execute("alter table operational.objections force row level security")
    op.execute("""
        create policy scope on operational.objections
        using (division >= nullif(current_setting('app.scope', true), '') collate "C"
           and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
