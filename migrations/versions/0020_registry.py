"""hand-overs to the real-estate registry with their receipts; old certificates taken back and destroyed; archived cases"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"

CODE = sa.Text(collation="C")


def upgrade() -> None:
    op.create_table(
        "hand_overs",
        *_key(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("key", CODE, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _json("facts"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_to", sa.Text(), nullable=True),
        sa.Column("file", CODE, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        _json("receipt", nullable=True),
        sa.Column("division", CODE, nullable=False),
        _of_case("hand_overs"),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_hand_overs")),
        sa.UniqueConstraint("county", "key", name=op.f("uq_hand_overs_county_key")),
        sa.UniqueConstraint("county", "case_id", "attempt", name=op.f("uq_hand_overs_county_case_id_attempt")),
        schema="operational",
    )
    op.create_index("ix_hand_overs_state", "hand_overs", ["county", "state", "made_at"], schema="operational")
    op.create_table(
        "destructions",
        *_key(),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("destroyed_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        _json("witnesses"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_destructions")),
        sa.UniqueConstraint("county", "number", name=op.f("uq_destructions_county_number")),
        schema="operational",
    )
    op.create_table(
        "collected_certificates",
        *_key(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("contractor_code", CODE, nullable=False),
        sa.Column("contractor_name", sa.Text(), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=False),
        sa.Column("collected_by", sa.Text(), nullable=False),
        sa.Column("destruction_id", sa.Uuid(), nullable=True),
        sa.Column("division", CODE, nullable=False),
        _of_case("collected_certificates"),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_collected_certificates")),
        schema="operational",
    )
    op.create_index(
        "ix_collected_certificates_list", "collected_certificates", ["county", "destruction_id"], schema="operational"
    )
    op.create_table(
        "archives",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("retention", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_by", sa.Text(), nullable=False),
        sa.Column("filed_by_name", sa.Text(), nullable=False),
        sa.Column("checked_by", sa.Text(), nullable=False),
        sa.Column("division", CODE, nullable=False),
        _of_case("archives"),
        sa.PrimaryKeyConstraint("county", "case_id", name=op.f("pk_archives")),
        sa.UniqueConstraint("county", "number", name=op.f("uq_archives_county_number")),
        schema="operational",
    )
    for table in ("hand_overs", "destructions", "collected_certificates", "archives"):
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
        op.execute(f"grant select, insert, update, delete on operational.{table} to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")


def _key() -> tuple[sa.Column, ...]:
    return sa.Column("county", sa.CHAR(length=6), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _json(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county", "case_id"],
        ["operational.cases.county", "operational.cases.id"],
        name=op.f(f"fk_{table}_county_case_id"),
    )


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
