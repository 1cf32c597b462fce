-- 清算汇总（已扣除退费） · clearing by month, regions, scheme, category and institution, net of refunds
CREATE TABLE IF NOT EXISTS clearing_line (
  -- 清算年月 · clearing month YYYYMM: Beijing month of recording
  clr_ym              text NOT NULL,
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs     text NOT NULL,
  -- 参保地医保区划 · region of enrolment
  insuplc_admdvs      text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype            text NOT NULL,
  -- 清算类别 · clearing category
  clr_type            text NOT NULL,
  -- 定点医药机构编号 · institution
  fixmedins_code      text NOT NULL,
  -- 结算笔数 · settlements recorded in the month
  setl_cnt            bigint NOT NULL,
  -- 退费笔数 · refunds recorded in the month, whatever month they take back
  refd_cnt            bigint NOT NULL,
  -- 医疗费总额净额（分） · total charge, net of refunds, fen
  medfee_sumamt_fen   bigint NOT NULL,
  -- 基金支付总额净额（分） · paid by all funds, net of refunds, fen
  fund_pay_sumamt_fen bigint NOT NULL,
  -- 基本医疗保险统筹基金支出净额（分） · paid by the pool, net of refunds, fen
  hifp_pay_fen        bigint NOT NULL,
  -- 职工大额医疗费用补助基金支出净额（分） · paid by the large-sum fund, net of refunds, fen
  hifob_pay_fen       bigint NOT NULL,
  -- 个人账户支出净额（分） · paid from the personal account, net of refunds, fen
  acct_pay_fen        bigint NOT NULL,
  -- 个人现金支出净额（分） · paid in cash, net of refunds, fen
  psn_cash_pay_fen    bigint NOT NULL,
  PRIMARY KEY (clr_ym, mdtrtarea_admvs, insuplc_admdvs, insutype, clr_type,
               fixmedins_code)
);
