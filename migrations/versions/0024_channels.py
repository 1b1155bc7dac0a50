"""Channels of a county's messages; e-mail addresses that prove themselves before anything goes there"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"

WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "channel_settings",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name="pk_channel_settings"),
        schema="operational",
    )
    op.execute("revoke all on operational.channel_settings from tianqi_app")
    op.execute("grant select, insert on operational.channel_settings to tianqi_app")
    op.execute("grant usage on all sequences in schema operational to tianqi_app")
    op.execute("alter table operational.channel_settings enable row level security")
    op.execute("alter table operational.channel_settings force row level security")
    op.execute("""
        create policy scope on operational.channel_settings
        using (county = left(nullif(current_setting('app.scope', true), ''), 6))""")
    op.execute("""
        create trigger append_only before update or delete on operational.channel_settings
        for each row execute function operational.refuse_change()""")
    for column in (
        sa.Column("email_asked", sa.Text()),
        sa.Column("email_code", sa.LargeBinary()),
        sa.Column("email_code_until", WHEN),
        sa.Column("email_tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
    ):
        op.add_column("applicants", column, schema="portal")
    op.execute("update portal.applicants set email_asked = email, email = null where email is not null")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
