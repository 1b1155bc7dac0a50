"""ledgers and statistics"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"

TABLES = ("statistics_entries", "statistics_confirmations")


def upgrade() -> None:
    op.create_table('statistics_entries',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('division', sa.Text(collation='C'), nullable=False),
    sa.Column('indicator', sa.Text(collation='C'), nullable=False),
    sa.Column('value', sa.Numeric(precision=15, scale=2), nullable=True),
    sa.Column('entered_by', sa.Uuid(), nullable=False),
    sa.Column('entered_name', sa.Text(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('value is null or value >= 0', name=op.f('ck_statistics_entries_value')),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_statistics_entries')),
    schema='operational'
    )
    op.create_index(op.f('ix_statistics_entries_division'), 'statistics_entries', ['division'], unique=False, schema='operational')
    op.create_index('uq_statistics_entries_current', 'statistics_entries', ['county', 'year', 'division', 'indicator'], unique=True, schema='operational', postgresql_where=sa.text('superseded_at is null'))
    op.create_table('statistics_confirmations',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('division', sa.Text(collation='C'), nullable=False),
    sa.Column('edition', sa.BigInteger(), nullable=False),
    sa.Column('values', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('warnings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('confirmed_by', sa.Uuid(), nullable=False),
    sa.Column('confirmed_name', sa.Text(), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('same_person', sa.Boolean(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_name', sa.Text(), nullable=True),
    sa.Column('withdrawn_why', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_statistics_confirmations')),
    schema='operational'
    )
    op.create_index(op.f('ix_statistics_confirmations_division'), 'statistics_confirmations', ['division'], unique=False, schema='operational')
    op.create_index('uq_statistics_confirmations_current', 'statistics_confirmations', ['county', 'year', 'division'], unique=True, schema='operational', postgresql_where=sa.text('withdrawn_at is null'))
    op.create_index('ix_contract_versions_recorded', 'contract_versions', ['county', 'recorded_at'], unique=False, schema='operational')
    for table in TABLES:
        # nothing is ever deleted; what changed of a row is only that something later took its place
        op.execute(f"grant select, insert on operational.{table} to tianqi_app")
        op.execute("grant usage on all sequences in schema operational to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
    within = """division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C\""""
    op.execute(f"create policy scope on operational.statistics_entries using ({within})")
    # What an office above confirmed holds for those below it: they must see that they may change nothing more.
    op.execute(f"""
        create policy scope on operational.statistics_confirmations
        using (({within}) or starts_with(nullif(current_setting('app.scope', true), ''), division))
        with check ({within})""")
    op.execute("grant update (superseded_at) on operational.statistics_entries to tianqi_app")
    op.execute("grant update (withdrawn_at, withdrawn_name, withdrawn_why)"
               " on operational.statistics_confirmations to tianqi_app")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
