-- merge --
-- Each batch adds what it moves; the checkpoint moves in the same transaction.
INSERT INTO person_year AS y
SELECT * FROM unnest($1::text::text[], $2::text::text[], $3::text::text[],
  $4::text::text[], $5::text::bigint[], $6::text::bigint[], $7::text::bigint[],
  $8::text::bigint[], $9::text::bigint[], $10::text::bigint[], $11::text::bigint[],
  $12::text::bigint[], $13::text::text[], $14::text::integer[], $15::text::bigint[])
ON CONFLICT (psn_no, insuplc_admdvs, insutype, year) DO UPDATE
SET ordinary_inscp_fen = y.ordinary_inscp_fen + excluded.ordinary_inscp_fen,
    inscp_fen = y.inscp_fen + excluded.inscp_fen,
    dedc_fen = y.dedc_fen + excluded.dedc_fen,
    overcap_fen = y.overcap_fen + excluded.overcap_fen,
    hifp_fen = y.hifp_fen + excluded.hifp_fen,
    hifob_fen = y.hifob_fen + excluded.hifob_fen,
    psn_part_fen = y.psn_part_fen + excluded.psn_part_fen,
    setl_cnt = y.setl_cnt + excluded.setl_cnt,
    last_setl_id = coalesce(excluded.last_setl_id, y.last_setl_id),
    last_partition = excluded.last_partition,
    last_offset = excluded.last_offset

-- homes --
-- The region of each person's latest enrolment, before the batch at hand.
SELECT psn_no, insutype, insuplc_admdvs, begndate
FROM person_home
WHERE psn_no = ANY($1::text[])

-- enrol --
-- The latest begins last; of one day the last entered counts.
INSERT INTO person_home AS h
SELECT * FROM unnest($1::text::text[], $2::text::text[], $3::text::text[],
  $4::text::date[])
ON CONFLICT (psn_no, insutype) DO UPDATE
SET insuplc_admdvs = excluded.insuplc_admdvs, begndate = excluded.begndate
WHERE excluded.begndate >= h.begndate

-- of_person --
SELECT * FROM person_year WHERE psn_no = $1 ORDER BY insutype, year, insuplc_admdvs

-- disagreements --
-- The accumulators must be the sums of what stands, pool by pool.
SELECT y.psn_no, y.insuplc_admdvs, y.insutype, y.year, y.last_partition, y.last_offset
FROM person_year y
FULL JOIN (
  SELECT psn_no, insuplc_admdvs, insutype, year,
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
  GROUP BY psn_no, insuplc_admdvs, insutype, year
) s USING (psn_no, insuplc_admdvs, insutype, year)
LEFT JOIN (
  SELECT psn_no, insuplc_admdvs, insutype, year, sum(inscp_scp_amt_fen) AS reported_fen
  FROM inpatient_report
  GROUP BY psn_no, insuplc_admdvs, insutype, year
) i USING (psn_no, insuplc_admdvs, insutype, year)
WHERE (y.ordinary_inscp_fen, y.inscp_fen, y.dedc_fen, y.overcap_fen, y.hifp_fen,
       y.hifob_fen, y.psn_part_fen, y.setl_cnt)
   IS DISTINCT FROM
      (coalesce(s.ordinary_inscp_fen, 0),
       coalesce(s.inscp_fen, 0) + coalesce(i.reported_fen, 0),
       coalesce(s.dedc_fen, 0), coalesce(s.overcap_fen, 0), coalesce(s.hifp_fen, 0),
       coalesce(s.hifob_fen, 0), coalesce(s.psn_part_fen, 0), coalesce(s.setl_cnt, 0))
ORDER BY 1, 2, 3, 4
LIMIT 100
