-- heads --
SELECT mdtrtarea_admvs, version, hash FROM clearing_head
WHERE mdtrtarea_admvs = ANY($1::text[])

-- move_head --
INSERT INTO clearing_head (mdtrtarea_admvs, version, hash) VALUES ($1, $2, $3)
ON CONFLICT (mdtrtarea_admvs) DO UPDATE
SET version = excluded.version, hash = excluded.hash

-- keep_part --
-- A part counts when the fact after it has come.
INSERT INTO clearing_part (mdtrtarea_admvs, version, value) VALUES ($1, $2, $3)

-- take_parts --
DELETE FROM clearing_part WHERE mdtrtarea_admvs = $1
RETURNING version, value

-- note_fork --
INSERT INTO clearing_fork ("offset", reason) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- ledger_positions --
-- The rows that a draw speaks of lie in the live table, wherever this is rebuilt.
SELECT "partition", "offset" FROM jiesuan.checkpoint WHERE topic = $1

-- statement --
INSERT INTO clearing_statement (
  statement_id, kind, clr_ym, mdtrtarea_admvs, insuplc_admdvs, fixmedins_code, insutype,
  clr_type, clr_stas, setl_cnt, refd_cnt, medfee_sumamt_fen, fund_pay_sumamt_fen,
  acct_pay_fen, psn_cash_pay_fen, deducted_fen, recovered_fen, payable_fen, paid_fen,
  declare_by, latest_on, hard_stop, drawn_on, declared_on, paid_on, late, overdue,
  exception, reason, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
        $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
ON CONFLICT (statement_id) DO UPDATE
SET clr_stas = excluded.clr_stas, setl_cnt = excluded.setl_cnt,
    refd_cnt = excluded.refd_cnt, medfee_sumamt_fen = excluded.medfee_sumamt_fen,
    fund_pay_sumamt_fen = excluded.fund_pay_sumamt_fen,
    acct_pay_fen = excluded.acct_pay_fen, psn_cash_pay_fen = excluded.psn_cash_pay_fen,
    deducted_fen = excluded.deducted_fen, recovered_fen = excluded.recovered_fen,
    payable_fen = excluded.payable_fen, paid_fen = excluded.paid_fen,
    latest_on = excluded.latest_on, hard_stop = excluded.hard_stop,
    declared_on = excluded.declared_on, paid_on = excluded.paid_on,
    late = excluded.late, overdue = excluded.overdue, exception = excluded.exception,
    reason = excluded.reason, digest = excluded.digest

-- line --
UPDATE clearing_row
SET cnfm_flag = $3, deducted_fen = $4, carried_from = $5, carried_to = $6
WHERE statement_id = $1 AND setl_id = $2

-- carry --
-- Whatever was carried on and waits goes into the statements of this month.
UPDATE clearing_row
SET carried_to = split_part(statement_id, ':', 1) || ':' || $2
                 || substr(statement_id, length(split_part(statement_id, ':', 1)) + 8)
WHERE mdtrtarea_admvs = $1 AND cnfm_flag = '0' AND carried_to IS NULL
RETURNING statement_id

-- draw --
-- Rows recorded since the last draw, or belonging to a month after it, as far as this
-- draw had read; and those that were just carried on. Each into both kinds.
WITH read AS (
  SELECT * FROM unnest($3::integer[], $4::bigint[]) AS r("partition", "offset")
), before AS (
  SELECT d.clr_ym, d."partition", d."offset" FROM clearing_draw d
  WHERE d.mdtrtarea_admvs = $1 AND d.clr_ym = (
    SELECT max(m.clr_ym) FROM clearing_draw m WHERE m.mdtrtarea_admvs = $1)
), new AS (
  SELECT s.setl_id, s.clr_ym, s.fixmedins_code, s.insuplc_admdvs, s.insutype, s.clr_type
  FROM jiesuan.settlement s
  JOIN read r ON r."partition" = s."partition" AND s."offset" <= r."offset"
  LEFT JOIN before b ON b."partition" = s."partition"
  WHERE s.mdtrtarea_admvs = $1 AND s.pay_loc <> '1' AND s.clr_ym <= $2
    AND (b.clr_ym IS NULL OR s.clr_ym > b.clr_ym OR s."offset" > b."offset")
), taken AS (
  SELECT n.setl_id, n.clr_ym, k.kind, k.party, n.insutype, n.clr_type
  FROM new n
  CROSS JOIN LATERAL (VALUES ('institution', n.fixmedins_code),
                             ('region', n.insuplc_admdvs)) AS k(kind, party)
  WHERE k.kind = 'institution' OR n.insuplc_admdvs <> $1
)
INSERT INTO clearing_row (statement_id, setl_id, deducted_fen, carried_from,
                          mdtrtarea_admvs, since_clr_ym)
SELECT t.kind || ':' || $2 || ':' || $1 || ':' || t.party || ':' || t.insutype || ':'
       || t.clr_type, t.setl_id, 0, NULL, $1, t.clr_ym
FROM taken t
UNION ALL
SELECT c.carried_to, c.setl_id, 0, c.statement_id, $1, c.since_clr_ym
FROM clearing_row c
WHERE c.mdtrtarea_admvs = $1 AND c.cnfm_flag = '0' AND c.carried_to IS NOT NULL
  AND split_part(c.carried_to, ':', 2) = $2

-- note_draw --
INSERT INTO clearing_draw (mdtrtarea_admvs, clr_ym, "partition", "offset")
SELECT $1, $2, r."partition", r."offset"
FROM unnest($3::integer[], $4::bigint[]) AS r("partition", "offset")

-- deduct --
INSERT INTO clearing_deduction
  (statement_id, setl_id, amount_fen, article, reason, "offset", seq, in_force)
VALUES ($1, $2, $3, $4, $5, $6, $7, true)

-- undeduct --
UPDATE clearing_deduction SET in_force = false WHERE statement_id = $1

-- forget_fines --
DELETE FROM clearing_fine WHERE statement_id = $1

-- fine --
INSERT INTO clearing_fine
  (statement_id, seq, amount_fen, kind, article, reason, fined_on)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- note_rejection --
INSERT INTO clearing_rejection (statement_id, rejected_on) VALUES ($1, $2)
ON CONFLICT (statement_id) DO UPDATE SET rejected_on = excluded.rejected_on

-- forget_recovery --
DELETE FROM clearing_recovery
WHERE kind = $1 AND mdtrtarea_admvs = $2
  AND coalesce(insuplc_admdvs, fixmedins_code) = coalesce($3, $4)
  AND insutype = $5 AND clr_type = $6

-- recover --
INSERT INTO clearing_recovery (kind, mdtrtarea_admvs, insuplc_admdvs, fixmedins_code,
                               insutype, clr_type, pending_fen)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- quota --
INSERT INTO prepayment_account AS a
  (mdtrtarea_admvs, insuplc_admdvs, insutype, year, quota_fen, warn_ratio,
   released_fen, paid_fen, deducted_fen)
VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0)
ON CONFLICT (mdtrtarea_admvs, insuplc_admdvs, insutype, year) DO UPDATE
SET quota_fen = excluded.quota_fen, warn_ratio = excluded.warn_ratio

