"""Ledgers at a county's size: what changed since the import by index, certificates by state among the kept sums,
and households' lines of a whole import drawn set by set"""

from alembic import op

revision = "0027"
down_revision = "0026"

CHANGED = ("contractor_versions", "parcel_versions", "contract_versions", "certificate_versions")
ENDED = ("contractor_versions", "parcel_versions")


def upgrade() -> None:
    for table in CHANGED:
        op.create_index(
            f"ix_{table}_changed", table, ["county", "valid_from"], schema="operational", postgresql_where="cause <> 'import'"
        )
    for table in ENDED:
        op.create_index(
            f"ix_{table}_gone", table, ["county", "valid_to"], schema="operational",
            postgresql_where="restates is not null and valid_to is not null",
        )  # fmt: skip
    op.create_index("ix_certificates_code", "certificates", ["county", "code"], schema="operational")
    op.execute(LINES)
    # one kind of sum more: those that are kept lack it
    for table in ("division_figures", "division_sums"):
        op.execute(f"alter table operational.{table} no force row level security")
        op.execute(f"delete from operational.{table}")
        op.execute(f"alter table operational.{table} force row level security")


# As in 0022, but planned anew each time and, for many households, without going row by row: an import writes them
# before the planner knows anything of the tables, and takes 70,000 contracts for one.
LINES = """
    create or replace function operational.draw_household_lines(of_county char, ids bigint[]) returns void
    language plpgsql as $$
    declare before text := current_setting('enable_nestloop');
    begin
        if cardinality(ids) > 500 then
            perform set_config('enable_nestloop', 'off', true);
        end if;
        execute 'select from operational.contractors c where c.county = $1 and c.id = any($2)
                 order by c.id for no key update' using of_county, ids;
        execute 'delete from operational.household_lines l
                 where l.county = $1 and l.contractor_id = any($2) and not exists (
                     select from operational.contractor_versions v
                     where v.county = $1 and v.contractor_id = l.contractor_id and v.valid_to is null
                       and v.superseded_at is null)' using of_county, ids;
        execute 'insert into operational.household_lines
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
                  and kv.valid_to is null and kv.superseded_at is null and kv.state = ''in_force''
                where k.county = $1 and k.contractor_id = any($2)
                order by k.contractor_id, k.id desc) k on k.contractor_id = c.id
            where c.county = $1 and c.id = any($2)
            on conflict (county, contractor_id) do update set
                version_id = excluded.version_id, division = excluded.division, code = excluded.code,
                kind = excluded.kind, name = excluded.name, phone = excluded.phone,
                member_count = excluded.member_count, contract_id = excluded.contract_id,
                contract = excluded.contract, parcel_count = excluded.parcel_count,
                total_area = excluded.total_area, term_end = excluded.term_end' using of_county, ids;
        perform set_config('enable_nestloop', before, true);
    end $$"""


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
