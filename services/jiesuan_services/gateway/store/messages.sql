-- find --
SELECT * FROM message
WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4

-- keep --
-- A message and its reply at once. Of two deliveries the second waits here for the
-- first one's transaction, and writes nothing. What our name for it begins with is
-- given, the serial number follows.
INSERT INTO message (fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
                     psn_no, replied_at, output, err_msg)
VALUES ($1, $2, $3, $4, $5 || lpad(nextval('serial')::text, 10, '0'), $6, $7,
        $8, $9, $10)
ON CONFLICT DO NOTHING
RETURNING inf_refmsgid

-- intend --
-- Written before it is sent: who takes this message up after a crash sends the same.
INSERT INTO message (fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
                     psn_no, request_id, request, mdtrt_id, chrg_bchno, uses_account,
                     topic)
VALUES ($1, $2, $3, $4, $5 || lpad(nextval('serial')::text, 10, '0'), $6, $7,
        $8, $9, $10, $11, $12, $13)
ON CONFLICT DO NOTHING
RETURNING *

-- reply --
-- Only of a row that has none: the first reply stands. A settlement marks its batch.
WITH said AS (
  UPDATE message
  SET replied_at = $5, output = $6, err_msg = $7, "partition" = $8, "offset" = $9
  WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4
    AND replied_at IS NULL
  RETURNING inf_refmsgid, mdtrt_id, chrg_bchno
), marked AS (
  UPDATE batch SET setl_id = $10 FROM said
  WHERE $10::text IS NOT NULL AND batch.mdtrt_id = said.mdtrt_id
    AND batch.chrg_bchno = said.chrg_bchno
)
SELECT inf_refmsgid FROM said

-- names --
-- Whether a sender's name for a message was compensated before it came, and whether
-- another message has it.
SELECT EXISTS (
         SELECT FROM barred
         WHERE fixmedins_code = $1 AND psn_no = $2 AND infno = $3 AND msgid = $4
       ) AS is_barred,
       EXISTS (
         SELECT FROM message WHERE fixmedins_code = $1 AND request_id = $4
       ) AS is_taken

-- rename --
UPDATE message SET request_id = $5
WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4

-- hold --
SELECT * FROM message
WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4
FOR UPDATE

-- close_compensated --
-- A message that was compensated has its last word, whatever was answered before: the
-- ledger, too, refuses it from now on.
UPDATE message SET replied_at = clock_timestamp(), err_msg = $6, output = '{}'
WHERE fixmedins_code = $1 AND psn_no = $2 AND infno = ANY($3::text[])
  AND (request_id = $4 OR msgid = $5 OR inf_refmsgid = $5)

-- bar --
-- The sender's name for a message, whether it ever came or not.
INSERT INTO barred (fixmedins_code, psn_no, infno, msgid)
SELECT $1, $2, one, $4 FROM unnest($3::text[]) AS one
ON CONFLICT DO NOTHING

-- open_of_person --
-- Whose outcome nobody has heard: they stand in the way of what depends on it.
SELECT * FROM message
WHERE psn_no = $1 AND request IS NOT NULL AND replied_at IS NULL
ORDER BY received_at

-- asked_as --
-- The message that a compensation means: by its sender's name or by ours.
SELECT request_id FROM message
WHERE fixmedins_code = $1 AND psn_no = $2 AND infno = ANY($3::text[])
  AND (msgid = $4 OR inf_refmsgid = $4) AND request_id IS NOT NULL
ORDER BY received_at DESC
LIMIT 1

-- asked_by_name --
-- What a message of an institution became, by its sender's name or by ours.
SELECT request_id FROM message
WHERE fixmedins_code = $1 AND infno = $2 AND (msgid = $3 OR inf_refmsgid = $3)
  AND request_id IS NOT NULL
ORDER BY received_at DESC
LIMIT 1

-- last_entered --
SELECT "partition", max("offset") AS "offset" FROM message
WHERE psn_no = $1 AND "offset" IS NOT NULL
GROUP BY "partition"

-- last_entered_here --
SELECT "partition", max("offset") AS "offset" FROM message
WHERE fixmedins_code = $1 AND topic = $2 AND "offset" IS NOT NULL
  AND received_at > now() - interval '1 day'
GROUP BY "partition"

-- projected_up_to --
SELECT "partition", "offset" FROM checkpoint
WHERE topic = $1 AND "partition" = ANY($2::integer[])

-- declared --
SELECT request FROM message
WHERE fixmedins_code = $1 AND infno = $2 AND psn_no = $3 AND inf_refmsgid = $4
  AND replied_at IS NOT NULL AND err_msg = ''

-- serial --
SELECT nextval('serial')

-- forget --
-- Names need not be kept for ever: the ledger keeps those of what was entered.
DELETE FROM message WHERE received_at < $1 AND replied_at IS NOT NULL
