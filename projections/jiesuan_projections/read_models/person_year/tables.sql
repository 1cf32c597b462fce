CREATE TABLE IF NOT EXISTS person_year (
  psn_no             text NOT NULL,
  insutype           text NOT NULL,
  year               text NOT NULL,
  ordinary_inscp_fen bigint NOT NULL,
  inscp_fen          bigint NOT NULL,
  dedc_fen           bigint NOT NULL,
  overcap_fen        bigint NOT NULL,
  hifp_fen           bigint NOT NULL,
  hifob_fen          bigint NOT NULL,
  psn_part_fen       bigint NOT NULL,
  setl_cnt           bigint NOT NULL,
  last_setl_id       text,
  last_partition     integer NOT NULL,
  last_offset        bigint NOT NULL,
  PRIMARY KEY (psn_no, insutype, year)
);
COMMENT ON TABLE person_year IS '人员年度累计 · accumulators of each person, scheme and year, after the last entry';
COMMENT ON COLUMN person_year.psn_no IS
  '人员编号 · insured person';
COMMENT ON COLUMN person_year.insutype IS
  '险种类型 · insurance scheme';
COMMENT ON COLUMN person_year.year IS
  '年度 · benefit year';
COMMENT ON COLUMN person_year.ordinary_inscp_fen IS
  '普通门诊政策范围内累计（分） · in scope of ordinary care (11, 13, 41): deductible and caps count this, fen';
COMMENT ON COLUMN person_year.inscp_fen IS
  '政策范围内累计（计入24万）（分） · in scope of all care and inpatient reports: 24万 counts this, fen';
COMMENT ON COLUMN person_year.dedc_fen IS
  '起付线累计（分） · deductible borne, fen';
COMMENT ON COLUMN person_year.overcap_fen IS
  '超限额累计（分） · beyond caps, fen';
COMMENT ON COLUMN person_year.hifp_fen IS
  '统筹基金支付累计（分） · paid by the pool, fen';
COMMENT ON COLUMN person_year.hifob_fen IS
  '大额支付累计（分） · paid by the large-sum fund, fen';
COMMENT ON COLUMN person_year.psn_part_fen IS
  '个人负担累计（分） · borne by the person, fen';
COMMENT ON COLUMN person_year.setl_cnt IS
  '有效结算笔数 · settlements that stand';
COMMENT ON COLUMN person_year.last_setl_id IS
  '最后影响本行的结算ID · id of the last settlement or mirror that changed this row';
COMMENT ON COLUMN person_year.last_partition IS
  '最后账目的分区 · ledger partition of the last entry';
COMMENT ON COLUMN person_year.last_offset IS
  '最后账目的偏移 · ledger offset of the last entry';
