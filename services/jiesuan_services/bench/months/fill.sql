-- A month of one institution: settlements of persons of four regions.
INSERT INTO settlement (
  setl_id, medins_setl_id, psn_no, mdtrt_id, year, insutype, psn_type, med_type,
  clr_type, pay_loc, dedc_hosp_lv, tier, dise_codg, fixmedins_code, mdtrtarea_admvs,
  insuplc_admdvs, service_day, policy_pack, policy_sha256, pool_prop_selfpay, balc_fen,
  medfee_sumamt_fen, fulamt_ownpay_amt_fen, overlmt_selfpay_fen, preselfpay_amt_fen,
  inscp_scp_amt_fen, act_pay_dedc_fen, overcap_amt_fen, hifp_pay_fen, hifob_pay_fen,
  ratio_selfpay_fen, hifes_pay_fen, hifmi_pay_fen, cvlserv_pay_fen, maf_pay_fen,
  hifdm_pay_fen, oth_pay_fen, fund_pay_sumamt_fen, psn_part_amt_fen, acct_pay_fen,
  psn_cash_pay_fen, hosp_part_amt_fen, init_setl_id, init_medins_setl_id,
  replaces_setl_id, refd_setl_flag, clr_ym, recorded_at, "partition", "offset", seq)
SELECT
  'S' || lpad(upper(to_hex(n)), 28, '0'), 'M' || n, 'P' || n % 50000, 'V' || n, '2022',
  '310', '11', '11', CASE WHEN n % 3 = 0 THEN '14' ELSE '11' END, '2', '3', 'tertiary',
  NULL, 'H1', '420100', (ARRAY['429900', '420100', '440700', '511700'])[1 + n % 4],
  date '2022-03-01', '429900-310', repeat('a', 64), 0.8, NULL, 10000 + n % 999, 0, 0,
  0, 10000 + n % 999, 0, 0, 8000 + n % 999, 0, 0, 0, 0, 0, 0, 0, 0, 8000 + n % 999,
  2000, 0, 2000, 0, NULL, NULL, NULL, '0', '202203',
  timestamptz '2022-03-01 02:00:00+00' + make_interval(secs => n), n % 8, n / 8 + 1, 0
FROM generate_series(0, $1::bigint - 1) n
