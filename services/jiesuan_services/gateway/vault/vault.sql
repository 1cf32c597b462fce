-- persons --
SELECT psn_no, master_id, wrapped_key, sealed FROM vault.person
WHERE psn_no = ANY($1::text[])

-- by_digest --
SELECT DISTINCT psn_no FROM vault.lookup WHERE digest = ANY($1::bytea[]) LIMIT 2

-- is_of --
SELECT EXISTS (
  SELECT FROM vault.lookup WHERE digest = ANY($1::bytea[]) AND psn_no = $2
)

-- masters --
-- Each master key that a person is under, by some steps in the index, however many
-- persons there are.
WITH RECURSIVE one AS (
  SELECT min(master_id) AS master_id FROM vault.person
  UNION ALL
  SELECT (SELECT min(p.master_id) FROM vault.person p WHERE p.master_id > one.master_id)
  FROM one WHERE one.master_id IS NOT NULL
)
SELECT master_id FROM one WHERE master_id IS NOT NULL

-- holds_anything --
SELECT EXISTS (SELECT FROM vault.person)
    OR EXISTS (SELECT FROM client WHERE secret_sealed IS NOT NULL)
    OR EXISTS (SELECT FROM secret WHERE name = 'input digests')

-- erased --
SELECT psn_no FROM vault.erasure WHERE psn_no = ANY($1::text[])

-- put_person --
INSERT INTO vault.person (psn_no, master_id, wrapped_key, sealed)
VALUES ($1, $2, $3, $4)
ON CONFLICT (psn_no) DO UPDATE
SET master_id = excluded.master_id, wrapped_key = excluded.wrapped_key,
    sealed = excluded.sealed

-- drop_lookups --
DELETE FROM vault.lookup WHERE psn_no = ANY($1::text[])

-- put_lookup --
INSERT INTO vault.lookup (digest, psn_no) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- put_account --
INSERT INTO vault.account (psn_no, loaded_fen, after) VALUES ($1, $2, $3)
ON CONFLICT (psn_no) DO UPDATE
SET loaded_fen = excluded.loaded_fen, after = excluded.after

-- positions --
SELECT "partition", "offset" FROM checkpoint WHERE topic = 'jiesuan.ledger'

-- loading --
-- Held by each load until its file is there: whom it brings no erasure would see.
SELECT pg_advisory_xact_lock_shared(hashtext('vault.person'))

-- erasing --
-- Waits for the files that are being loaded, and holds the next ones up.
SET LOCAL lock_timeout = '10s';
SELECT pg_advisory_xact_lock(hashtext('vault.person'));
SET LOCAL lock_timeout TO DEFAULT

-- drop_person --
DELETE FROM vault.person WHERE psn_no = $1

-- note_erasure --
INSERT INTO vault.erasure (psn_no, reason) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- of_other_masters --
SELECT psn_no, master_id, wrapped_key, sealed FROM vault.person
WHERE master_id <> $1 ORDER BY psn_no LIMIT $2 FOR UPDATE

-- lock_account --
-- Whoever takes from an account holds it until what he asks for is written down.
SELECT loaded_fen, after FROM vault.account WHERE psn_no = $1 FOR UPDATE

-- account --
SELECT loaded_fen, after FROM vault.account WHERE psn_no = $1

-- taken --
-- What the ledger has taken since the balance was loaded; refunds give back.
SELECT coalesce(sum(acct_pay_fen), 0)::bigint FROM settlement
WHERE psn_no = $1 AND "offset" > $2 AND "offset" <> $3

-- taken_before --
-- The same up to an entry.
SELECT coalesce(sum(acct_pay_fen), 0)::bigint FROM settlement
WHERE psn_no = $1 AND "offset" > $2 AND "offset" < $3
