-- The rows of the month as clearing keeps them.
SELECT setl_id, "partition", "offset", seq, clr_ym, mdtrtarea_admvs, insuplc_admdvs,
       fixmedins_code, insutype, clr_type, medfee_sumamt_fen, fund_pay_sumamt_fen,
       acct_pay_fen, psn_cash_pay_fen
FROM settlement ORDER BY "partition", "offset", seq
