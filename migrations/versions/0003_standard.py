"""The rest of the standard in the register: boundaries, map features, transfers, acts on certificates, files"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

TABLES = (
    "boundary_points",
    "boundary_lines",
    "map_features",
    "transfer_contracts",
    "certificate_acts",
    "register_files",
)
SCOPED = ("transfer_contracts", "register_files")
# What may reach beyond a village is also shown to those inside the larger division that it belongs to.
SHARED = ("boundary_points", "boundary_lines", "map_features")


def upgrade() -> None:
    _tables()
    for table in TABLES:
        op.execute(f"grant select, insert, update, delete on operational.{table} to tianqi_app")
        op.execute(f"grant usage on sequence operational.{table}_id_seq to tianqi_app")
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
    scope = "nullif(current_setting('app.scope', true), '')"
    within = f"""(division >= {scope} collate "C" and division < ({scope} || '~') collate "C")"""
    above = ", ".join(f"left({scope}, {digits})" for digits in (6, 9, 12))
    for table in SCOPED:
        op.execute(f"create policy scope on operational.{table} using {within}")
    for table in SHARED:
        op.execute(f"""
            create policy scope on operational.{table}
            using ({within} or division = any (array[{above}] collate "C"))""")
    op.execute(f"""
        create policy scope on operational.certificate_acts
        using (county = {scope}
           or exists (select from operational.register_entries owner
                      where owner.county = certificate_acts.county and owner.id = certificate_acts.register_entry_id))""")
    _staging(scope)


def _staging(scope: str) -> None:
    """Files and metadata of a package that waits; partitions, and the rest of the schema, are the next revision's."""
    op.execute("create schema if not exists staging")
    for table, columns in {
        "files": "path text not null, sha256 text not null, size bigint not null",
        "described": "facts jsonb not null",
    }.items():
        op.execute(
            f"create table staging.{table} (county char(6) not null, batch bigint not null, {columns})"
            " partition by list (batch)"
        )
        op.execute(f"grant select on staging.{table} to tianqi_app")
        op.execute(f"alter table staging.{table} enable row level security")
        op.execute(f"alter table staging.{table} force row level security")
        op.execute(f"create policy scope on staging.{table} using (county = {scope})")


