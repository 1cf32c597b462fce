-- heads --
-- The chain rule needs the head of every person in a batch, in one question.
SELECT psn_no, version, hash, "partition", "offset"
FROM chain_head
WHERE psn_no = ANY($1::text[])

-- move --
-- In the transaction of the rows: a head never runs ahead of what it stands for.
INSERT INTO chain_head (psn_no, version, hash, "partition", "offset")
SELECT * FROM unnest($1::text::text[], $2::text::bigint[], $3::text::bytea[],
  $4::text::integer[], $5::text::bigint[])
ON CONFLICT (psn_no) DO UPDATE
SET version = excluded.version, hash = excluded.hash,
    "partition" = excluded."partition", "offset" = excluded."offset"

-- ledger --
SELECT ledger_id, partitions FROM ledger

-- remember --
-- The first ledger that is seen is the one projected here for ever.
INSERT INTO ledger (ledger_id, partitions) VALUES ($1, $2)
ON CONFLICT (only_one) DO NOTHING
