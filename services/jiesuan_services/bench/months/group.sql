-- What a draw makes, as one statement: of both kinds the sums of each statement and the
-- digest of its rows in ledger order.
SELECT kind, party, insutype, clr_type, count(*) AS setl_cnt,
       sum(medfee_sumamt_fen) AS medfee, sum(fund_pay_sumamt_fen) AS fund_pay,
       sum(acct_pay_fen) AS acct_pay, sum(psn_cash_pay_fen) AS cash,
       encode(sha256(convert_to(
         string_agg(setl_id || E'\n', '' ORDER BY "partition", "offset", seq), 'UTF8'
       )), 'hex') AS digest
FROM settlement s
CROSS JOIN LATERAL (VALUES ('institution', s.fixmedins_code),
                           ('region', s.insuplc_admdvs)) AS k(kind, party)
WHERE s.pay_loc <> '1' AND (k.kind = 'institution' OR k.party <> s.mdtrtarea_admvs)
GROUP BY 1, 2, 3, 4