-- settle --
INSERT INTO prepayment_account AS a
  (mdtrtarea_admvs, insuplc_admdvs, insutype, year, released_fen, paid_fen,
   deducted_fen)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (mdtrtarea_admvs, insuplc_admdvs, insutype, year) DO UPDATE
SET released_fen = a.released_fen + excluded.released_fen,
    paid_fen = a.paid_fen + excluded.paid_fen,
    deducted_fen = a.deducted_fen + excluded.deducted_fen

-- statements --
SELECT * FROM clearing_statement WHERE clr_ym = $1 ORDER BY statement_id COLLATE "C"

-- by_id --
SELECT * FROM clearing_statement WHERE statement_id = $1

-- rows_of --
-- A statement's rows in ledger order, with what the ledger says of each.
SELECT r.setl_id, r.cnfm_flag, r.deducted_fen, r.carried_from, r.carried_to,
       s.medins_setl_id, s.fixmedins_code, s.service_day, s.refd_setl_flag,
       s.medfee_sumamt_fen, s.fund_pay_sumamt_fen
FROM clearing_row r
LEFT JOIN jiesuan.settlement s USING (setl_id)
WHERE r.statement_id = $1
ORDER BY s."partition", s."offset", s.seq

-- deductions_of --
-- Of one statement: its own audits', and whether they still count.
SELECT setl_id, amount_fen, article, reason, in_force
FROM clearing_deduction WHERE statement_id = $1 ORDER BY "offset", seq

