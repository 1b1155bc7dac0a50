"""Tokens have a name and a scope; other systems are clients of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column(
        "api_tokens",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        schema="reference",
    )
    op.alter_column("api_tokens", "id", server_default=None, schema="reference")
    op.create_unique_constraint(op.f("uq_api_tokens_id"), "api_tokens", ["id"], schema="reference")
    op.add_column("api_tokens", sa.Column("scope", sa.Text()), schema="reference")
    op.create_table(
        "api_clients",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["reference.people.id"], name=op.f("fk_api_clients_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_api_clients")),
        schema="reference",
    )
    op.execute("grant select, insert, update on reference.api_clients to tianqi_app")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
