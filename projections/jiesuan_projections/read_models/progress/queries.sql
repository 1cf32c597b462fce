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
UPDATE checkpoint c SET "offset" = n."offset", appended_at = n.appended_at
FROM unnest($2::integer[], $3::bigint[], $4::timestamptz[])
  AS n("partition", "offset", appended_at)
WHERE c.topic = $1 AND c."partition" = n."partition"

-- forget --
-- Answers are kept for weeks: what the log no longer holds cannot be projected again.
-- What was read before it was deleted may be applied meanwhile: never back.
UPDATE checkpoint SET "offset" = $3
WHERE topic = $1 AND "partition" = $2 AND "offset" < $3

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

-- behind --
-- As of now, not of the last heartbeat: a projector that hangs writes none.
SELECT c.topic, c."partition", c."offset",
       extract(epoch FROM clock_timestamp() - greatest(c.appended_at, e.caught_up_at))
         AS idle_seconds
FROM checkpoint c
LEFT JOIN log_end e ON e.topic = c.topic AND e."partition" = c."partition"
ORDER BY c.topic, c."partition"

-- strangers --
-- Records that only the ledger's own processes write, and that somebody else wrote.
SELECT 'jiesuan.ledger' AS topic, "partition", count(*) AS strangers
FROM fork GROUP BY "partition"
UNION ALL
SELECT 'jiesuan.answers', "partition", count(*) FROM stranger GROUP BY "partition"
UNION ALL
SELECT 'jiesuan.clearing', 0, count(*) FROM clearing_fork