def _tables() -> None:
    op.create_geospatial_table('boundary_lines',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('nature', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=True),
    sa.Column('position', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('neighbours', sa.Text(), nullable=False),
    sa.Column('witnesses', sa.Text(), nullable=False),
    sa.Column('number', sa.Text(), nullable=True),
    sa.Column('start', sa.Text(), nullable=True),
    sa.Column('end', sa.Text(), nullable=True),
    sa.Column('parcels', sa.ARRAY(sa.Text(collation='C')), nullable=False),
    sa.Column('division', sa.Text(collation='C'), nullable=False),
    sa.Column('geom', Geometry(dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('cause_ref', sa.Text(), nullable=False),
    sa.Column('restates', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_boundary_lines_valid_time')),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_boundary_lines')),
    schema='operational'
    )
    op.create_index(op.f('ix_boundary_lines_division'), 'boundary_lines', ['division'], unique=False, schema='operational')
    op.create_index('ix_boundary_lines_geom', 'boundary_lines', ['county', 'geom'], unique=False, schema='operational', postgresql_using='gist', postgresql_where=sa.text('valid_to is null and superseded_at is null'))
    op.create_geospatial_table('boundary_points',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('marker', sa.Text(), nullable=True),
    sa.Column('parcels', sa.ARRAY(sa.Text(collation='C')), nullable=False),
    sa.Column('division', sa.Text(collation='C'), nullable=False),
    sa.Column('geom', Geometry(dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('cause_ref', sa.Text(), nullable=False),
    sa.Column('restates', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_boundary_points_valid_time')),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_boundary_points')),
    schema='operational'
    )
    op.create_index(op.f('ix_boundary_points_division'), 'boundary_points', ['division'], unique=False, schema='operational')
    op.create_index('ix_boundary_points_geom', 'boundary_points', ['county', 'geom'], unique=False, schema='operational', postgresql_using='gist', postgresql_where=sa.text('valid_to is null and superseded_at is null'))
    op.create_geospatial_table('map_features',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('layer', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('division', sa.Text(collation='C'), nullable=False),
    sa.Column('geom', Geometry(dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('cause_ref', sa.Text(), nullable=False),
    sa.Column('restates', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_map_features_valid_time')),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_map_features')),
    schema='operational'
    )
    op.create_index(op.f('ix_map_features_division'), 'map_features', ['division'], unique=False, schema='operational')
    op.create_index('ix_map_features_geom', 'map_features', ['county', 'geom'], unique=False, schema='operational', postgresql_using='gist', postgresql_where=sa.text('valid_to is null and superseded_at is null'))
    op.create_index('ix_map_features_layer', 'map_features', ['county', 'layer'], unique=False, schema='operational')
    op.create_table('register_files',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('path', sa.Text(collation='C'), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('division', sa.Text(collation='C'), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('cause_ref', sa.Text(), nullable=False),
    sa.Column('restates', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_register_files_valid_time')),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_register_files')),
    schema='operational'
    )
    op.create_index(op.f('ix_register_files_division'), 'register_files', ['division'], unique=False, schema='operational')
    op.create_index('uq_register_files_current', 'register_files', ['county', 'path'], unique=True, schema='operational', postgresql_where=sa.text('valid_to is null and superseded_at is null'))
    op.create_table('transfer_contracts',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('code', sa.Text(collation='C'), nullable=False),
    sa.Column('contract_code', sa.Text(collation='C'), nullable=False),
    sa.Column('contractor_code', sa.Text(collation='C'), nullable=False),
    sa.Column('receiver_code', sa.Text(collation='C'), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('term', sa.Text(), nullable=False),
    sa.Column('term_start', sa.Date(), nullable=False),
    sa.Column('term_end', sa.Date(), nullable=False),
    sa.Column('area', sa.Numeric(precision=15, scale=2), nullable=False),
    sa.Column('parcel_count', sa.BigInteger(), nullable=False),
    sa.Column('use_before', sa.Text(), nullable=True),
    sa.Column('use_after', sa.Text(), nullable=True),
    sa.Column('price', sa.Text(), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('division', sa.Text(collation='C'), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('cause_ref', sa.Text(), nullable=False),
    sa.Column('restates', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_transfer_contracts_valid_time')),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_transfer_contracts')),
    schema='operational'
    )
    op.create_index('ix_transfer_contracts_code', 'transfer_contracts', ['county', 'code'], unique=False, schema='operational')
    op.create_index(op.f('ix_transfer_contracts_division'), 'transfer_contracts', ['division'], unique=False, schema='operational')
    op.create_table('certificate_acts',
    sa.Column('county', sa.CHAR(length=6), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('register_entry_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.Column('collected_on', sa.Date(), nullable=True),
    sa.Column('collected_by', sa.Text(), nullable=True),
    sa.Column('collector_id_kind', sa.Text(), nullable=True),
    sa.Column('collector_id_number', sa.LargeBinary(), nullable=True),
    sa.Column('id_number_found', sa.LargeBinary(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('cause_ref', sa.Text(), nullable=False),
    sa.Column('restates', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_certificate_acts_valid_time')),
    sa.ForeignKeyConstraint(['county', 'register_entry_id'], ['operational.register_entries.county', 'operational.register_entries.id'], name=op.f('fk_certificate_acts_county_register_entry_id')),
    sa.PrimaryKeyConstraint('county', 'id', name=op.f('pk_certificate_acts')),
    schema='operational'
    )
    op.create_index('ix_certificate_acts_entry', 'certificate_acts', ['county', 'register_entry_id'], unique=False, schema='operational')
    op.add_column('import_batches', sa.Column('described', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False), schema='operational')


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
