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
