-- register --
-- What a visit's id begins with is given, the serial number follows.
INSERT INTO visit (mdtrt_id, fixmedins_code, psn_no, insutype, insuplc_admdvs,
                   ipt_otp_no, begntime)
VALUES ($1 || lpad(nextval('serial')::text, 10, '0'), $2, $3, $4, $5, $6, $7)
RETURNING mdtrt_id

-- register_purchase --
-- A purchase is its own visit, under the id that its request will carry.
INSERT INTO visit (mdtrt_id, fixmedins_code, psn_no, insutype, insuplc_admdvs,
                   ipt_otp_no, begntime)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- visit --
SELECT * FROM visit WHERE mdtrt_id = $1

-- lock_visit --
-- Two messages about one visit are looked at one after the other.
SELECT * FROM visit WHERE mdtrt_id = $1 FOR UPDATE

-- describe --
UPDATE visit
SET med_type = $2, dise_codg = $3, dise_name = $4, rxfixmedins_code = $5
WHERE mdtrt_id = $1

-- cancel --
UPDATE visit SET cancelled = true WHERE mdtrt_id = $1

-- settled --
SELECT chrg_bchno, setl_id FROM batch
WHERE mdtrt_id = $1 AND setl_id IS NOT NULL
ORDER BY chrg_bchno

-- batch --
SELECT * FROM batch WHERE mdtrt_id = $1 AND chrg_bchno = $2

-- charge --
-- All that a bill needs to know besides its visit, in one question: the batch, whether
-- an outcome about the person is open, whether the read models have come to his last
-- entry, and what his account then holds.
SELECT b.lines, b.setl_id,
       EXISTS (
         SELECT FROM message
         WHERE psn_no = $3 AND request IS NOT NULL AND replied_at IS NULL
       ) AS has_open,
       NOT EXISTS (
         SELECT FROM (
           SELECT "partition", max("offset") AS "offset" FROM message
           WHERE psn_no = $3 AND "offset" IS NOT NULL
           GROUP BY "partition"
         ) entered
         LEFT JOIN checkpoint c
           ON c.topic = 'jiesuan.ledger' AND c."partition" = entered."partition"
         WHERE coalesce(c."offset", -1) < entered."offset"
       ) AS is_projected,
       greatest(0, coalesce(a.loaded_fen - (
         SELECT coalesce(sum(s.acct_pay_fen), 0) FROM settlement s
         WHERE s.psn_no = a.psn_no AND s."offset" > a.after
       ), 0))::bigint AS left_fen
FROM (VALUES (1)) AS one (one)
LEFT JOIN batch b ON b.mdtrt_id = $1 AND b.chrg_bchno = $2
LEFT JOIN vault.account a ON a.psn_no = $3

-- put_batch --
-- Sent again before it is settled, a batch replaces what it was.
INSERT INTO batch (mdtrt_id, chrg_bchno, lines) VALUES ($1, $2, $3)
ON CONFLICT (mdtrt_id, chrg_bchno) DO UPDATE SET lines = excluded.lines
WHERE batch.setl_id IS NULL

-- drop_batch --
DELETE FROM batch WHERE mdtrt_id = $1 AND chrg_bchno = $2 AND setl_id IS NULL

-- drop_unsettled --
DELETE FROM batch WHERE mdtrt_id = $1 AND setl_id IS NULL

-- unsettle --
UPDATE batch SET setl_id = NULL WHERE setl_id = $1

-- lines_of_settlement --
SELECT b.*, v.psn_no, v.fixmedins_code FROM batch b JOIN visit v USING (mdtrt_id)
WHERE b.setl_id = $1

-- lines_of_visit --
SELECT * FROM batch WHERE mdtrt_id = $1 ORDER BY chrg_bchno

-- visits_of_person --
SELECT * FROM visit
WHERE psn_no = $1 AND fixmedins_code = $2 AND begntime BETWEEN $3 AND $4
  AND NOT cancelled
ORDER BY begntime
