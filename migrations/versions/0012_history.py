"""What ended a version, and indexes that the register's pages and searches need"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

VERSIONS = (
    "issuing_party_versions",
    "contractor_versions",
    "parcel_versions",
    "contract_versions",
    "register_entry_versions",
    "certificate_versions",
    "boundary_points",
    "boundary_lines",
    "map_features",
    "transfer_contracts",
    "certificate_acts",
    "register_files",
)
INDEXES = {
    "ix_issuing_party_versions_name": ("issuing_party_versions", ["county", "name"]),
    "ix_contractor_versions_name": ("contractor_versions", ["county", "name"]),
    "ix_contractor_versions_phone": ("contractor_versions", ["county", "phone"]),
    "ix_members_name": ("members", ["county", "name"]),
    "ix_parcel_versions_name": ("parcel_versions", ["county", "name"]),
    "ix_register_entries_contractor": ("register_entries", ["county", "contractor_id"]),
    "ix_register_entries_code": ("register_entries", ["county", "code"]),
    "ix_certificate_versions_serial": ("certificate_versions", ["county", "serial"]),
    "ix_reservations_code": ("reservations", ["county", "code"]),
    "ix_source_documents_entry": ("source_documents", ["county", "register_entry_id"]),
}


def upgrade() -> None:
    for table in VERSIONS:
        op.add_column(table, sa.Column("superseded_cause", sa.Text(), nullable=True), schema="operational")
        op.add_column(table, sa.Column("superseded_ref", sa.Text(), nullable=True), schema="operational")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, schema="operational")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
