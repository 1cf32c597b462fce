-- Of something about each of many the first is asked (LIMIT 1): EXISTS would be answered
-- from a table of all that there is.

-- visits --
-- Visits as they are now: which batches are settled, and whether an outcome about one is
-- open.
SELECT asked.n, v.*,
       (SELECT array_agg(ARRAY[b.chrg_bchno, b.setl_id] ORDER BY b.chrg_bchno)
        FROM batch b
        WHERE b.mdtrt_id = v.mdtrt_id AND b.setl_id IS NOT NULL) AS settled,
       coalesce((
         SELECT true FROM message m
         WHERE m.psn_no = v.psn_no AND m.request IS NOT NULL AND m.replied_at IS NULL
           AND m.mdtrt_id = v.mdtrt_id
         LIMIT 1
       ), false) AS has_open
FROM unnest($1::text[]) WITH ORDINALITY AS asked (mdtrt_id, n)
JOIN visit v ON v.mdtrt_id = asked.mdtrt_id

-- charges --
-- All that a bill needs to know: its visit, the batch, whether an outcome about the visit
-- is open (another message's), whether the read models have come to his last entry, what his account
-- then holds, and whether the sender's name for the message was compensated before it
-- came, or is another message's (as `names` in messages.sql says).
SELECT asked.n, v.*, b.lines, b.setl_id,
       coalesce((
         SELECT true FROM message m
         WHERE m.psn_no = asked.psn_no AND m.request IS NOT NULL
           AND m.replied_at IS NULL AND m.mdtrt_id = asked.mdtrt_id
           AND (m.fixmedins_code, m.msgid, m.infno, m.digest)
             <> (asked.fixmedins_code, asked.msgid, asked.infno, asked.digest)
         LIMIT 1
       ), false) AS has_open,
       NOT EXISTS (
         SELECT FROM (
           SELECT m."partition", max(m."offset") AS "offset" FROM message m
           WHERE m.psn_no = asked.psn_no AND m."offset" IS NOT NULL
           GROUP BY m."partition"
         ) entered
         LEFT JOIN checkpoint c
           ON c.topic = 'jiesuan.ledger' AND c."partition" = entered."partition"
         WHERE coalesce(c."offset", -1) < entered."offset"
       ) AS is_projected,
       greatest(0, coalesce(a.loaded_fen - (
         SELECT coalesce(sum(s.acct_pay_fen), 0) FROM settlement s
         WHERE s.psn_no = a.psn_no AND s."offset" > a.after
       ), 0))::bigint AS left_fen,
       coalesce((
         SELECT true FROM barred r
         WHERE r.fixmedins_code = asked.fixmedins_code AND r.psn_no = asked.psn_no
           AND r.infno = asked.infno AND r.msgid = asked.msgid
         LIMIT 1
       ), false) AS is_barred,
       coalesce((
         SELECT true FROM message m
         WHERE m.fixmedins_code = asked.fixmedins_code AND m.request_id = asked.request_id
         LIMIT 1
       ), (
         SELECT true FROM barred r
         WHERE r.fixmedins_code = asked.fixmedins_code AND r.psn_no = asked.psn_no
           AND r.infno <> asked.infno AND r.msgid = asked.msgid
         LIMIT 1
       ), false) AS is_taken
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::text[])
  WITH ORDINALITY AS asked (mdtrt_id, chrg_bchno, psn_no, fixmedins_code, msgid, infno,
                            digest, request_id, n)
LEFT JOIN visit v ON v.mdtrt_id = asked.mdtrt_id
LEFT JOIN batch b ON b.mdtrt_id = asked.mdtrt_id AND b.chrg_bchno = asked.chrg_bchno
LEFT JOIN vault.account a ON a.psn_no = asked.psn_no

