-- merge --
-- A batch adds its own sums: what was cleared before is never recomputed. Lines are
-- locked in one order, so that two writers wait for each other and never in a circle.
INSERT INTO clearing_line AS c
SELECT * FROM unnest($1::text::text[], $2::text::text[], $3::text::text[],
  $4::text::text[], $5::text::text[], $6::text::text[], $7::text::bigint[],
  $8::text::bigint[], $9::text::bigint[], $10::text::bigint[], $11::text::bigint[],
  $12::text::bigint[], $13::text::bigint[], $14::text::bigint[])
ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (clr_ym, mdtrtarea_admvs, insuplc_admdvs, insutype, clr_type,
             fixmedins_code) DO UPDATE
SET setl_cnt = c.setl_cnt + excluded.setl_cnt,
    refd_cnt = c.refd_cnt + excluded.refd_cnt,
    medfee_sumamt_fen = c.medfee_sumamt_fen + excluded.medfee_sumamt_fen,
    fund_pay_sumamt_fen = c.fund_pay_sumamt_fen + excluded.fund_pay_sumamt_fen,
    hifp_pay_fen = c.hifp_pay_fen + excluded.hifp_pay_fen,
    hifob_pay_fen = c.hifob_pay_fen + excluded.hifob_pay_fen,
    acct_pay_fen = c.acct_pay_fen + excluded.acct_pay_fen,
    psn_cash_pay_fen = c.psn_cash_pay_fen + excluded.psn_cash_pay_fen

-- of_month --
SELECT * FROM clearing_line
WHERE clr_ym = $1
ORDER BY mdtrtarea_admvs, insuplc_admdvs, insutype, clr_type, fixmedins_code

-- disagreements --
-- Every line must be the sum of its signed rows.
SELECT clr_ym, mdtrtarea_admvs, insuplc_admdvs, insutype, clr_type, fixmedins_code
FROM clearing_line c
FULL JOIN (
  SELECT clr_ym, mdtrtarea_admvs, insuplc_admdvs, insutype, clr_type, fixmedins_code,
         count(*) FILTER (WHERE refd_setl_flag = '0') AS setl_cnt,
         count(*) FILTER (WHERE refd_setl_flag = '1') AS refd_cnt,
         sum(medfee_sumamt_fen) AS medfee_sumamt_fen,
         sum(fund_pay_sumamt_fen) AS fund_pay_sumamt_fen,
         sum(hifp_pay_fen) AS hifp_pay_fen,
         sum(hifob_pay_fen) AS hifob_pay_fen,
         sum(acct_pay_fen) AS acct_pay_fen,
         sum(psn_cash_pay_fen) AS psn_cash_pay_fen
  FROM settlement
  GROUP BY 1, 2, 3, 4, 5, 6
) s USING (clr_ym, mdtrtarea_admvs, insuplc_admdvs, insutype, clr_type, fixmedins_code)
WHERE (c.setl_cnt, c.refd_cnt, c.medfee_sumamt_fen, c.fund_pay_sumamt_fen,
       c.hifp_pay_fen, c.hifob_pay_fen, c.acct_pay_fen, c.psn_cash_pay_fen)
   IS DISTINCT FROM
      (s.setl_cnt, s.refd_cnt, s.medfee_sumamt_fen, s.fund_pay_sumamt_fen,
       s.hifp_pay_fen, s.hifob_pay_fen, s.acct_pay_fen, s.psn_cash_pay_fen)
ORDER BY 1, 2, 3, 4, 5, 6
LIMIT 100
