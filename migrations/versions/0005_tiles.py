"""The map: parcels' versions say their code and division, how often the map changed, outlines for low zooms, indexes"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _say_parcel()
    _tables()
    _indexes()


def _say_parcel() -> None:
    """A version repeats the code and division of its parcel, which never change: a tile reads one table, and row
    security looks at the row itself instead of asking for its parcel."""
    op.execute("""
        alter table operational.parcel_versions
        add code text collate "C" not null, add division text collate "C" not null""")
    op.execute("""
        create function operational.say_parcel() returns trigger language plpgsql as $$
        begin
            select p.code, p.division into strict new.code, new.division
            from operational.parcels p where p.county = new.county and p.id = new.parcel_id;
            return new;
        end $$""")
    op.execute("""
        create trigger say_parcel before insert or update of parcel_id, code, division
        on operational.parcel_versions for each row execute function operational.say_parcel()""")
    op.execute("drop policy scope on operational.parcel_versions")
    op.execute(_scope("parcel_versions"))


def _scope(table: str) -> str:
    """As in 0002, but the setting is read once a statement and not once a row: a tile looks at thousands."""
    return f"""
        create policy scope on operational.{table}
        using (division >= (select nullif(current_setting('app.scope', true), '') collate "C")
           and division < (select (nullif(current_setting('app.scope', true), '') || '~') collate "C"))"""


def _tables() -> None:
    # One row for every division and transaction that changed parcels there: how many there are is the map's
    # revision. Rows that nobody updates need no lock, and a count sees each commit, in whatever order they come.
    op.execute("""
        create table operational.map_changes (
            county char(6) not null,
            division text collate "C" not null,
            at timestamptz not null default transaction_timestamp(),
            transaction bigint not null default (pg_current_xact_id()::text::bigint),
            constraint pk_map_changes primary key (county, division, at, transaction))""")
    op.execute("""
        create table operational.division_outlines (
            county char(6) not null,
            division text collate "C" not null,
            changes bigint not null,
            parcels bigint not null,
            area numeric(15, 2) not null,
            geom geometry not null,
            constraint pk_division_outlines primary key (county, division))""")
    op.execute("grant select, insert on operational.map_changes to tianqi_app")
    op.execute("grant select, insert, update, delete on operational.division_outlines to tianqi_app")
    for table in ("map_changes", "division_outlines"):
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(_scope(table))
    op.execute("""
        create function operational.note_map_change() returns trigger language plpgsql as $$
        begin
            insert into operational.map_changes (county, division)
            select distinct county, division from changed
            on conflict do nothing;
            return null;
        end $$""")
    for event in ("insert", "update"):
        op.execute(f"""
            create trigger map_changed_by_{event} after {event} on operational.parcel_versions
            referencing new table as changed
            for each statement execute function operational.note_map_change()""")


def _indexes() -> None:
    # Current parcels have an index of their own; these serve other days and what changed between two.
    op.execute("""
        create index ix_parcel_versions_past on operational.parcel_versions using gist (county, geom)
        where valid_to is not null or superseded_at is not null""")
    op.execute("create index ix_parcel_versions_code on operational.parcel_versions (county, code)")
    op.execute("create index ix_parcel_versions_began on operational.parcel_versions (county, valid_from)")
    op.execute("create index ix_parcel_versions_ended on operational.parcel_versions (county, valid_to)")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
