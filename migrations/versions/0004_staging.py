"""where delivery packages wait before they are taken in"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.exchange.importing.staging import COLUMNS, DIFFERENCES

revision = "0004"
down_revision = "0003"

SCOPED = "county = nullif(current_setting('app.scope', true), '')"


def upgrade() -> None:
    _intakes()
    _batches_know_who_confirmed()
    _staging()


def _intakes() -> None:
    op.create_table(
        "package_intakes",
        sa.Column("county", sa.CHAR(length=6), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("work", sa.Uuid(), nullable=True),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("brought_by_id", sa.Text(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("srid", sa.BigInteger(), nullable=True),
        sa.Column("divisions", postgresql.JSONB(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("by_rule", postgresql.JSONB(), nullable=True),
        sa.Column("errors", sa.BigInteger(), nullable=True),
        sa.Column("warnings", sa.BigInteger(), nullable=True),
        sa.Column("difference", postgresql.JSONB(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("asked_by_id", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("batch", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("county", "id", name=op.f("pk_package_intakes")),
        schema="operational",
    )
    op.execute("grant select, insert, update, delete on operational.package_intakes to tianqi_app")
    op.execute("grant usage on all sequences in schema operational to tianqi_app")
    _county_alone("operational.package_intakes")


def _batches_know_who_confirmed() -> None:
    for column in (
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("difference", postgresql.JSONB(), nullable=True),
    ):
        op.add_column("import_batches", column, schema="operational")


def _staging() -> None:
    """A table for each layer and table of the standard, with a partition for each batch that waits.

    Through the table one sees the batches of one's county; a partition itself can only be filled: COPY knows no
    row security. Partitions are made and dropped by two functions, since they belong to the owner. They hold
    nothing that lasts, so they are not logged: after a crash of the server they are empty, and a swap that
    counts them refuses.
    """
    op.execute("create schema if not exists staging")
    op.execute("grant usage on schema staging to tianqi_app")
    for table, columns in {**COLUMNS, "differences": DIFFERENCES}.items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        op.execute(
            f"create table staging.{table} (county char(6) not null, batch bigint not null, row bigint not null,"
            f" {listed}) partition by list (batch)"
        )
        op.execute(f"grant select on staging.{table} to tianqi_app")
        _county_alone(f"staging.{table}")
    op.execute("grant insert, delete on staging.differences to tianqi_app")
    op.execute("""
        create function staging.open_batch(for_county text, number bigint) returns void language plpgsql
        security definer set search_path = pg_catalog, public as $$
        declare parent text; part text;
        begin
            if for_county is distinct from nullif(current_setting('app.scope', true), '') then
                raise exception 'a batch is opened by who sees the whole county';
            end if;
            for parent in select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                          where n.nspname = 'staging' and c.relkind = 'p'
            loop
                part := parent || '_' || number;
                execute format('create unlogged table staging.%I (like staging.%I including constraints,
                    check (county = %L), check (batch = %L::bigint))', part, parent, for_county, number);
                execute format('alter table staging.%I attach partition staging.%I for values in (%L)',
                    parent, part, number);
                execute format('grant insert on staging.%I to tianqi_app', part);
            end loop;
        end $$""")
    op.execute("""
        create function staging.drop_batch(for_county text, number bigint) returns void language plpgsql
        security definer set search_path = pg_catalog, public as $$
        declare part text;
        begin
            if for_county is distinct from nullif(current_setting('app.scope', true), '') or not exists (
                select from operational.package_intakes where county = for_county and id = number)
            then raise exception 'a batch is dropped by who sees the whole county'; end if;
            for part in select child.relname from pg_inherits i
                        join pg_class parent on parent.oid = i.inhparent join pg_class child on child.oid = i.inhrelid
                        join pg_namespace n on n.oid = parent.relnamespace
                        where n.nspname = 'staging' and child.relname = parent.relname || '_' || number
            loop execute format('drop table staging.%I', part); end loop;
        end $$""")
    op.execute("""
        create function staging.gather_statistics(number bigint) returns void language plpgsql
        security definer set search_path = pg_catalog, public as $$
        declare part text;
        begin
            for part in select child.relname from pg_inherits i
                        join pg_class parent on parent.oid = i.inhparent join pg_class child on child.oid = i.inhrelid
                        join pg_namespace n on n.oid = parent.relnamespace
                        where n.nspname = 'staging' and child.relname = parent.relname || '_' || number
            loop execute format('analyze staging.%I', part); end loop;
        end $$""")
    for function in ("open_batch(text, bigint)", "drop_batch(text, bigint)", "gather_statistics(bigint)"):
        op.execute(f"revoke execute on function staging.{function} from public")
        op.execute(f"grant execute on function staging.{function} to tianqi_app")


def _county_alone(table: str) -> None:
    """Shown to who sees the whole county, and to nobody else."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy scope on {table} using ({SCOPED})")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
