CREATE TABLE IF NOT EXISTS settlement (
  setl_id               text NOT NULL,
  medins_setl_id        text NOT NULL,
  psn_no                text NOT NULL,
  mdtrt_id              text NOT NULL,
  year                  text NOT NULL,
  insutype              text NOT NULL,
  psn_type              text NOT NULL,
  med_type              text NOT NULL,
  clr_type              text NOT NULL,
  pay_loc               text NOT NULL,
  dedc_hosp_lv          text NOT NULL,
  tier                  text NOT NULL,
  dise_codg             text,
  fixmedins_code        text NOT NULL,
  mdtrtarea_admvs       text NOT NULL,
  insuplc_admdvs        text NOT NULL,
  service_day           date NOT NULL,
  policy_pack           text NOT NULL,
  policy_sha256         text NOT NULL,
  pool_prop_selfpay     numeric(5,4) NOT NULL,
  balc_fen              bigint,
  medfee_sumamt_fen     bigint NOT NULL,
  fulamt_ownpay_amt_fen bigint NOT NULL,
  overlmt_selfpay_fen   bigint NOT NULL,
  preselfpay_amt_fen    bigint NOT NULL,
  inscp_scp_amt_fen     bigint NOT NULL,
  act_pay_dedc_fen      bigint NOT NULL,
  overcap_amt_fen       bigint NOT NULL,
  hifp_pay_fen          bigint NOT NULL,
  hifob_pay_fen         bigint NOT NULL,
  ratio_selfpay_fen     bigint NOT NULL,
  hifes_pay_fen         bigint NOT NULL,
  hifmi_pay_fen         bigint NOT NULL,
  cvlserv_pay_fen       bigint NOT NULL,
  maf_pay_fen           bigint NOT NULL,
  hifdm_pay_fen         bigint NOT NULL,
  oth_pay_fen           bigint NOT NULL,
  fund_pay_sumamt_fen   bigint NOT NULL,
  psn_part_amt_fen      bigint NOT NULL,
  acct_pay_fen          bigint NOT NULL,
  psn_cash_pay_fen      bigint NOT NULL,
  hosp_part_amt_fen     bigint NOT NULL,
  init_setl_id          text,
  init_medins_setl_id   text,
  replaces_setl_id      text,
  refd_setl_flag        text NOT NULL CHECK (refd_setl_flag IN ('0', '1')),
  clr_ym                text NOT NULL,
  recorded_at           timestamptz NOT NULL,
  "partition"           integer NOT NULL,
  "offset"              bigint NOT NULL,
  seq                   integer NOT NULL,
  PRIMARY KEY ("partition", "offset", seq)
);
COMMENT ON TABLE settlement IS '结算明细：结算为正、退费为负 · signed rows: settlements (+) and their mirrors (−); sums are net';
COMMENT ON COLUMN settlement.setl_id IS
  '结算ID · id of this settlement or of this mirror';
COMMENT ON COLUMN settlement.medins_setl_id IS
  '医药机构结算ID（发送方报文ID） · the sender''s own id: of the settlement, or of the refund''s request';
COMMENT ON COLUMN settlement.psn_no IS
  '人员编号 · insured person';
COMMENT ON COLUMN settlement.mdtrt_id IS
  '就诊ID · visit';
COMMENT ON COLUMN settlement.year IS
  '年度（费用发生年） · benefit year: that of the service day';
COMMENT ON COLUMN settlement.insutype IS
  '险种类型（310职工，390居民） · insurance scheme';
COMMENT ON COLUMN settlement.psn_type IS
  '人员类别（12开头为退休） · category of the person; 12… is retired';
COMMENT ON COLUMN settlement.med_type IS
  '医疗类别（11普通门诊，13急诊，14门诊慢特病，41药店购药） · type of care';
COMMENT ON COLUMN settlement.clr_type IS
  '清算类别 · clearing category';
