-- 参保登记 · enrolments, as reported; a later begndate supersedes
CREATE TABLE IF NOT EXISTS enrolment (
  -- 人员编号 · insured person
  psn_no         text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype       text NOT NULL,
  -- 人员类别 · category of the person
  psn_type       text NOT NULL,
  -- 参保地医保区划 · region of enrolment
  insuplc_admdvs text NOT NULL,
  -- 出生日期 · day of birth
  brdy           date NOT NULL,
  -- 开始日期 · from this day on
  begndate       date NOT NULL,
  -- 结束日期（含） · until this day, inclusive
  enddate        date,
  -- 人员参保状态（1正常，2暂停） · 1 enrolled, 2 suspended, else not enrolled; empty is 1
  psn_insu_stas  text,
  -- 入账时间 · when the entry was recorded
  recorded_at    timestamptz NOT NULL,
  -- 账本分区 · ledger partition of the entry
  "partition"    integer NOT NULL,
  -- 账本偏移 · ledger offset of the entry
  "offset"       bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
CREATE INDEX IF NOT EXISTS enrolment_person ON enrolment (psn_no, "offset");

-- 门慢特资格的认定与终止 · chronic qualifications and their ends, as reported
CREATE TABLE IF NOT EXISTS qualification (
  -- 人员编号 · insured person
  psn_no         text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype       text NOT NULL,
  -- 门慢门特病种目录代码 · chronic disease
  opsp_dise_code text NOT NULL,
  -- 认定为真，终止为假 · true: qualified or re-verified; false: ended
  qualified      boolean NOT NULL,
  -- 开始日期（终止时为空） · from this day on; empty when ended
  begndate       date,
  -- 结束日期（含） · until this day, inclusive
  enddate        date,
  -- 医院鉴定日期 · identified by a hospital on
  hosp_ide_date  date,
  -- 备注 · memo
  memo           text,
  -- 一并取消资格的病种编码 · when ended: the other codes, local or national, that end
  ended_dise_codes text[] NOT NULL,
  -- 入账时间 · when the entry was recorded
  recorded_at    timestamptz NOT NULL,
  -- 账本分区 · ledger partition of the entry
  "partition"    integer NOT NULL,
  -- 账本偏移 · ledger offset of the entry
  "offset"       bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
CREATE INDEX IF NOT EXISTS qualification_person ON qualification (psn_no, "offset");

-- 异地就医备案 · filings of care in another region, as reported
CREATE TABLE IF NOT EXISTS filing (
  -- 人员编号 · insured person
  psn_no              text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype            text NOT NULL,
  -- 登记为真，取消为假 · true: filed or replaced; false: filings of this place end
  filed               boolean NOT NULL,
  -- 备案类型（取消时为空） · type of filing; empty when ended
  filing_type         text,
  -- 备案就医地区划 · region it covers
  rloc_admdvs         text NOT NULL,
  -- 转出定点医药机构编号 · institution that referred
  refl_fixmedins_code text,
  -- 开始日期（取消时为空） · from this day on; empty when ended
  begndate            date,
  -- 结束日期（含） · until this day, inclusive
  enddate             date,
  -- 备注 · memo
  memo                text,
  -- 入账时间 · when the entry was recorded
  recorded_at         timestamptz NOT NULL,
  -- 账本分区 · ledger partition of the entry
  "partition"         integer NOT NULL,
  -- 账本偏移 · ledger offset of the entry
  "offset"            bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
CREATE INDEX IF NOT EXISTS filing_person ON filing (psn_no, "offset");

-- 定点备案与取消 · institutions that persons chose, and ends of choices, as reported
CREATE TABLE IF NOT EXISTS designation (
  -- 人员编号 · insured person
  psn_no         text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype       text NOT NULL,
  -- 选定为真，取消为假 · true: chosen; false: ended
  designated     boolean NOT NULL,
  -- 定点医药机构编号 · institution
  fixmedins_code text NOT NULL,
  -- 门慢门特病种目录代码（普通门诊为空） · chronic disease; empty for ordinary care
  opsp_dise_code text,
  -- 开始日期（取消时为空） · from this day on; empty when ended
  begndate       date,
  -- 结束日期（含） · until this day, inclusive
  enddate        date,
  -- 备注 · memo
  memo           text,
  -- 入账时间 · when the entry was recorded
  recorded_at    timestamptz NOT NULL,
  -- 账本分区 · ledger partition of the entry
  "partition"    integer NOT NULL,
  -- 账本偏移 · ledger offset of the entry
  "offset"       bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
CREATE INDEX IF NOT EXISTS designation_person ON designation (psn_no, "offset");

-- 异地住院结算报告（计入24万） · inpatient settlements made elsewhere, for the 24万 accumulator
CREATE TABLE IF NOT EXISTS inpatient_report (
  -- 人员编号 · insured person
  psn_no            text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype          text NOT NULL,
  -- 参保地医保区划 · region of enrolment whose pool it counts in; empty: never enrolled
  insuplc_admdvs    text NOT NULL,
  -- 年度 · benefit year
  year              text NOT NULL,
  -- 就诊ID · visit
  mdtrt_id          text NOT NULL,
  -- 符合政策范围金额（分） · in scope, negative when reversed there, fen
  inscp_scp_amt_fen bigint NOT NULL,
  -- 入账时间 · when the entry was recorded
  recorded_at       timestamptz NOT NULL,
  -- 账本分区 · ledger partition of the entry
  "partition"       integer NOT NULL,
  -- 账本偏移 · ledger offset of the entry
  "offset"          bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
CREATE INDEX IF NOT EXISTS inpatient_report_person ON inpatient_report (psn_no, "offset");
