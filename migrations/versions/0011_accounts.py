"""accounts: activation, second factor, positions that are asked for and granted, what was done to an account"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for column in (
        sa.Column("home", sa.Text(collation="C")),
        sa.Column("phone", sa.Text()),
        sa.Column("activation_sha256", sa.LargeBinary()),
        sa.Column("activation_until", sa.DateTime(timezone=True)),
        sa.Column("totp_secret", sa.LargeBinary()),
        sa.Column("totp_step", sa.BigInteger()),
    ):
        op.add_column("people", column, schema="reference")
    op.execute("""
        update reference.people set home = coalesce(
            (select left(min(division), 6) from reference.positions where person_id = people.id), '')""")
    op.alter_column("people", "home", nullable=False, schema="reference")
    op.create_index("ix_people_home", "people", ["home"], schema="reference")
    for column in (
        sa.Column("state", sa.Text(), server_default="granted", nullable=False),
        sa.Column("asked_by", sa.Uuid()),
        sa.Column("decided_by", sa.Uuid()),
    ):
        op.add_column("positions", column, schema="reference")
    op.create_table(
        "account_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("county", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
        schema="reference",
    )
    op.create_index("ix_account_events_county", "account_events", ["county", "id"], schema="reference")
    op.create_index("ix_account_events_person_id", "account_events", ["person_id"], schema="reference")
    op.execute("grant select, insert on reference.account_events to tianqi_app")
    op.execute("grant usage on sequence reference.account_events_id_seq to tianqi_app")
    op.execute("""
        create trigger append_only before update or delete on reference.account_events
        for each row execute function operational.refuse_change()""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
