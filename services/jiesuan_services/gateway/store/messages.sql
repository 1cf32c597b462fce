-- find --
SELECT * FROM message
WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4

-- names --
-- Whether a sender's name for a message was compensated before it came, and whether
-- another message has it: one that came, or one of another infno that was compensated
-- unseen, under whose name the ledger would refuse this one.
SELECT EXISTS (
         SELECT FROM barred
         WHERE fixmedins_code = $1 AND psn_no = $2 AND infno = $3 AND msgid = $4
       ) AS is_barred,
       EXISTS (
         SELECT FROM message WHERE fixmedins_code = $1 AND request_id = $5
       ) OR EXISTS (
         SELECT FROM barred
         WHERE fixmedins_code = $1 AND psn_no = $2 AND infno <> $3 AND msgid = $4
       ) AS is_taken

-- hold_name --
-- Held until the transaction ends: who takes another name for a message, and who
-- compensates what it finds by the sender's name, come one after the other.
SELECT pg_advisory_xact_lock(hashtext($1), hashtext($2))

-- rename --
UPDATE message SET request_id = $5, request = $6
WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4

-- move --
-- A purchase is about the visit under which the ledger has it.
UPDATE message SET mdtrt_id = $5, chrg_bchno = $5
WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4

-- hold --
SELECT * FROM message
WHERE fixmedins_code = $1 AND msgid = $2 AND infno = $3 AND digest = $4
FOR UPDATE

-- close_compensated --
-- A message that was compensated has its last word, whatever was answered before: the
-- ledger, too, refuses it from now on. Of the sender's name one message is compensated;
-- those that never came to the ledger never will, and another that did stands.
UPDATE message SET replied_at = clock_timestamp(), err_msg = $6, output = '{}'
WHERE fixmedins_code = $1 AND psn_no = $2 AND infno = ANY($3::text[])
  AND (request_id = $4
       OR request_id IS NULL AND (msgid = $5 OR inf_refmsgid = $5))

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
-- The message that a compensation means: by its sender's name, by ours or by the
-- ledger's. Of several the person's own, else another's, which it cannot mean; of his the
-- one whose outcome nobody has heard, else the latest. Whether it settled nothing, or does
-- no more, so that another of its sender's name may be meant.
SELECT *,
       msgid = $3 AND replied_at IS NOT NULL AND err_msg <> '' AS is_done_with
FROM message
WHERE fixmedins_code = $1 AND infno = ANY($2::text[])
  AND (msgid = $3 OR inf_refmsgid = $3 OR request_id = $3) AND request_id IS NOT NULL
ORDER BY psn_no = $4 DESC, replied_at IS NULL DESC, received_at DESC
LIMIT 1

-- is_taken --
-- Whether the ledger knows a message by this name, whichever message it is.
SELECT EXISTS (SELECT FROM message WHERE fixmedins_code = $1 AND request_id = $2)

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

-- serials --
SELECT nextval('serial') FROM generate_series(1, $1)

-- forget --
-- What was looked up of a person. Rows of 1101 once did not say whom they had found.
DELETE FROM message
WHERE infno = ANY($2::text[]) AND request IS NULL
  AND (psn_no = $1
       OR psn_no IS NULL AND position('"psn_no":"' || $1 || '"' IN output) > 0)

-- first_received --
SELECT min(received_at) FROM message

-- forget_between --
-- Messages that asked nothing of the ledger, with what was said to them.
DELETE FROM message
WHERE received_at >= $1 AND received_at < $2 AND request IS NULL
