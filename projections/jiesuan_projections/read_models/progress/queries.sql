-- begin --
-- A checkpoint exists before it is locked: nothing applied yet is -1.
INSERT INTO checkpoint (topic, "partition", "offset")
SELECT $1, p, -1 FROM unnest($2::integer[]) AS p
ON CONFLICT DO NOTHING

-- lock --
-- Two followers may run; the second waits here and then skips what the first applied.
SELECT "partition", "offset" FROM checkpoint
WHERE topic = $1 AND "partition" = ANY($2::integer[])
ORDER BY "partition"
FOR UPDATE

-- positions --
SELECT "partition", "offset" FROM checkpoint WHERE topic = $1

-- move --
UPDATE checkpoint SET "offset" = $3, appended_at = $4
WHERE topic = $1 AND "partition" = $2

-- forget --
-- Answers are kept for weeks: what the log no longer holds cannot be projected again.
UPDATE checkpoint SET "offset" = $3 WHERE topic = $1 AND "partition" = $2

-- heartbeat --
INSERT INTO log_end AS e (topic, "partition", end_offset, seen_at, caught_up_at)
SELECT $1, p, o, clock_timestamp(),
       CASE WHEN c."offset" >= o - 1 THEN clock_timestamp() END
FROM unnest($2::integer[], $3::bigint[]) AS ends(p, o)
LEFT JOIN checkpoint c ON c.topic = $1 AND c."partition" = p
ON CONFLICT (topic, "partition") DO UPDATE
SET end_offset = excluded.end_offset, seen_at = excluded.seen_at,
    caught_up_at = coalesce(excluded.caught_up_at, e.caught_up_at)

-- progress --
SELECT topic, "partition", "offset", end_offset, lag, lag_seconds, appended_at, seen_at
FROM progress
ORDER BY topic, "partition"

-- swapped --
INSERT INTO rebuild_history
  (name, swapped_at, digest_before, digest_after, accepted_reason, certificate)
VALUES ($1, clock_timestamp(), $2, $3, $4, $5)

-- followed --
-- A read model that comes later than this would lack what went before.
SELECT EXISTS (SELECT FROM checkpoint WHERE topic = $1 AND "offset" >= 0)

-- grant --
-- Readers read all of it and write none of it.
GRANT USAGE ON SCHEMA jiesuan TO jiesuan_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA jiesuan TO jiesuan_reader