COMMENT ON COLUMN settlement.pay_loc IS
  '支付地点类别（1手工报销，2本地，3省内异地，4跨省） · where it was paid: 1 claim, 2 local, 3 in-province, 4 cross-province';
COMMENT ON COLUMN settlement.dedc_hosp_lv IS
  '起付线医院等级（1一级及以下，2二级，3三级） · level of the institution for the deductible';
COMMENT ON COLUMN settlement.tier IS
  '待遇级别 · benefit tier: primary, secondary, tertiary, ministry';
COMMENT ON COLUMN settlement.dise_codg IS
  '病种编码（慢特病） · chronic disease, if any';
COMMENT ON COLUMN settlement.fixmedins_code IS
  '定点医药机构编号 · institution';
COMMENT ON COLUMN settlement.mdtrtarea_admvs IS
  '就医地医保区划 · region of care';
COMMENT ON COLUMN settlement.insuplc_admdvs IS
  '参保地医保区划 · region of enrolment';
COMMENT ON COLUMN settlement.service_day IS
  '费用发生日（北京时间） · service day: the law of this day applied';
COMMENT ON COLUMN settlement.policy_pack IS
  '所依据的政策包 · policy pack of the decision';
COMMENT ON COLUMN settlement.policy_sha256 IS
  '政策包摘要 · SHA-256 of that pack';
COMMENT ON COLUMN settlement.pool_prop_selfpay IS
  '统筹基金支付比例 · ratio paid by the pool';
COMMENT ON COLUMN settlement.balc_fen IS
  '个人账户余额（分） · account balance as told by the sender, fen';
COMMENT ON COLUMN settlement.medfee_sumamt_fen IS
  '医疗费总额（分） · total charge, fen';
COMMENT ON COLUMN settlement.fulamt_ownpay_amt_fen IS
  '全自费金额（分） · excluded: outside the catalogue, fen';
COMMENT ON COLUMN settlement.overlmt_selfpay_fen IS
  '超限价自费费用（分） · above the price ceiling, fen';
COMMENT ON COLUMN settlement.preselfpay_amt_fen IS
  '先行自付金额（分） · upfront copay of class B items, fen';
COMMENT ON COLUMN settlement.inscp_scp_amt_fen IS
  '符合政策范围金额（分） · in scope, fen';
COMMENT ON COLUMN settlement.act_pay_dedc_fen IS
  '实际支付起付线（分） · deductible borne, fen';
COMMENT ON COLUMN settlement.overcap_amt_fen IS
  '超过最高支付限额金额（分） · beyond a cap, fen';
COMMENT ON COLUMN settlement.hifp_pay_fen IS
  '基本医疗保险统筹基金支出（分） · paid by the pool, fen';
COMMENT ON COLUMN settlement.hifob_pay_fen IS
  '职工大额医疗费用补助基金支出（分） · paid by the large-sum fund, fen';
COMMENT ON COLUMN settlement.ratio_selfpay_fen IS
  '按比例个人负担金额（分） · the person''s share of the eligible rest, fen';
COMMENT ON COLUMN settlement.hifes_pay_fen IS
  '企业补充医疗保险基金支出（分） · paid by the employer supplement, fen';
COMMENT ON COLUMN settlement.hifmi_pay_fen IS
  '居民大病保险资金支出（分） · paid by residents'' catastrophic insurance, fen';
COMMENT ON COLUMN settlement.cvlserv_pay_fen IS
  '公务员医疗补助资金支出（分） · paid by the civil servants'' subsidy, fen';
COMMENT ON COLUMN settlement.maf_pay_fen IS
  '医疗救助基金支出（分） · paid by medical aid, fen';
COMMENT ON COLUMN settlement.hifdm_pay_fen IS
  '伤残人员医疗保障基金支出（分） · paid by the fund for the disabled, fen';
COMMENT ON COLUMN settlement.oth_pay_fen IS
  '其他支出（分） · other payers, fen';
