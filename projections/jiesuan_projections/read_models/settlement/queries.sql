-- of_person --
-- Ledger order is the order of a person's life here; their rows lie in one partition.
SELECT s.*,
       s.init_setl_id IS NULL AND NOT EXISTS (
         SELECT FROM settlement r
         WHERE r.init_setl_id = s.setl_id AND r.psn_no = s.psn_no
       ) AS stands
FROM settlement s
WHERE s.psn_no = $1
ORDER BY s."partition", s."offset", s.seq

-- by_id --
SELECT * FROM settlement WHERE setl_id = $1 ORDER BY "partition", "offset", seq

-- claimed --
-- Bills that were not settled on the spot, when their lines came here. A re-settlement
-- is the same bill; a claim that was taken back had come all the same. Claims are few:
-- no index is kept for this one question.
SELECT setl_id, psn_no, fixmedins_code, insuplc_admdvs, insutype, service_day,
       recorded_at
FROM settlement
WHERE pay_loc = '1' AND init_setl_id IS NULL AND replaces_setl_id IS NULL
  AND recorded_at < $1
ORDER BY service_day, psn_no, "partition", "offset", seq

-- years --
-- What `verify` holds against the sums that it adds up from the log.
SELECT year, count(*) FILTER (WHERE refd_setl_flag = '0')
         - count(*) FILTER (WHERE refd_setl_flag = '1') AS count,
       sum(medfee_sumamt_fen)::bigint AS total_charge,
       sum(fund_pay_sumamt_fen)::bigint AS fund_pay,
       count(*) AS rows
  FROM settlement GROUP BY year ORDER BY year

-- reconciled --
-- Rows of an institution and some days as the standard's detail file has them, then the
-- sender's id and the original: made here, so that a million are compared as text.
SELECT setl_id, mdtrt_id, psn_no,
       (medfee_sumamt_fen / 100.0)::numeric(16,2)::text,
       (fund_pay_sumamt_fen / 100.0)::numeric(16,2)::text,
       (acct_pay_fen / 100.0)::numeric(16,2)::text,
       refd_setl_flag, medins_setl_id, init_setl_id
FROM settlement
WHERE fixmedins_code = $1 AND pay_loc <> '1' AND recorded_at >= $2 AND recorded_at < $3
ORDER BY "partition", "offset", seq

-- reconciled_elsewhere --
-- The same of rows that are named in a file without being of its days, with their day.
SELECT s.setl_id, s.mdtrt_id, s.psn_no,
       (s.medfee_sumamt_fen / 100.0)::numeric(16,2)::text AS medfee,
       (s.fund_pay_sumamt_fen / 100.0)::numeric(16,2)::text AS fund_pay,
       (s.acct_pay_fen / 100.0)::numeric(16,2)::text AS acct_pay,
       s.refd_setl_flag, s.medins_setl_id, s.init_setl_id,
       to_char(s.recorded_at AT TIME ZONE interval '8 hours', 'YYYY-MM-DD') AS day
FROM (
  SELECT * FROM settlement WHERE setl_id = ANY($2::text[])
  UNION
  SELECT * FROM settlement WHERE init_setl_id = ANY($2::text[])
) s
WHERE s.fixmedins_code = $1 AND s.pay_loc <> '1'

-- totals --
-- Both habits of counting: every row, or what stands after refunds.
SELECT count(*) AS rows,
       count(*) FILTER (WHERE refd_setl_flag = '0')
         - count(*) FILTER (WHERE refd_setl_flag = '1') AS net,
       coalesce(sum(medfee_sumamt_fen), 0)::bigint AS medfee_sumamt_fen,
       coalesce(sum(fund_pay_sumamt_fen), 0)::bigint AS fund_pay_sumamt_fen,
       coalesce(sum(acct_pay_fen), 0)::bigint AS acct_pay_fen
FROM settlement
WHERE fixmedins_code = $1 AND insutype = $2 AND clr_type = $3 AND pay_loc <> '1'
  AND recorded_at >= $4 AND recorded_at < $5

-- of_clearing_month --
-- What the other side of a month has too, whoever it concerns of the two regions.
SELECT setl_id, mdtrt_id, psn_no, medfee_sumamt_fen, fund_pay_sumamt_fen, acct_pay_fen,
       refd_setl_flag, medins_setl_id, init_setl_id, fixmedins_code
FROM settlement
WHERE clr_ym = $1 AND pay_loc <> '1'
  AND ($2::text IS NULL OR $2 IN (mdtrtarea_admvs, insuplc_admdvs))
ORDER BY "partition", "offset", seq

-- monthly_fund_pay --
-- What rows of other regions used in the twelve months before a year, claims excepted.
SELECT mdtrtarea_admvs, insuplc_admdvs, insutype, clr_ym,
       sum(fund_pay_sumamt_fen)::bigint AS fund_pay_sumamt_fen, count(*) AS rows
FROM settlement
WHERE clr_ym BETWEEN $1 AND $2 AND pay_loc <> '1' AND mdtrtarea_admvs <> insuplc_admdvs
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4

-- bulletin --
-- Of the months of a bulletin, and of the same a year before, each under the month that it
-- is held to: costs by institution, by month, and by disease and type of care, these
-- without claims, as `indicator` has it. One reading of the rows for all three.
SELECT CASE grouping(fixmedins_code, clr_ym) WHEN 1 THEN 'places' WHEN 2 THEN 'months'
            ELSE 'diseases' END AS made_by,
       fixmedins_code, clr_ym, dise_codg, med_type, is_now,
       coalesce(sum(bills) FILTER (WHERE NOT is_claim), 0)::bigint AS direct,
       coalesce(sum(bills) FILTER (WHERE is_claim), 0)::bigint AS claims,
       sum(medfee_sumamt_fen)::bigint AS medfee_sumamt_fen,
       sum(fund_pay_sumamt_fen)::bigint AS fund_pay_sumamt_fen
FROM (
  SELECT fixmedins_code, coalesce(dise_codg, '') AS dise_codg, med_type,
         CASE WHEN clr_ym = ANY($1::text[]) THEN clr_ym
              ELSE ($1::text[])[array_position($2::text[], clr_ym)] END AS clr_ym,
         clr_ym = ANY($1::text[]) AS is_now, pay_loc = '1' AS is_claim,
         CASE refd_setl_flag WHEN '1' THEN -1 ELSE 1 END AS bills,
         medfee_sumamt_fen, fund_pay_sumamt_fen
  FROM settlement WHERE clr_ym = ANY($1::text[] || $2::text[])
) of_months
GROUP BY GROUPING SETS (
  (fixmedins_code, is_now), (clr_ym, is_now), (dise_codg, med_type, is_claim, is_now)
)
HAVING is_claim IS NOT TRUE
ORDER BY 2, 3, 4, 5, 6

-- spent --
-- What the funds of each insured region paid from January up to a month, claims included.
SELECT insuplc_admdvs, insutype, sum(fund_pay_sumamt_fen)::bigint AS used_fen
FROM settlement WHERE clr_ym BETWEEN $1 AND $2
GROUP BY 1, 2 ORDER BY 1, 2
