"""The desk: what cases are found by, notices, saved views, applications begun at the counter, print settings"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"

CODE = sa.Text(collation="C")
WITHIN = """division >= nullif(current_setting('app.scope', true), '') collate "C"
        and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C\""""
COUNTY = "county = left(nullif(current_setting('app.scope', true), ''), 6)"


def upgrade() -> None:
    op.add_column(
        "people",
        sa.Column("preferences", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        schema="reference",
    )
    _table("case_texts", WITHIN, _case(), _division(),
           sa.Column("words", sa.Text(), nullable=False), sa.Column("pieces", postgresql.TSVECTOR(), nullable=False),
           sa.PrimaryKeyConstraint("county", "case_id", name="pk_case_texts"))  # fmt: skip
    op.execute("create index ix_case_texts_pieces on operational.case_texts using gin (pieces)")
    _table("notices", WITHIN, _serial(), sa.Column("person_id", sa.Uuid(), nullable=False), _case(),
           sa.Column("task_number", sa.BigInteger()), _division(), _at("at"),
           sa.Column("kind", sa.Text(), nullable=False), sa.Column("by_name", sa.Text(), nullable=False),
           sa.Column("text", sa.Text(), nullable=False), sa.Column("read_at", sa.DateTime(timezone=True)),
           sa.PrimaryKeyConstraint("county", "id", name="pk_notices"))  # fmt: skip
    op.execute("create index ix_notices_person on operational.notices (county, person_id, id desc)")
    op.execute("create index ix_notices_unread on operational.notices (county, person_id) where read_at is null")
    for table in ("case_texts", "notices"):
        op.create_foreign_key(
            f"fk_{table}_county_cases", table, "cases", ["county", "case_id"], ["county", "id"],
            source_schema="operational", referent_schema="operational",
        )  # fmt: skip
    _table("saved_views", COUNTY, _id(), sa.Column("person_id", sa.Uuid(), nullable=False),
           sa.Column("name", sa.Text(), nullable=False), sa.Column("query", sa.Text(), nullable=False), _at("made_at"),
           sa.PrimaryKeyConstraint("county", "id", name="pk_saved_views"),
           sa.UniqueConstraint("county", "person_id", "name", name="uq_saved_views_county"))  # fmt: skip
    _table("counter_drafts", WITHIN, _id(), sa.Column("person_id", sa.Uuid(), nullable=False),
           sa.Column("case_type", sa.Text(), nullable=False), sa.Column("contractor_code", sa.Text(), nullable=False),
           sa.Column("contractor_name", sa.Text(), nullable=False), _division(),
           sa.Column("data", postgresql.JSONB(), nullable=False), _at("saved_at"),
           sa.PrimaryKeyConstraint("county", "id", name="pk_counter_drafts"),
           sa.UniqueConstraint("county", "person_id", "case_type", "contractor_code",
                               name="uq_counter_drafts_county"))  # fmt: skip
    _table("print_settings", COUNTY, _serial(), sa.Column("valid_from", sa.Date(), nullable=False),
           sa.Column("settings", postgresql.JSONB(), nullable=False), sa.Column("by", sa.Uuid(), nullable=False),
           sa.Column("by_name", sa.Text(), nullable=False), _at("at"), sa.Column("reason", sa.Text(), nullable=False),
           sa.PrimaryKeyConstraint("county", "id", name="pk_print_settings"), grants="select, insert")  # fmt: skip
    op.execute("create index ix_print_settings_from on operational.print_settings (county, valid_from)")
    op.execute("""
        create trigger append_only before update or delete on operational.print_settings
        for each row execute function operational.refuse_change()""")
    for table in ("case_texts", "notices", "counter_drafts"):
        op.create_index(f"ix_{table}_division", table, ["division"], schema="operational")
    op.execute("create index ix_papers_sha256 on operational.papers (county, sha256)")
    op.execute("grant usage on all sequences in schema operational to tianqi_app")
    _take_in_old_cases()


def _table(name: str, policy: str, *columns: object, grants: str = "select, insert, update, delete") -> None:
    op.create_table(name, sa.Column("county", sa.CHAR(6), nullable=False), *columns, schema="operational")
    op.execute(f"revoke all on operational.{name} from tianqi_app")
    op.execute(f"grant {grants} on operational.{name} to tianqi_app")
    op.execute(f"alter table operational.{name} enable row level security")
    op.execute(f"alter table operational.{name} force row level security")
    op.execute(f"create policy scope on operational.{name} using ({policy})")


def _case() -> sa.Column:
    return sa.Column("case_id", sa.Uuid(), nullable=False)


def _id() -> sa.Column:
    return sa.Column("id", sa.Uuid(), nullable=False)


def _serial() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _division() -> sa.Column:
    return sa.Column("division", CODE, nullable=False)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _take_in_old_cases() -> None:
    """Cases that are there already are found by number, name and code; what was written in them, from now on."""
    from engine.domain.searching import pieces

    connection = op.get_bind()
    connection.execute(sa.text("alter table operational.cases no force row level security"))
    rows = connection.execute(
        sa.text("select county, id, division, number, contractor_name, contractor_code from operational.cases")
    )
    for row in rows.mappings().fetchall():
        words = "\n".join((row["number"], row["contractor_name"], row["contractor_code"]))
        connection.execute(
            sa.text("""
                insert into operational.case_texts (county, case_id, division, words, pieces)
                values (:county, :id, :division, :words, array_to_tsvector(:pieces))"""),
            {"county": row["county"], "id": row["id"], "division": row["division"], "words": words,
             "pieces": sorted(pieces(words))},
        )  # fmt: skip
    connection.execute(sa.text("alter table operational.cases force row level security"))


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