COMMENT ON COLUMN settlement.fund_pay_sumamt_fen IS
  '基金支付总额（分） · paid by all funds, fen';
COMMENT ON COLUMN settlement.psn_part_amt_fen IS
  '个人负担总金额（分） · borne by the person, fen';
COMMENT ON COLUMN settlement.acct_pay_fen IS
  '个人账户支出（分） · paid from the personal account, fen';
COMMENT ON COLUMN settlement.psn_cash_pay_fen IS
  '个人现金支出（分） · paid in cash, fen';
COMMENT ON COLUMN settlement.hosp_part_amt_fen IS
  '医院负担金额（分） · borne by the institution, fen';
COMMENT ON COLUMN settlement.init_setl_id IS
  '原结算ID（退费行） · the settlement that this row takes back; empty on settlements';
COMMENT ON COLUMN settlement.init_medins_setl_id IS
  '原医药机构结算ID（退费行） · its sender''s id';
COMMENT ON COLUMN settlement.replaces_setl_id IS
  '所替代的结算ID（隔笔退费后重新结算） · the settlement that this re-settlement stands for';
COMMENT ON COLUMN settlement.refd_setl_flag IS
  '退费标志（1退费行，0结算行） · 1 on rows that take back, 0 on settlements';
COMMENT ON COLUMN settlement.clr_ym IS
  '清算年月（账目入账的北京月份） · clearing month: Beijing month of recording, YYYYMM';
COMMENT ON COLUMN settlement.recorded_at IS
  '入账时间 · when the entry was recorded';
COMMENT ON COLUMN settlement."partition" IS
  '账本分区 · ledger partition of the entry';
COMMENT ON COLUMN settlement."offset" IS
  '账本偏移 · ledger offset of the entry';
COMMENT ON COLUMN settlement.seq IS
  '同一账目内的行序（从0起） · order of the row within its entry, from 0';

-- A person's rows in the order of the ledger (a person lies in one partition).
CREATE INDEX IF NOT EXISTS settlement_person ON settlement (psn_no, "offset", seq);
-- `explain` and a refund at the counter look one settlement up.
CREATE INDEX IF NOT EXISTS settlement_id ON settlement (setl_id);
-- Which settlements stand is asked through the rows that take back.
CREATE INDEX IF NOT EXISTS settlement_taken_back ON settlement (init_setl_id, psn_no)
  WHERE init_setl_id IS NOT NULL;

CREATE OR REPLACE VIEW settlement_effective AS
SELECT s.setl_id,
       s.medins_setl_id,
       s.psn_no,
       s.mdtrt_id,
       s.year,
       s.insutype,
       s.psn_type,
       s.med_type,
       s.clr_type,
       s.pay_loc,
       s.dedc_hosp_lv,
       s.tier,
       s.dise_codg,
       s.fixmedins_code,
       s.mdtrtarea_admvs,
       s.insuplc_admdvs,
       s.service_day,
       s.policy_pack,
       s.policy_sha256,
       s.pool_prop_selfpay,
       s.balc_fen,
       s.medfee_sumamt_fen,
       s.fulamt_ownpay_amt_fen,
       s.overlmt_selfpay_fen,
       s.preselfpay_amt_fen,
       s.inscp_scp_amt_fen,
       s.act_pay_dedc_fen,
       s.overcap_amt_fen,
       s.hifp_pay_fen,
       s.hifob_pay_fen,
       s.ratio_selfpay_fen,
       s.hifes_pay_fen,
       s.hifmi_pay_fen,
       s.cvlserv_pay_fen,
       s.maf_pay_fen,
       s.hifdm_pay_fen,
       s.oth_pay_fen,
       s.fund_pay_sumamt_fen,
       s.psn_part_amt_fen,
       s.acct_pay_fen,
       s.psn_cash_pay_fen,
       s.hosp_part_amt_fen,
       s.init_setl_id,
       s.init_medins_setl_id,
       s.replaces_setl_id,
       s.refd_setl_flag,
       s.clr_ym,
       s.recorded_at,
       s."partition",
       s."offset",
       s.seq
