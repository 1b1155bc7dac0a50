"""Applicants' side widened: facts said right or wrong, public notices, messages by channel, uploads in parts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)
JSON = postgresql.JSONB()


def upgrade() -> None:
    _fact_checks()
    _messages_out()
    for table in ("submissions", "uploads"):  # whoever objects need not be known here
        op.alter_column(table, "applicant_id", nullable=True, schema="portal")
    for table, column in (
        ("applicants", sa.Column("channels", JSON, server_default=sa.text("'[\"sms\"]'"), nullable=False)),
        ("applicants", sa.Column("email", sa.Text())),
        ("case_views", sa.Column("may", JSON, server_default=sa.text("'{}'"), nullable=False)),
        ("counties", sa.Column("guides", JSON, server_default=sa.text("'[]'"), nullable=False)),
        ("counties", sa.Column("offices", JSON, server_default=sa.text("'[]'"), nullable=False)),
    ):
        op.add_column(table, column, schema="portal")
    _publicities()
    _portal_messages()
    _upload_parts()
    for table in ("publicities", "messages", "upload_parts", "part_uploads"):
        op.execute(f"grant select, insert, update, delete on portal.{table} to tianqi_portal")
    op.execute("grant usage on sequence portal.messages_seq_seq to tianqi_portal")


def _fact_checks() -> None:
    op.create_table(
        "fact_checks",
        sa.Column("county", CODE, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.Column("contractor_code", CODE, nullable=False),
        sa.Column("facts_mark", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("categories", JSON, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Uuid(), nullable=False),
        sa.Column("said_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_fact_checks")),
        sa.UniqueConstraint("county", "applicant", "facts_mark", name=op.f("uq_fact_checks_county")),
        schema="operational",
    )
    op.create_index("ix_fact_checks_contractor", "fact_checks", ["county", "contractor_code"], schema="operational")
    op.execute("grant select, insert on operational.fact_checks to tianqi_app")
    op.execute("alter table operational.fact_checks enable row level security")
    op.execute("alter table operational.fact_checks force row level security")
    op.execute("""
        create policy scope on operational.fact_checks
        using (division >= nullif(current_setting('app.scope', true), '') collate "C"
           and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")
    op.execute("""
        create trigger append_only before update or delete on operational.fact_checks
        for each row execute function operational.refuse_change()""")


def _messages_out() -> None:
    for column in (
        sa.Column("channel", sa.Text(), server_default="sms", nullable=False),
        sa.Column("subject", sa.Text()),
        sa.Column("receipt", sa.Text()),
    ):
        op.add_column("messages", column, schema="operational")


def _publicities() -> None:
    op.create_table(
        "publicities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county", CODE, nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.Column("case_number", CODE, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("places", JSON, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("map", JSON, nullable=False),
        sa.Column("phone", sa.Text()),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publicities")),
        schema="portal",
    )
    op.create_index("ix_publicities_county", "publicities", ["county", "ends_on"], schema="portal")
    op.create_index("ix_publicities_case_number", "publicities", ["case_number"], schema="portal")


def _portal_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("case_number", CODE),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("text", JSON, nullable=False),
        sa.Column("sent_at", WHEN, nullable=False),
        sa.Column("read_at", WHEN),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("seq", name=op.f("uq_messages_seq")),
        sa.ForeignKeyConstraint(["applicant_id"], ["portal.applicants.id"], name=op.f("fk_messages_applicant_id_applicants")),
        schema="portal",
    )
    op.create_index("ix_messages_applicant_id", "messages", ["applicant_id", "sent_at"], schema="portal")


def _upload_parts() -> None:
    op.create_table(
        "part_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("limits", JSON, nullable=False),
        sa.Column("upload_id", sa.Uuid()),
        sa.Column("begun_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_uploads")),
        sa.ForeignKeyConstraint(["applicant_id"], ["portal.applicants.id"], name=op.f("fk_part_uploads_applicant_id_applicants")),
        schema="portal",
    )
    op.create_index("ix_part_uploads_applicant_id", "part_uploads", ["applicant_id"], schema="portal")
    op.create_table(
        "upload_parts",
        sa.Column("part_upload_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("part_upload_id", "at", name=op.f("pk_upload_parts")),
        sa.ForeignKeyConstraint(
            ["part_upload_id"], ["portal.part_uploads.id"],
            name=op.f("fk_upload_parts_part_upload_id_part_uploads"), ondelete="CASCADE",
        ),
        schema="portal",
    )  # fmt: skip


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
