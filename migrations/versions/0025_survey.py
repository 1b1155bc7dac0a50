"""Surveying firms; which firm a case is given to and which case asked for it; a firm sees what it was given, and no more"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

CODE = sa.Text(collation="C")
SCOPE = "nullif(current_setting('app.scope', true), '')"
# a firm's code is county, F and three digits: the scope of who works for it, and a prefix of no division
GIVEN = f"""exists (select from operational.cases given
    where given.county = {{table}}.county and given.id = {{table}}.case_id and given.surveyed_by = {SCOPE})"""


def upgrade() -> None:
    op.create_table(
        "survey_firms",
        sa.Column("county", sa.CHAR(6), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("division", CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credit_code", CODE, nullable=False),
        sa.Column("grade", sa.BigInteger(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("county", "code", name="pk_survey_firms"),
        sa.UniqueConstraint("county", "credit_code", name="uq_survey_firms_county_credit_code"),
        schema="operational",
    )
    op.create_index("ix_survey_firms_division", "survey_firms", ["division"], schema="operational")
    op.execute("revoke all on operational.survey_firms from tianqi_app")
    op.execute("grant select, insert, update on operational.survey_firms to tianqi_app")
    op.execute("alter table operational.survey_firms enable row level security")
    op.execute("alter table operational.survey_firms force row level security")
    # every office of the county may know the firms that it meets; a firm knows itself
    op.execute(f"""
        create policy scope on operational.survey_firms
        using (case when {SCOPE} like '%F%' then code = {SCOPE} else county = left({SCOPE}, 6) end)""")
    op.add_column("cases", sa.Column("asked_by", CODE), schema="operational")
    op.add_column("cases", sa.Column("surveyed_by", CODE), schema="operational")
    op.execute("""
        create index ix_cases_surveyed_by on operational.cases (county, surveyed_by, changed_at desc)
        where surveyed_by is not null""")
    op.execute("create index ix_cases_asked_by on operational.cases (county, asked_by) where asked_by is not null")
    op.execute(f"create policy given on operational.cases using (surveyed_by = {SCOPE})")
    for table in ("tasks", "deadlines", "changesets"):
        op.execute(f"create policy given on operational.{table} using ({GIVEN.format(table=table)})")
    # of the papers: those made for the firm, and those that it handed in itself
    op.execute(f"""
        create policy given on operational.papers using ({GIVEN.format(table="papers")} and (
            audience ? 'firm' or exists (
                select from operational.tasks own where own.county = papers.county and own.case_id = papers.case_id
                and own.number = papers.task_number and own.office = {SCOPE})))""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
