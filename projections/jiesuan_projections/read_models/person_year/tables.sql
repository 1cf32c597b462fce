-- 人员年度累计 · accumulators of each person, pool (region and scheme) and year, after the last entry
CREATE TABLE IF NOT EXISTS person_year (
  -- 人员编号 · insured person
  psn_no             text NOT NULL,
  -- 参保地医保区划 · region of enrolment: with the scheme, the pool that pays
  insuplc_admdvs     text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype           text NOT NULL,
  -- 年度 · benefit year
  year               text NOT NULL,
  -- 普通门诊政策范围内累计（分） · in scope of ordinary care (11, 13, 41): deductible and caps count this, fen
  ordinary_inscp_fen bigint NOT NULL,
  -- 政策范围内累计（计入24万）（分） · in scope of all care and inpatient reports: 24万 counts this, fen
  inscp_fen          bigint NOT NULL,
  -- 起付线累计（分） · deductible borne, fen
  dedc_fen           bigint NOT NULL,
  -- 超限额累计（分） · beyond caps, fen
  overcap_fen        bigint NOT NULL,
  -- 统筹基金支付累计（分） · paid by the pool, fen
  hifp_fen           bigint NOT NULL,
  -- 大额支付累计（分） · paid by the large-sum fund, fen
  hifob_fen          bigint NOT NULL,
  -- 个人负担累计（分） · borne by the person, fen
  psn_part_fen       bigint NOT NULL,
  -- 有效结算笔数 · settlements that stand
  setl_cnt           bigint NOT NULL,
  -- 最后影响本行的结算ID · id of the last settlement or mirror that changed this row
  last_setl_id       text,
  -- 最后账目的分区 · ledger partition of the last entry
  last_partition     integer NOT NULL,
  -- 最后账目的偏移 · ledger offset of the last entry
  last_offset        bigint NOT NULL,
  PRIMARY KEY (psn_no, insuplc_admdvs, insutype, year)
);

-- 人员最近一次参保 · latest enrolment of each person and scheme: an inpatient report that names no region counts there
CREATE TABLE IF NOT EXISTS person_home (
  -- 人员编号 · insured person
  psn_no         text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype       text NOT NULL,
  -- 参保地医保区划 · region of enrolment
  insuplc_admdvs text NOT NULL,
  -- 开始日期 · from this day on
  begndate       date NOT NULL,
  PRIMARY KEY (psn_no, insutype)
);
