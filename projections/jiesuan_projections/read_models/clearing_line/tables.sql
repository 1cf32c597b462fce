CREATE TABLE IF NOT EXISTS clearing_line (
  clr_ym              text NOT NULL,
  mdtrtarea_admvs     text NOT NULL,
  insuplc_admdvs      text NOT NULL,
  insutype            text NOT NULL,
  clr_type            text NOT NULL,
  fixmedins_code      text NOT NULL,
  setl_cnt            bigint NOT NULL,
  refd_cnt            bigint NOT NULL,
  medfee_sumamt_fen   bigint NOT NULL,
  fund_pay_sumamt_fen bigint NOT NULL,
  hifp_pay_fen        bigint NOT NULL,
  hifob_pay_fen       bigint NOT NULL,
  acct_pay_fen        bigint NOT NULL,
  psn_cash_pay_fen    bigint NOT NULL,
  PRIMARY KEY (clr_ym, mdtrtarea_admvs, insuplc_admdvs, insutype, clr_type,
               fixmedins_code)
);
COMMENT ON TABLE clearing_line IS '清算汇总（已扣除退费） · clearing by month, regions, scheme, category and institution, net of refunds';
COMMENT ON COLUMN clearing_line.clr_ym IS
  '清算年月 · clearing month YYYYMM: Beijing month of recording';
COMMENT ON COLUMN clearing_line.mdtrtarea_admvs IS
  '就医地医保区划 · region of care';
COMMENT ON COLUMN clearing_line.insuplc_admdvs IS
  '参保地医保区划 · region of enrolment';
COMMENT ON COLUMN clearing_line.insutype IS
  '险种类型 · insurance scheme';
COMMENT ON COLUMN clearing_line.clr_type IS
  '清算类别 · clearing category';
COMMENT ON COLUMN clearing_line.fixmedins_code IS
  '定点医药机构编号 · institution';
COMMENT ON COLUMN clearing_line.setl_cnt IS
  '结算笔数 · settlements recorded in the month';
COMMENT ON COLUMN clearing_line.refd_cnt IS
  '退费笔数 · refunds recorded in the month, whatever month they take back';
COMMENT ON COLUMN clearing_line.medfee_sumamt_fen IS
  '医疗费总额净额（分） · total charge, net of refunds, fen';
COMMENT ON COLUMN clearing_line.fund_pay_sumamt_fen IS
  '基金支付总额净额（分） · paid by all funds, net of refunds, fen';
COMMENT ON COLUMN clearing_line.hifp_pay_fen IS
  '基本医疗保险统筹基金支出净额（分） · paid by the pool, net of refunds, fen';
COMMENT ON COLUMN clearing_line.hifob_pay_fen IS
  '职工大额医疗费用补助基金支出净额（分） · paid by the large-sum fund, net of refunds, fen';
COMMENT ON COLUMN clearing_line.acct_pay_fen IS
  '个人账户支出净额（分） · paid from the personal account, net of refunds, fen';
COMMENT ON COLUMN clearing_line.psn_cash_pay_fen IS
  '个人现金支出净额（分） · paid in cash, net of refunds, fen';
