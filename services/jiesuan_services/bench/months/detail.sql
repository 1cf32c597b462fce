-- The month as the institution's own detail file has it.
SELECT setl_id, mdtrt_id, psn_no,
       (medfee_sumamt_fen / 100.0)::numeric(16,2),
       (fund_pay_sumamt_fen / 100.0)::numeric(16,2),
       (acct_pay_fen / 100.0)::numeric(16,2), refd_setl_flag
FROM settlement WHERE fixmedins_code = 'H1'
ORDER BY "partition", "offset", seq
