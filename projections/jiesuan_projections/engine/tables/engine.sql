-- columns --
-- A table is fitting if every column is: its type, its null, its default, its order.
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       a.attnotnull::text, coalesce(pg_get_expr(d.adbin, d.adrelid), '')
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'v')
ORDER BY c.relname, a.attnum

-- constraints --
SELECT c.relname, pg_get_constraintdef(k.oid)
FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
WHERE c.relnamespace = to_regnamespace($1) AND k.contype IN ('p', 'u', 'c')
ORDER BY 1, 2

-- temporary --
-- Where the tables of `aside` lie, once there is one.
SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()

-- aside --
-- Tables are made for a moment where nobody sees them, to look at their shape.
SET LOCAL search_path = pg_temp

-- migration_lock --
SELECT pg_advisory_xact_lock($1)

-- digest --
-- The sum of 60-bit pieces of MD5 does not depend on the order of rows; two pieces make
-- 120 bits. Not against forgers (the chain is), but against mistakes.
SELECT count(*) AS rows,
       coalesce(sum(('x' || substr(h, 1, 15))::bit(60)::bigint::numeric), 0)::text AS a,
       coalesce(sum(('x' || substr(h, 16, 15))::bit(60)::bigint::numeric), 0)::text AS b
FROM (SELECT md5(t::text) AS h FROM {schema}.{table} t) AS hashed

-- ordered_digest --
-- The rows one after the other, in the order of their bytes as text: SHA-256, so that two
-- tables of one digest are one table, whoever wrote them.
SELECT coalesce(encode(sha256(string_agg(
         sha256(convert_to(t::text, 'UTF8')), ''::bytea ORDER BY t::text COLLATE "C"
       )), 'hex'), encode(sha256(''::bytea), 'hex')) AS digest
FROM {schema}.{table} t

-- rebuild_lock --
-- A model is rebuilt once at a time.
SELECT pg_try_advisory_lock($1, hashtext($2))

-- drop_schema --
DROP SCHEMA IF EXISTS {schema} CASCADE

-- create_schema --
-- Schemas are made by whoever logs in; everything in them belongs to the writer.
CREATE SCHEMA {schema} AUTHORIZATION {owner}

-- hasty --
-- What is lost in a crash is projected again: no batch waits for the disk.
SET synchronous_commit = off

-- logged --
ALTER TABLE {table} SET LOGGED

-- unlogged --
ALTER TABLE {table} SET UNLOGGED

-- patience --
-- Whoever waits for a lock makes all new readers wait behind it.
SELECT set_config('lock_timeout', $1, true)

-- drop_view --
-- A view holds on to the table it was made over; the DDL makes it again.
DROP VIEW IF EXISTS {schema}.{view}

-- drop_table --
DROP TABLE IF EXISTS {schema}.{table}

-- move_table --
ALTER TABLE {schema}.{table} SET SCHEMA {to}

-- state_roots --
-- Of each partition, every person's head in one digest, as the contract fixes it (§9).
SELECT "partition", encode(sha256(string_agg(
         convert_to(psn_no || E'\t' || version || E'\t' || encode(hash, 'hex') || E'\n',
                    'UTF8'),
         ''::bytea ORDER BY psn_no COLLATE "C")), 'hex') AS root
FROM {schema}.chain_head
GROUP BY "partition"

-- only_here --
-- Rows as text, as often as they are there: two tables of one shape are compared.
WITH only_here AS (
  SELECT t::text AS row FROM {here}.{table} t
  EXCEPT ALL
  SELECT t::text FROM {there}.{table} t
)
SELECT count(*) AS count,
       ARRAY(SELECT row FROM only_here ORDER BY row LIMIT $1) AS shown
FROM only_here

-- view_columns --
-- What a table or view shows, in order.
SELECT a.attname, format_type(a.atttypid, NULL) AS type
FROM pg_attribute a
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum

-- view_rows --
SELECT * FROM {view}

-- view_rows_of_month --
SELECT * FROM {view} WHERE {month} = $1