-- keep --
-- Messages and their replies, and what they change of visits. A visit is changed only as
-- it was seen: who finds it held, or of another version, looks again. Of two deliveries
-- the second waits here for the first one's transaction, and writes nothing.
WITH said AS (
  SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
    $7::text[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::integer[],
    $13::text[], $14::text[], $15::text[], $16::text[]
  ) AS said (fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
             psn_no, replied_at, output, err_msg, mdtrt_id, version,
             med_type, dise_codg, dise_name, rxfixmedins_code)
), held AS MATERIALIZED (
  SELECT mdtrt_id, version FROM visit WHERE mdtrt_id = ANY($11::text[])
  ORDER BY mdtrt_id FOR UPDATE SKIP LOCKED
), kept AS (
  INSERT INTO message (fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
                       psn_no, replied_at, output, err_msg)
  SELECT fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
         psn_no, replied_at, output, err_msg
  FROM said
  WHERE version IS NULL OR EXISTS (
    SELECT FROM held
    WHERE held.mdtrt_id = said.mdtrt_id AND held.version = said.version
  )
  ON CONFLICT DO NOTHING
  RETURNING inf_refmsgid
), moved AS (
  -- Where it was described, as it was described.
  UPDATE visit v
  SET version = v.version + 1,
      med_type = coalesce(said.med_type, v.med_type),
      dise_codg = CASE WHEN said.med_type IS NULL THEN v.dise_codg
                       ELSE said.dise_codg END,
      dise_name = CASE WHEN said.med_type IS NULL THEN v.dise_name
                       ELSE said.dise_name END,
      rxfixmedins_code = CASE WHEN said.med_type IS NULL THEN v.rxfixmedins_code
                              ELSE said.rxfixmedins_code END
  FROM said JOIN kept USING (inf_refmsgid)
  WHERE said.version IS NOT NULL AND v.mdtrt_id = said.mdtrt_id
), registered AS (
  INSERT INTO visit (mdtrt_id, fixmedins_code, psn_no, insutype, insuplc_admdvs,
                     ipt_otp_no, begntime)
  SELECT mdtrt_id, fixmedins_code, psn_no, insutype, insuplc_admdvs, ipt_otp_no, begntime
  FROM unnest(
    $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[],
    $23::text[], $24::timestamptz[]
  ) AS opened (inf_refmsgid, mdtrt_id, fixmedins_code, psn_no, insutype, insuplc_admdvs,
               ipt_otp_no, begntime)
  JOIN kept USING (inf_refmsgid)
), put AS (
  -- Sent again before it is settled, a batch replaces what it was.
  INSERT INTO batch (mdtrt_id, chrg_bchno, lines)
  SELECT mdtrt_id, chrg_bchno, lines
  FROM unnest($25::text[], $26::text[], $27::text[], $28::text[])
    AS sent (inf_refmsgid, mdtrt_id, chrg_bchno, lines)
  JOIN kept USING (inf_refmsgid)
  ON CONFLICT (mdtrt_id, chrg_bchno) DO UPDATE SET lines = excluded.lines
  WHERE batch.setl_id IS NULL
)
SELECT inf_refmsgid FROM kept

-- intend --
-- Written before it is sent: who takes a message up after a crash sends the same. A bill
-- is one of the visit that was seen, and changes it.
WITH asked AS (
  SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
    $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::integer[],
    $13::boolean[], $14::text[]
  ) AS asked (fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
              psn_no, request_id, request, mdtrt_id, chrg_bchno, version,
              uses_account, topic)
), held AS MATERIALIZED (
  SELECT mdtrt_id, version FROM visit WHERE mdtrt_id = ANY($10::text[])
  ORDER BY mdtrt_id FOR UPDATE SKIP LOCKED
), kept AS (
  INSERT INTO message (fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
                       psn_no, request_id, request, mdtrt_id, chrg_bchno,
                       uses_account, topic)
  SELECT fixmedins_code, msgid, infno, digest, inf_refmsgid, received_at,
         psn_no, request_id, request, mdtrt_id, chrg_bchno, uses_account, topic
  FROM asked
  WHERE version IS NULL OR EXISTS (
    SELECT FROM held
    WHERE held.mdtrt_id = asked.mdtrt_id AND held.version = asked.version
  )
  ON CONFLICT DO NOTHING
  RETURNING inf_refmsgid
), moved AS (
  UPDATE visit v SET version = v.version + 1
  FROM asked JOIN kept USING (inf_refmsgid)
  WHERE asked.version IS NOT NULL AND v.mdtrt_id = asked.mdtrt_id
)
SELECT inf_refmsgid FROM kept

-- reply --
-- Only of rows that have none: the first reply stands. A settlement marks its batch.
WITH told AS (
  SELECT * FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[],
    $7::text[], $8::integer[], $9::bigint[], $10::text[]
  ) AS told (fixmedins_code, msgid, infno, digest, replied_at, output, err_msg,
             "partition", "offset", setl_id)
), said AS (
  UPDATE message m
  SET replied_at = told.replied_at, output = told.output, err_msg = told.err_msg,
      "partition" = told."partition", "offset" = told."offset"
  FROM told
  WHERE m.fixmedins_code = told.fixmedins_code AND m.msgid = told.msgid
    AND m.infno = told.infno AND m.digest = told.digest AND m.replied_at IS NULL
  RETURNING m.fixmedins_code, m.msgid, m.infno, m.digest, m.mdtrt_id, m.chrg_bchno,
            told.setl_id
), marked AS (
  UPDATE batch SET setl_id = said.setl_id FROM said
  WHERE said.setl_id IS NOT NULL AND batch.mdtrt_id = said.mdtrt_id
    AND batch.chrg_bchno = said.chrg_bchno
)
SELECT fixmedins_code, msgid, infno, digest FROM said
