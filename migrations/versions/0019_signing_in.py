"""signing in: tries counted by name and address, sessions that can be listed and ended, recovery codes, OIDC identities"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("name_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locks", sa.Integer(), nullable=False),
        sa.Column("locked_until", INSTANT),
        sa.Column("failed_at", INSTANT, nullable=False),
        sa.Column("succeeded_at", INSTANT),
        sa.PrimaryKeyConstraint("name_sha256", "address", name=op.f("pk_sign_in_tries")),
        schema="reference",
    )
    op.create_index("ix_sign_in_tries_failed_at", "sign_in_tries", ["failed_at"], schema="reference")
    op.create_table(
        "staff_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["reference.people.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_sessions")),
        schema="reference",
    )
    op.create_index("ix_staff_sessions_person_id", "staff_sessions", ["person_id"], schema="reference")
    op.create_table(
        "recovery_codes",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", INSTANT),
        sa.ForeignKeyConstraint(["person_id"], ["reference.people.id"]),
        sa.PrimaryKeyConstraint("person_id", "code_sha256", name=op.f("pk_recovery_codes")),
        schema="reference",
    )
    op.create_table(
        "outside_identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("set_by", sa.Uuid()),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["reference.people.id"]),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_outside_identities")),
        sa.UniqueConstraint("issuer", "person_id", name=op.f("uq_outside_identities_issuer_person_id")),
        schema="reference",
    )
    for table in ("sign_in_tries", "staff_sessions", "recovery_codes", "outside_identities"):
        op.execute(f"grant select, insert, update, delete on reference.{table} to tianqi_app")
    for column in ("failed_sign_ins", "locked_until"):
        op.drop_column("people", column, schema="reference")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
