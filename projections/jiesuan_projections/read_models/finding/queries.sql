-- undo --
-- A bill that was taken back is looked at no more.
DELETE FROM checked_fact f
USING unnest($1::text[], $2::text[]) AS n(psn_no, setl_id)
WHERE f.psn_no = n.psn_no AND f.setl_id = n.setl_id

-- replace --
-- A re-settled bill stands under a new id, in its old place.
UPDATE checked_fact f SET setl_id = n.new_id
FROM unnest($1::text[], $2::text[], $3::text[]) AS n(psn_no, old_id, new_id)
WHERE f.psn_no = n.psn_no AND f.setl_id = n.old_id

-- all_of --
SELECT psn_no, setl_id, near_day, said FROM checked_fact
WHERE psn_no = ANY($1::text[])
ORDER BY "partition", "offset"

-- near --
-- New bills are held against those of the days near them, and against claims.
SELECT psn_no, setl_id, near_day, said FROM (
  SELECT f.*
  FROM unnest($1::text::text[], $2::text::date[], $3::text::date[])
    AS n(psn_no, first, last)
  JOIN checked_fact f ON f.psn_no = n.psn_no AND f.near_day BETWEEN n.first AND n.last
  UNION ALL
  SELECT * FROM checked_fact
  WHERE psn_no = ANY($1::text::text[]) AND near_day IS NULL AND setl_id IS NOT NULL
) AS near
ORDER BY "partition", "offset"

-- registered --
SELECT psn_no, setl_id, near_day, said FROM checked_fact
WHERE psn_no = ANY($1::text[]) AND setl_id IS NULL
ORDER BY "partition", "offset"

-- forget --
DELETE FROM finding WHERE psn_no = ANY($1::text[])

-- listed --
SELECT * FROM finding
WHERE ($1::text IS NULL OR psn_no = $1)
  AND ($2::text IS NULL OR rule = $2)
  AND ($3::text IS NULL OR severity = $3)
ORDER BY psn_no, setl_id NULLS FIRST, rule, other_setl_id, zh
