-- A database for one store on a machine of its own (docs/stores.md). Run by a superuser of that machine's PostgreSQL 15
-- with PostGIS 3, for the vault:
--   psql -v ON_ERROR_STOP=1 -v database=tianqi_vault -v role=tianqi_vault \
--        -v owner_password=… -v password=… -f deploy/store-on-its-own.sql
-- For the query store both names are tianqi_query; both may lie on one machine. The migrations make the schemas of all
-- stores; those that are not kept here stay empty, and their roles cannot sign in.
select format('create role %I nologin', name)
from unnest(array['tianqi_owner', 'tianqi_app', 'tianqi_portal', 'tianqi_vault', 'tianqi_query']) name
where not exists (select from pg_roles where rolname = name) \gexec
alter role tianqi_owner login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password :'owner_password';
alter role :"role" login nosuperuser nobypassrls nocreatedb nocreaterole noreplication password :'password';
create database :"database" owner tianqi_owner encoding 'UTF8' template template0;
revoke all on database :"database" from public;
grant connect on database :"database" to :"role";
\connect :"database"
create extension if not exists postgis;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists pgcrypto;
alter function geometry_overlaps(geometry, geometry) leakproof;
alter function pg_catalog.textlike(text, text) leakproof;