FROM settlement s
WHERE s.init_setl_id IS NULL
  AND NOT EXISTS (
    SELECT FROM settlement r
    WHERE r.init_setl_id = s.setl_id AND r.psn_no = s.psn_no
  );
COMMENT ON VIEW settlement_effective IS
  '有效结算：未被退费的结算 · settlements that stand: those not taken back';
COMMENT ON COLUMN settlement_effective.setl_id IS
  '结算ID · id of this settlement or of this mirror';
COMMENT ON COLUMN settlement_effective.medins_setl_id IS
  '医药机构结算ID（发送方报文ID） · the sender''s own id: of the settlement, or of the refund''s request';
COMMENT ON COLUMN settlement_effective.psn_no IS
  '人员编号 · insured person';
COMMENT ON COLUMN settlement_effective.mdtrt_id IS
  '就诊ID · visit';
COMMENT ON COLUMN settlement_effective.year IS
  '年度（费用发生年） · benefit year: that of the service day';
COMMENT ON COLUMN settlement_effective.insutype IS
  '险种类型（310职工，390居民） · insurance scheme';
COMMENT ON COLUMN settlement_effective.psn_type IS
  '人员类别（12开头为退休） · category of the person; 12… is retired';
COMMENT ON COLUMN settlement_effective.med_type IS
  '医疗类别（11普通门诊，13急诊，14门诊慢特病，41药店购药） · type of care';
COMMENT ON COLUMN settlement_effective.clr_type IS
  '清算类别 · clearing category';
COMMENT ON COLUMN settlement_effective.pay_loc IS
  '支付地点类别（1手工报销，2本地，3省内异地，4跨省） · where it was paid: 1 claim, 2 local, 3 in-province, 4 cross-province';
COMMENT ON COLUMN settlement_effective.dedc_hosp_lv IS
  '起付线医院等级（1一级及以下，2二级，3三级） · level of the institution for the deductible';
COMMENT ON COLUMN settlement_effective.tier IS
  '待遇级别 · benefit tier: primary, secondary, tertiary, ministry';
COMMENT ON COLUMN settlement_effective.dise_codg IS
  '病种编码（慢特病） · chronic disease, if any';
COMMENT ON COLUMN settlement_effective.fixmedins_code IS
  '定点医药机构编号 · institution';
COMMENT ON COLUMN settlement_effective.mdtrtarea_admvs IS
  '就医地医保区划 · region of care';
COMMENT ON COLUMN settlement_effective.insuplc_admdvs IS
  '参保地医保区划 · region of enrolment';
COMMENT ON COLUMN settlement_effective.service_day IS
  '费用发生日（北京时间） · service day: the law of this day applied';
COMMENT ON COLUMN settlement_effective.policy_pack IS
  '所依据的政策包 · policy pack of the decision';
COMMENT ON COLUMN settlement_effective.policy_sha256 IS
  '政策包摘要 · SHA-256 of that pack';
COMMENT ON COLUMN settlement_effective.pool_prop_selfpay IS
  '统筹基金支付比例 · ratio paid by the pool';
COMMENT ON COLUMN settlement_effective.balc_fen IS
  '个人账户余额（分） · account balance as told by the sender, fen';
COMMENT ON COLUMN settlement_effective.medfee_sumamt_fen IS
  '医疗费总额（分） · total charge, fen';
COMMENT ON COLUMN settlement_effective.fulamt_ownpay_amt_fen IS
  '全自费金额（分） · excluded: outside the catalogue, fen';
COMMENT ON COLUMN settlement_effective.overlmt_selfpay_fen IS
  '超限价自费费用（分） · above the price ceiling, fen';
COMMENT ON COLUMN settlement_effective.preselfpay_amt_fen IS
  '先行自付金额（分） · upfront copay of class B items, fen';