-- fines_of --
SELECT amount_fen, kind, article, reason, fined_on
FROM clearing_fine WHERE statement_id = $1 ORDER BY seq

-- unfinished --
-- Whatever has a deadline before it: not declared, or not cleared.
SELECT s.statement_id, s.clr_stas, s.payable_fen, s.declare_by, s.latest_on, s.hard_stop,
       s.clr_stas IN ('00', '70') AS to_declare, r.rejected_on
FROM clearing_statement s
LEFT JOIN clearing_rejection r ON r.statement_id = s.statement_id
WHERE s.clr_stas NOT IN ('50', '60')
ORDER BY s.statement_id COLLATE "C"

-- owed --
-- Who owes whom for some months, and how much of it is paid.
SELECT insuplc_admdvs, mdtrtarea_admvs, sum(payable_fen)::bigint AS payable_fen,
       sum(coalesce(paid_fen, 0))::bigint AS paid_fen,
       count(*) FILTER (WHERE late OR overdue) AS marked
FROM clearing_statement WHERE kind = 'region' AND clr_ym = ANY($1::text[])
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2

-- balance --
-- What each region is owed and owes for some months, whatever the state.
SELECT admdvs, sum(receivable_fen)::bigint AS receivable_fen,
       sum(payable_fen)::bigint AS payable_fen
FROM clearing_balance WHERE clr_ym = ANY($1::text[])
GROUP BY admdvs ORDER BY admdvs COLLATE "C"

-- unbalanced --
-- Postings whose legs do not come to nothing: there are none.
SELECT count(*) FROM (
  SELECT FROM clearing_posting
  GROUP BY statement_id, what, setl_id, seq HAVING sum(posted_fen) <> 0
) p

-- limits --
-- The prepayments of a year with a quota: what is used of each, beyond it or not.
SELECT mdtrtarea_admvs, insuplc_admdvs, insutype, year, quota_fen, used_fen
FROM prepayment WHERE year = $1 AND quota_fen IS NOT NULL
ORDER BY insuplc_admdvs, mdtrtarea_admvs, insutype

-- found_in --
-- Rows that stand in a statement and were found fault with: what the fund paid for each,
-- and what audits deducted of it already, in whichever kind.
SELECT f.setl_id, f.rule, f.severity, f.zh, t.medins_setl_id, t.fixmedins_code,
       t.fund_pay_sumamt_fen,
       coalesce((SELECT sum(d.amount_fen) FROM clearing_deduction d
                 WHERE d.setl_id = f.setl_id AND d.in_force), 0)::bigint AS deducted_fen
FROM clearing_row r
JOIN jiesuan.finding f ON f.setl_id = r.setl_id
JOIN jiesuan.settlement t ON t.setl_id = r.setl_id
WHERE r.statement_id = $1 AND r.cnfm_flag IS DISTINCT FROM '0'
ORDER BY t."partition", t."offset", t.seq, f.severity DESC, f.rule, f.zh

-- accounts --
SELECT * FROM prepayment WHERE year = $1
ORDER BY mdtrtarea_admvs, insuplc_admdvs, insutype

-- cleared --
-- Statements between regions that are cleared and not paid: of each, the rows that used
-- the prepayment of a year. What it recovers counts in the year of its month.
SELECT s.statement_id, s.mdtrtarea_admvs, s.insuplc_admdvs, s.insutype,
       coalesce(r.fund_pay_fen, 0)::bigint AS fund_pay_fen,
       coalesce(r.deducted_fen, 0)::bigint AS deducted_fen,
       CASE WHEN left(s.clr_ym, 4) = $1 THEN s.recovered_fen ELSE 0 END AS recovered_fen
FROM clearing_statement s
LEFT JOIN LATERAL (
  SELECT sum(t.fund_pay_sumamt_fen) AS fund_pay_fen, sum(c.deducted_fen) AS deducted_fen
  FROM clearing_row c JOIN jiesuan.settlement t ON t.setl_id = c.setl_id
  WHERE c.statement_id = s.statement_id AND c.cnfm_flag IS DISTINCT FROM '0'
    AND left(c.since_clr_ym, 4) = $1
) r ON true
WHERE s.kind = 'region' AND s.clr_stas = '50'
  AND (r.fund_pay_fen IS NOT NULL OR left(s.clr_ym, 4) = $1)
ORDER BY s.statement_id COLLATE "C"
