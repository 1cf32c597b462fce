-- stage --
CREATE TEMP TABLE IF NOT EXISTS stage_person_year
  (LIKE person_year) ON COMMIT DELETE ROWS

-- merge --
-- Facts carry the accumulators after them, so the last entry wins. A report made
-- elsewhere names no settlement of ours: the one before stays named.
INSERT INTO person_year AS y
SELECT * FROM stage_person_year
ON CONFLICT (psn_no, insutype, year) DO UPDATE
SET ordinary_inscp_fen = excluded.ordinary_inscp_fen,
    inscp_fen = excluded.inscp_fen,
    dedc_fen = excluded.dedc_fen,
    overcap_fen = excluded.overcap_fen,
    hifp_fen = excluded.hifp_fen,
    hifob_fen = excluded.hifob_fen,
    psn_part_fen = excluded.psn_part_fen,
    setl_cnt = excluded.setl_cnt,
    last_setl_id = coalesce(excluded.last_setl_id, y.last_setl_id),
    last_partition = excluded.last_partition,
    last_offset = excluded.last_offset

-- of_person --
SELECT * FROM person_year WHERE psn_no = $1 ORDER BY insutype, year

-- disagreements --
-- The accumulators that facts state must be the sums of what stands.
SELECT y.psn_no, y.insutype, y.year, y.last_partition, y.last_offset
FROM person_year y
FULL JOIN (
  SELECT psn_no, insutype, year,
         sum(inscp_scp_amt_fen) FILTER (WHERE med_type IN ('11', '13', '41'))
           AS ordinary_inscp_fen,
         sum(inscp_scp_amt_fen) AS inscp_fen,
         sum(act_pay_dedc_fen) AS dedc_fen,
         sum(overcap_amt_fen) AS overcap_fen,
         sum(hifp_pay_fen) AS hifp_fen,
         sum(hifob_pay_fen) AS hifob_fen,
         sum(psn_part_amt_fen) AS psn_part_fen,
         count(*) AS setl_cnt
  FROM settlement_effective
  GROUP BY psn_no, insutype, year
) s USING (psn_no, insutype, year)
LEFT JOIN (
  SELECT psn_no, insutype, year, sum(inscp_scp_amt_fen) AS reported_fen
  FROM inpatient_report
  GROUP BY psn_no, insutype, year
) i USING (psn_no, insutype, year)
WHERE (y.ordinary_inscp_fen, y.inscp_fen, y.dedc_fen, y.overcap_fen, y.hifp_fen,
       y.hifob_fen, y.psn_part_fen, y.setl_cnt)
   IS DISTINCT FROM
      (coalesce(s.ordinary_inscp_fen, 0),
       coalesce(s.inscp_fen, 0) + coalesce(i.reported_fen, 0),
       coalesce(s.dedc_fen, 0), coalesce(s.overcap_fen, 0), coalesce(s.hifp_fen, 0),
       coalesce(s.hifob_fen, 0), coalesce(s.psn_part_fen, 0), coalesce(s.setl_cnt, 0))
ORDER BY 1, 2, 3
LIMIT 100
