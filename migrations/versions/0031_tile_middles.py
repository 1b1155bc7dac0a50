"""A parcel's middle is kept beside its outline: which tile it is lettered in is asked of every parcel in a tile"""

from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.execute("""
        alter table operational.parcel_versions
        add middle_x double precision generated always as (st_x(st_centroid(geom))) stored,
        add middle_y double precision generated always as (st_y(st_centroid(geom))) stored""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
