"""Lists and sums of a whole county at once: households' lines, figures by division, names found by pairs of characters"""

from alembic import op

revision = "0022"
down_revision = "0021"

# whose versions change the figures of a division (parcels' are noted in map_changes) -> what they belong to
NOTED = {
    "issuing_party_versions": ("issuing_parties", "issuing_party_id"),
    "contractor_versions": ("contractors", "contractor_id"),
    "contract_versions": ("contracts", "contract_id"),
    "register_entry_versions": ("register_entries", "register_entry_id"),
    "certificate_versions": ("certificates", "certificate_id"),
}
OWN = ("register_changes", "household_lines", "division_figures", "division_sums")
READ = ("contractors", "contractor_versions", "contracts", "contract_versions", "issuing_parties", *OWN)


def upgrade() -> None:
    _pairs()
    _tables()
    _lines()
    _changes()
    _fill()


def _pairs() -> None:
    """Two characters are a Chinese word, and trigrams find none; a pair for each place, the last one alone."""
    op.execute("""
        create function operational.pairs(word text) returns tsvector language sql immutable parallel safe as $$
            select array_to_tsvector(coalesce(array_agg(distinct substr(word, place, 2)), '{}'))
            from generate_series(1, length(word)) place where word is not null $$""")
    for table, column in (("parcel_versions", "name"), ("certificate_versions", "serial")):
        op.execute(f"""
            alter table operational.{table} add {column}_pairs tsvector
            generated always as (operational.pairs({column})) stored""")
        op.execute(
            f"create index ix_{table}_pairs on operational.{table} using gin ({column}_pairs) with (fastupdate = off)"
        )


def _tables() -> None:
    op.execute("""
        create table operational.register_changes (
            county char(6) not null,
            division text collate "C" not null,
            at timestamptz not null default transaction_timestamp(),
            transaction bigint not null default (pg_current_xact_id()::text::bigint),
            constraint pk_register_changes primary key (county, division, at, transaction))""")
    op.execute("""
        create table operational.division_figures (
            county char(6) not null,
            division text collate "C" not null,
            changes bigint not null,
            day date not null,
            until date,
            known timestamptz not null,
            constraint pk_division_figures primary key (county, division))""")
    op.execute("""
        create table operational.division_sums (
            county char(6) not null,
            division text collate "C" not null,
            part text collate "C" not null,
            keys text[] collate "C" not null,
            counts bigint[] not null,
            area numeric(17, 2),
            constraint pk_division_sums primary key (county, division, part, keys))""")
    op.execute("""
        create table operational.household_lines (
            county char(6) not null,
            contractor_id bigint not null,
            version_id bigint not null,
            division text collate "C" not null,
            code text collate "C" not null,
            kind text not null,
            name text not null,
            phone text,
            member_count bigint not null,
            contract_id bigint,
            contract text collate "C",
            parcel_count bigint,
            total_area numeric(15, 2),
            term_end date,
            constraint pk_household_lines primary key (county, contractor_id),
            constraint uq_household_lines_county_code unique (county, code))""")
    op.execute("create index ix_household_lines_name on operational.household_lines (county, name, code)")
    op.execute("grant select, insert on operational.register_changes to tianqi_app")
    for table in ("division_figures", "division_sums", "household_lines"):
        op.execute(f"grant select, insert, update, delete on operational.{table} to tianqi_app")
    for table in OWN:
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= (select nullif(current_setting('app.scope', true), '') collate "C")
               and division < (select (nullif(current_setting('app.scope', true), '') || '~') collate "C"))""")


def _lines() -> None:
    """A household's line is written by the transaction that changes the household or its contract.

    The contractor's row is locked first, and the line read after that: two transactions that change one household
    (one of them its contract) both see what the first of them committed."""
    op.execute("""
        create function operational.draw_household_lines(of_county char, ids bigint[]) returns void language plpgsql as $$
        begin
            perform from operational.contractors c where c.county = of_county and c.id = any(ids)
            order by c.id for no key update;
            delete from operational.household_lines l
            where l.county = of_county and l.contractor_id = any(ids) and not exists (
                select from operational.contractor_versions v
                where v.county = of_county and v.contractor_id = l.contractor_id and v.valid_to is null
                  and v.superseded_at is null);
            insert into operational.household_lines
            select c.county, c.id, coalesce(v.restates, v.id), c.division, c.code, v.kind, v.name, v.phone,
                   v.member_count, k.id, k.code, k.parcel_count, k.total_area, k.term_end
            from operational.contractors c
            join operational.contractor_versions v on v.county = c.county and v.contractor_id = c.id
              and v.valid_to is null and v.superseded_at is null
            left join (
                select distinct on (k.contractor_id) k.contractor_id, k.id, k.code, kv.parcel_count, kv.total_area,
                       kv.term_end
                from operational.contracts k
                join operational.contract_versions kv on kv.county = k.county and kv.contract_id = k.id
                  and kv.valid_to is null and kv.superseded_at is null and kv.state = 'in_force'
                where k.county = of_county and k.contractor_id = any(ids)
                order by k.contractor_id, k.id desc) k on k.contractor_id = c.id
            where c.county = of_county and c.id = any(ids)
            on conflict (county, contractor_id) do update set
                version_id = excluded.version_id, division = excluded.division, code = excluded.code,
                kind = excluded.kind, name = excluded.name, phone = excluded.phone,
                member_count = excluded.member_count, contract_id = excluded.contract_id,
                contract = excluded.contract, parcel_count = excluded.parcel_count,
                total_area = excluded.total_area, term_end = excluded.term_end;
        end $$""")
    op.execute("""
        create function operational.contractor_changed() returns trigger language plpgsql as $$
        begin
            perform operational.draw_household_lines(county, array_agg(distinct contractor_id))
            from changed group by county;
            return null;
        end $$""")
    op.execute("""
        create function operational.contract_changed() returns trigger language plpgsql as $$
        begin
            perform operational.draw_household_lines(k.county, array_agg(distinct k.contractor_id))
            from changed join operational.contracts k on k.county = changed.county and k.id = changed.contract_id
            group by k.county;
            return null;
        end $$""")
    for table, function in (("contractor_versions", "contractor_changed"), ("contract_versions", "contract_changed")):
        for event, rows in (("insert", "new"), ("update", "new"), ("delete", "old")):
            op.execute(f"""
                create trigger line_by_{event} after {event} on operational.{table}
                referencing {rows} table as changed for each statement execute function operational.{function}()""")


def _changes() -> None:
    """As map_changes for parcels: a row for every division and transaction that changed anything else there."""
    for table, (owner, column) in NOTED.items():
        op.execute(f"""
            create function operational.note_change_of_{owner}() returns trigger language plpgsql as $$
            begin
                insert into operational.register_changes (county, division)
                select distinct o.county, o.division
                from changed join operational.{owner} o on o.county = changed.county and o.id = changed.{column}
                on conflict do nothing;
                return null;
            end $$""")  # noqa: S608
        for event, rows in (("insert", "new"), ("update", "new"), ("delete", "old")):
            op.execute(f"""
                create trigger noted_by_{event} after {event} on operational.{table}
                referencing {rows} table as changed
                for each statement execute function operational.note_change_of_{owner}()""")


def _fill() -> None:
    """What is there already."""
    for table in READ:
        op.execute(f"alter table operational.{table} no force row level security")
    op.execute("""
        select operational.draw_household_lines(county, array_agg(id)) from operational.contractors group by county""")
    op.execute("""
        insert into operational.register_changes (county, division)
        select distinct county, division from operational.issuing_parties""")
    for table in READ:
        op.execute(f"alter table operational.{table} force row level security")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
