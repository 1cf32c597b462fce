CREATE TABLE IF NOT EXISTS enrolment (
  psn_no         text NOT NULL,
  insutype       text NOT NULL,
  psn_type       text NOT NULL,
  insuplc_admdvs text NOT NULL,
  brdy           date NOT NULL,
  begndate       date NOT NULL,
  enddate        date,
  psn_insu_stas  text,
  recorded_at    timestamptz NOT NULL,
  "partition"    integer NOT NULL,
  "offset"       bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
COMMENT ON TABLE enrolment IS '参保登记 · enrolments, as reported; a later begndate supersedes';
COMMENT ON COLUMN enrolment.psn_no IS
  '人员编号 · insured person';
COMMENT ON COLUMN enrolment.insutype IS
  '险种类型 · insurance scheme';
COMMENT ON COLUMN enrolment.psn_type IS
  '人员类别 · category of the person';
COMMENT ON COLUMN enrolment.insuplc_admdvs IS
  '参保地医保区划 · region of enrolment';
COMMENT ON COLUMN enrolment.brdy IS
  '出生日期 · day of birth';
COMMENT ON COLUMN enrolment.begndate IS
  '开始日期 · from this day on';
COMMENT ON COLUMN enrolment.enddate IS
  '结束日期（含） · until this day, inclusive';
COMMENT ON COLUMN enrolment.psn_insu_stas IS
  '人员参保状态（1正常，2暂停） · 1 enrolled, 2 suspended, else not enrolled; empty is 1';
COMMENT ON COLUMN enrolment.recorded_at IS
  '入账时间 · when the entry was recorded';
COMMENT ON COLUMN enrolment."partition" IS
  '账本分区 · ledger partition of the entry';
COMMENT ON COLUMN enrolment."offset" IS
  '账本偏移 · ledger offset of the entry';
CREATE INDEX IF NOT EXISTS enrolment_person ON enrolment (psn_no, "offset");

CREATE TABLE IF NOT EXISTS qualification (
  psn_no         text NOT NULL,
  insutype       text NOT NULL,
  opsp_dise_code text NOT NULL,
  qualified      boolean NOT NULL,
  begndate       date,
  enddate        date,
  hosp_ide_date  date,
  memo           text,
  recorded_at    timestamptz NOT NULL,
  "partition"    integer NOT NULL,
  "offset"       bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
COMMENT ON TABLE qualification IS '门慢特资格的认定与终止 · chronic qualifications and their ends, as reported';
COMMENT ON COLUMN qualification.psn_no IS
  '人员编号 · insured person';
COMMENT ON COLUMN qualification.insutype IS
  '险种类型 · insurance scheme';
COMMENT ON COLUMN qualification.opsp_dise_code IS
  '门慢特病种目录代码 · chronic disease';
COMMENT ON COLUMN qualification.qualified IS
  '认定为真，终止为假 · true: qualified or re-verified; false: ended';
COMMENT ON COLUMN qualification.begndate IS
  '开始日期（终止时为空） · from this day on; empty when ended';
COMMENT ON COLUMN qualification.enddate IS
  '结束日期（含） · until this day, inclusive';
COMMENT ON COLUMN qualification.hosp_ide_date IS
  '医院鉴定日期 · identified by a hospital on';
COMMENT ON COLUMN qualification.memo IS
  '备注 · memo';
COMMENT ON COLUMN qualification.recorded_at IS
  '入账时间 · when the entry was recorded';
COMMENT ON COLUMN qualification."partition" IS
  '账本分区 · ledger partition of the entry';
COMMENT ON COLUMN qualification."offset" IS
  '账本偏移 · ledger offset of the entry';
CREATE INDEX IF NOT EXISTS qualification_person ON qualification (psn_no, "offset");

CREATE TABLE IF NOT EXISTS filing (
  psn_no      text NOT NULL,
  insutype    text NOT NULL,
  filing_type text NOT NULL,
  rloc_admdvs text NOT NULL,
  begndate    date NOT NULL,
  enddate     date,
  recorded_at timestamptz NOT NULL,
  "partition" integer NOT NULL,
  "offset"    bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
COMMENT ON TABLE filing IS '异地就医备案 · filings of care in another region, as reported';
COMMENT ON COLUMN filing.psn_no IS
  '人员编号 · insured person';
COMMENT ON COLUMN filing.insutype IS
  '险种类型 · insurance scheme';
COMMENT ON COLUMN filing.filing_type IS
  '备案类型 · type of filing';
COMMENT ON COLUMN filing.rloc_admdvs IS
  '备案就医地区划 · region it covers';
COMMENT ON COLUMN filing.begndate IS
  '开始日期 · from this day on';
COMMENT ON COLUMN filing.enddate IS
  '结束日期（含） · until this day, inclusive';
COMMENT ON COLUMN filing.recorded_at IS
  '入账时间 · when the entry was recorded';
COMMENT ON COLUMN filing."partition" IS
  '账本分区 · ledger partition of the entry';
COMMENT ON COLUMN filing."offset" IS
  '账本偏移 · ledger offset of the entry';
CREATE INDEX IF NOT EXISTS filing_person ON filing (psn_no, "offset");

CREATE TABLE IF NOT EXISTS inpatient_report (
  psn_no            text NOT NULL,
  insutype          text NOT NULL,
  year              text NOT NULL,
  mdtrt_id          text NOT NULL,
  inscp_scp_amt_fen bigint NOT NULL,
  recorded_at       timestamptz NOT NULL,
  "partition"       integer NOT NULL,
  "offset"          bigint NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
COMMENT ON TABLE inpatient_report IS '异地住院结算报告（计入24万） · inpatient settlements made elsewhere, for the 24万 accumulator';
COMMENT ON COLUMN inpatient_report.psn_no IS
  '人员编号 · insured person';
COMMENT ON COLUMN inpatient_report.insutype IS
  '险种类型 · insurance scheme';
COMMENT ON COLUMN inpatient_report.year IS
  '年度 · benefit year';
COMMENT ON COLUMN inpatient_report.mdtrt_id IS
  '就诊ID · visit';
COMMENT ON COLUMN inpatient_report.inscp_scp_amt_fen IS
  '符合政策范围金额（分） · in scope, negative when reversed there, fen';
COMMENT ON COLUMN inpatient_report.recorded_at IS
  '入账时间 · when the entry was recorded';
COMMENT ON COLUMN inpatient_report."partition" IS
  '账本分区 · ledger partition of the entry';
COMMENT ON COLUMN inpatient_report."offset" IS
  '账本偏移 · ledger offset of the entry';
CREATE INDEX IF NOT EXISTS inpatient_report_person ON inpatient_report (psn_no, "offset");
