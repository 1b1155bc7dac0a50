"""messages to the upper platform about what was filed, with its answers"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"

CODE = sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "feed_messages",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("serial", CODE, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("contractor_code", CODE, nullable=False),
        sa.Column("contractor_name", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_to", sa.Text(), nullable=True),
        sa.Column("file", CODE, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case_id"],
            ["operational.cases.county", "operational.cases.id"],
            name=op.f("fk_feed_messages_county_case_id"),
        ),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_feed_messages")),
        sa.UniqueConstraint("county", "turn", "attempt", name=op.f("uq_feed_messages_county_turn_attempt")),
        schema="operational",
    )
    for name, columns in (("case", ["county", "case_id"]), ("state", ["county", "state", "turn"]), ("division", ["division"])):
        op.create_index(f"ix_feed_messages_{name}", "feed_messages", columns, schema="operational")
    op.execute("grant select, insert, update on operational.feed_messages to tianqi_app")
    op.execute("alter table operational.feed_messages enable row level security")
    op.execute("alter table operational.feed_messages force row level security")
    op.execute("""
        create policy scope on operational.feed_messages
        using (division >= nullif(current_setting('app.scope', true), '') collate "C"
           and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