COMMENT ON COLUMN settlement_effective.inscp_scp_amt_fen IS
  '符合政策范围金额（分） · in scope, fen';
COMMENT ON COLUMN settlement_effective.act_pay_dedc_fen IS
  '实际支付起付线（分） · deductible borne, fen';
COMMENT ON COLUMN settlement_effective.overcap_amt_fen IS
  '超过最高支付限额金额（分） · beyond a cap, fen';
COMMENT ON COLUMN settlement_effective.hifp_pay_fen IS
  '基本医疗保险统筹基金支出（分） · paid by the pool, fen';
COMMENT ON COLUMN settlement_effective.hifob_pay_fen IS
  '职工大额医疗费用补助基金支出（分） · paid by the large-sum fund, fen';
COMMENT ON COLUMN settlement_effective.ratio_selfpay_fen IS
  '按比例个人负担金额（分） · the person''s share of the eligible rest, fen';
COMMENT ON COLUMN settlement_effective.hifes_pay_fen IS
  '企业补充医疗保险基金支出（分） · paid by the employer supplement, fen';
COMMENT ON COLUMN settlement_effective.hifmi_pay_fen IS
  '居民大病保险资金支出（分） · paid by residents'' catastrophic insurance, fen';
COMMENT ON COLUMN settlement_effective.cvlserv_pay_fen IS
  '公务员医疗补助资金支出（分） · paid by the civil servants'' subsidy, fen';
COMMENT ON COLUMN settlement_effective.maf_pay_fen IS
  '医疗救助基金支出（分） · paid by medical aid, fen';
COMMENT ON COLUMN settlement_effective.hifdm_pay_fen IS
  '伤残人员医疗保障基金支出（分） · paid by the fund for the disabled, fen';
COMMENT ON COLUMN settlement_effective.oth_pay_fen IS
  '其他支出（分） · other payers, fen';
COMMENT ON COLUMN settlement_effective.fund_pay_sumamt_fen IS
  '基金支付总额（分） · paid by all funds, fen';
COMMENT ON COLUMN settlement_effective.psn_part_amt_fen IS
  '个人负担总金额（分） · borne by the person, fen';
COMMENT ON COLUMN settlement_effective.acct_pay_fen IS
  '个人账户支出（分） · paid from the personal account, fen';
COMMENT ON COLUMN settlement_effective.psn_cash_pay_fen IS
  '个人现金支出（分） · paid in cash, fen';
COMMENT ON COLUMN settlement_effective.hosp_part_amt_fen IS
  '医院负担金额（分） · borne by the institution, fen';
COMMENT ON COLUMN settlement_effective.init_setl_id IS
  '原结算ID（退费行） · the settlement that this row takes back; empty on settlements';
COMMENT ON COLUMN settlement_effective.init_medins_setl_id IS
  '原医药机构结算ID（退费行） · its sender''s id';
COMMENT ON COLUMN settlement_effective.replaces_setl_id IS
  '所替代的结算ID（隔笔退费后重新结算） · the settlement that this re-settlement stands for';
COMMENT ON COLUMN settlement_effective.refd_setl_flag IS
  '退费标志（1退费行，0结算行） · 1 on rows that take back, 0 on settlements';
COMMENT ON COLUMN settlement_effective.clr_ym IS
  '清算年月（账目入账的北京月份） · clearing month: Beijing month of recording, YYYYMM';
COMMENT ON COLUMN settlement_effective.recorded_at IS
  '入账时间 · when the entry was recorded';
COMMENT ON COLUMN settlement_effective."partition" IS
  '账本分区 · ledger partition of the entry';
COMMENT ON COLUMN settlement_effective."offset" IS
  '账本偏移 · ledger offset of the entry';
COMMENT ON COLUMN settlement_effective.seq IS
  '同一账目内的行序（从0起） · order of the row within its entry, from 0';
