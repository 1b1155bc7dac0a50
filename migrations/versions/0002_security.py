"""Who may do what: grants of the two application roles, append-only history, row level security"""

from alembic import op

revision = "0002"
down_revision = "0001"

# Rows of these are shown to a transaction only where ``division`` begins with what it said it may see.
SCOPED = (
    "cases",
    "tasks",
    "deadlines",
    "changesets",
    "publicities",
    "papers",
    "issuing_parties",
    "contractors",
    "parcels",
    "contracts",
    "register_entries",
    "certificates",
    "source_documents",
    "descents",
    "blocks",
    "read_records",
)
# Rows of these are shown where the row that they hang on is; who sees the whole county needs no look at it.
HANGING = {
    "issuing_party_versions": ("issuing_parties", "issuing_party_id"),
    "contractor_versions": ("contractors", "contractor_id"),
    "members": ("contractor_versions", "contractor_version_id"),
    "parcel_versions": ("parcels", "parcel_id"),
    "contract_versions": ("contracts", "contract_id"),
    "contracted_parcels": ("contract_versions", "contract_version_id"),
    "register_entry_versions": ("register_entries", "register_entry_id"),
    "certificate_versions": ("certificates", "certificate_id"),
    "case_states": ("cases", "case_id"),
    "drafts": ("cases", "case_id"),
    "event_waits": ("cases", "case_id"),
    "events": ("cases", "case_id"),
    "event_payloads": ("cases", "case_id"),
}
APPEND_ONLY = ("events", "event_payloads", "checkpoints", "read_records")


def upgrade() -> None:
    op.execute("grant usage on schema reference, operational to tianqi_app")
    op.execute("grant select, insert, update, delete on all tables in schema reference, operational to tianqi_app")
    op.execute("grant usage on all sequences in schema reference, operational to tianqi_app")
    op.execute("grant usage on schema portal to tianqi_portal")
    op.execute("grant select, insert, update, delete on all tables in schema portal to tianqi_portal")
    op.execute("grant usage on all sequences in schema portal to tianqi_portal")
    for table in ("process_versions", "process_files"):
        op.execute(f"revoke update, delete on reference.{table} from tianqi_app")
    op.execute("""
        create function operational.refuse_change() returns trigger language plpgsql as
        $$ begin raise exception 'the history is append-only'; end $$""")
    for table in APPEND_ONLY:
        op.execute(f"revoke update, delete, truncate on operational.{table} from tianqi_app")
        op.execute(f"""
            create trigger append_only before update or delete on operational.{table}
            for each row execute function operational.refuse_change()""")
    # Erasing a payload by law is the one change that is allowed, and only the owner can do it.
    op.execute("drop trigger append_only on operational.event_payloads")
    # Only an owner may gather statistics, and after an import nothing can be planned without them.
    op.execute("""
        create function operational.gather_statistics() returns void language plpgsql security definer
        set search_path = pg_catalog as $$
        declare name text;
        begin
            for name in select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'operational'
            loop execute 'analyze ' || name; end loop;
        end $$""")
    op.execute("revoke execute on function operational.gather_statistics() from public")
    op.execute("grant execute on function operational.gather_statistics() to tianqi_app")
    for table in SCOPED:
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        # a range of the code's bytes, so that an index serves it; no scope said, nothing shown
        op.execute(f"""
            create policy scope on operational.{table}
            using (division >= nullif(current_setting('app.scope', true), '') collate "C"
               and division < (nullif(current_setting('app.scope', true), '') || '~') collate "C")""")
    for table, (owner, column) in HANGING.items():
        op.execute(f"alter table operational.{table} enable row level security")
        op.execute(f"alter table operational.{table} force row level security")
        op.execute(f"""
            create policy scope on operational.{table}
            using (county = nullif(current_setting('app.scope', true), '')
               or exists (select from operational.{owner} owner
                          where owner.county = {table}.county and owner.id = {table}.{column}))""")


def downgrade() -> None:
    raise RuntimeError("there is no way back but a backup")
