"""disputes in the portal: what each party may know and did; papers by side; drafts of what parties do"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"

CODE = sa.Text(collation="C")
WHEN = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "party_acts",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Uuid(), nullable=False),
        sa.Column("said", JSON, nullable=False),
        sa.Column("said_at", WHEN, nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["county", "case_id"],
            ["operational.cases.county", "operational.cases.id"],
            name=op.f("fk_party_acts_county_case_id"),
        ),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_party_acts")),
        schema="operational",
    )
    op.create_index("ix_party_acts_case", "party_acts", ["county", "case_id", "said_at"], schema="operational")
    op.create_index("ix_party_acts_division", "party_acts", ["division"], schema="operational")
    op.execute("grant select, insert on operational.party_acts to tianqi_app")
    op.execute("alter table operational.party_acts enable row level security")
    op.execute("alter table operational.party_acts force row level security")
    op.execute("""
        create policy scope on operational.party_acts
        using (division >= nullif(current_setting('app.scope', true), '') collate "C"
           and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")
    op.execute("""
        create trigger append_only before update or delete on operational.party_acts
        for each row execute function operational.refuse_change()""")
    _portal()


def _portal() -> None:
    op.create_table(
        "party_views",
        sa.Column("number", CODE, nullable=False),
        sa.Column("id_number_found", sa.LargeBinary(), nullable=False),
        sa.Column("county", CODE, nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stands_for", sa.Text(), nullable=False),
        sa.Column("agent", sa.Boolean(), nullable=False),
        sa.Column("title", JSON, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("case_type", sa.Text(), nullable=False),
        sa.Column("version", CODE, nullable=False),
        sa.Column("told", JSON, nullable=False),
        sa.Column("updated_at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("number", "id_number_found", name=op.f("pk_party_views")),
        schema="portal",
    )
    op.create_index("ix_party_views_person", "party_views", ["id_number_found"], schema="portal")
    op.execute("grant select, insert, update, delete on portal.party_views to tianqi_portal")
    for table in ("drafts", "submissions"):
        op.add_column(table, sa.Column("act", sa.Text()), schema="portal")
    everybody = sa.text("'[\"applicant\"]'")
    op.add_column("papers", sa.Column("audience", JSON, server_default=everybody, nullable=False), schema="portal")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
