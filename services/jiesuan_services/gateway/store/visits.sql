-- register_purchase --
-- A purchase is its own visit, under the id that its request will carry.
INSERT INTO visit (mdtrt_id, fixmedins_code, psn_no, insutype, insuplc_admdvs,
                   ipt_otp_no, begntime)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- move_visit --
-- To the id under which the ledger has the purchase, unless it is kept there already.
WITH moved AS (
  DELETE FROM visit WHERE mdtrt_id = $1
  RETURNING fixmedins_code, psn_no, insutype, insuplc_admdvs, begntime
)
INSERT INTO visit (mdtrt_id, fixmedins_code, psn_no, insutype, insuplc_admdvs,
                   ipt_otp_no, begntime)
SELECT $2, fixmedins_code, psn_no, insutype, insuplc_admdvs, $2, begntime FROM moved
ON CONFLICT DO NOTHING

-- move_batch --
WITH moved AS (DELETE FROM batch WHERE mdtrt_id = $1 RETURNING lines)
INSERT INTO batch (mdtrt_id, chrg_bchno, lines) SELECT $2, $2, lines FROM moved
ON CONFLICT DO NOTHING

-- visit --
SELECT * FROM visit WHERE mdtrt_id = $1

-- lock_visit --
-- Two messages about one visit are looked at one after the other.
SELECT * FROM visit WHERE mdtrt_id = $1 FOR UPDATE

-- cancel --
UPDATE visit SET cancelled = true, version = version + 1 WHERE mdtrt_id = $1

-- changed --
-- Who saw it before looks again.
UPDATE visit SET version = version + 1 WHERE mdtrt_id = $1

-- settled --
SELECT chrg_bchno, setl_id FROM batch
WHERE mdtrt_id = $1 AND setl_id IS NOT NULL
ORDER BY chrg_bchno

-- batch --
SELECT * FROM batch WHERE mdtrt_id = $1 AND chrg_bchno = $2

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
