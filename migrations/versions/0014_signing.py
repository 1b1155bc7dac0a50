"""Electronic signatures and their one-time codes; what is known of a paper's file; seals that anyone may check"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

CODE = sa.Text(collation="C")
SCOPE = """
    create policy scope on operational.{table}
    using (division >= nullif(current_setting('app.scope', true), '') collate "C"
       and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")"""


def upgrade() -> None:
    facts = sa.Column("facts", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("papers", facts.copy(), schema="operational")
    op.add_column("papers", facts.copy(), schema="portal")
    seals = sa.Column("seals", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    op.add_column("counties", seals, schema="portal")
    op.create_table(
        "signatures",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_number", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("document_sha256", CODE, nullable=False),
        sa.Column("document_bytes", sa.BigInteger(), nullable=False),
        sa.Column("signer_name", sa.Text(), nullable=False),
        sa.Column("id_number_masked", sa.Text(), nullable=False),
        sa.Column("id_number_found", sa.LargeBinary(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("identity", postgresql.JSONB(), nullable=False),
        sa.Column("drawn", postgresql.JSONB(), nullable=False),
        sa.Column("device", postgresql.JSONB(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("taken_by_name", sa.Text(), nullable=False),
        sa.Column("digest", CODE, nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True)),
        sa.Column("division", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case_id"],
            ["operational.cases.county", "operational.cases.id"],
            name=op.f("fk_signatures_county_case_id"),
        ),
        sa.ForeignKeyConstraint(
            ["county", "paper_id"],
            ["operational.papers.county", "operational.papers.id"],
            name=op.f("fk_signatures_county_paper_id"),
        ),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_signatures")),
        schema="operational",
    )
    op.create_table(
        "signing_codes",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("task_number", sa.BigInteger(), nullable=False),
        sa.Column("document_sha256", CODE, nullable=False),
        sa.Column("phone_masked", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("outside", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case_id"],
            ["operational.cases.county", "operational.cases.id"],
            name=op.f("fk_signing_codes_county_case_id"),
        ),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_signing_codes")),
        schema="operational",
    )
    for table in ("signatures", "signing_codes"):
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(SCOPE.format(table=table))
    op.create_index("ix_signatures_case", "signatures", ["county", "case_id"], schema="operational")
    op.create_index(
        "ix_signing_codes_task", "signing_codes", ["county", "case_id", "task_number"], schema="operational"
    )
    op.execute("grant select, insert, update on operational.signing_codes to tianqi_app")
    # a signature is never altered: it can only be marked as given anew
    op.execute("grant select, insert on operational.signatures to tianqi_app")
    op.execute("grant update (voided_at) on operational.signatures to tianqi_app")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
