"""disputes: cases of mediation and arbitration, the commission's people, hearings, papers served; the public list"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_title", JSON, nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("respondents", JSON, nullable=False),
        sa.Column("third_parties", JSON, nullable=False),
        sa.Column("parcels", JSON, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("change", sa.Text(), nullable=True),
        sa.Column("change_case", CODE, nullable=True),
        sa.Column("division", CODE, nullable=False),
        _of_case("disputes"),
        sa.PrimaryKeyConstraint("county", "case_id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("county", "number", name=op.f("uq_disputes_county_number")),
        schema="operational",
    )
    op.create_index("ix_disputes_opened", "disputes", ["county", "kind", "opened_on"], schema="operational")
    op.create_table(
        "commission_members",
        *_key(),
        sa.Column("number", CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("arbitrator", sa.Boolean(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("trade", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("division", CODE, nullable=False),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_commission_members")),
        sa.UniqueConstraint("county", "number", name=op.f("uq_commission_members_county_number")),
        schema="operational",
    )
    op.create_index("ix_commission_members_name", "commission_members", ["county", "name"], schema="operational")
    op.create_table(
        "hearings",
        *_key(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", WHEN, nullable=False),
        sa.Column("ends_at", WHEN, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("panel", JSON, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("notify_by", sa.Date(), nullable=False),
        sa.Column("postpone_by", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("division", CODE, nullable=False),
        _of_case("hearings"),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_hearings")),
        sa.UniqueConstraint("county", "case_id", "round", name=op.f("uq_hearings_county_case_id_round")),
        schema="operational",
    )
    op.create_index("ix_hearings_starts", "hearings", ["county", "starts_at"], schema="operational")
    op.create_table(
        "served_papers",
        *_key(),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("division", CODE, nullable=False),
        _of_case("served_papers"),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_served_papers")),
        schema="operational",
    )
    op.create_index("ix_served_papers_case", "served_papers", ["county", "case_id"], schema="operational")
    for table in ("disputes", "commission_members", "hearings", "served_papers"):
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
        op.execute(f"grant select, insert, update, delete on operational.{table} to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")
    _public_list()


def _public_list() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county", CODE, nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", JSON, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("respondents", JSON, nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("hearing", JSON, nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        schema="portal",
    )
    op.create_index("ix_portal_disputes_county", "disputes", ["county", "opened_on"], schema="portal")
    op.execute("grant select, insert, update, delete on portal.disputes to tianqi_portal")


def _key() -> tuple[sa.Column, ...]:
    return sa.Column("county", sa.CHAR(length=6), nullable=False), sa.Column("id", sa.Uuid(), nullable=False)


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["county", "case_id"],
        ["operational.cases.county", "operational.cases.id"],
        name=op.f(f"fk_{table}_county_case_id"),
    )


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
