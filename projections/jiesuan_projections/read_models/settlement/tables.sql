-- 结算明细：结算为正、退费为负 · signed rows: settlements (+) and their mirrors (−); sums are net
CREATE TABLE IF NOT EXISTS settlement (
  -- 结算ID · id of this settlement or of this mirror
  setl_id               text NOT NULL,
  -- 医药机构结算ID（发送方报文ID） · the sender's own id: of the settlement, or of the refund's request
  medins_setl_id        text NOT NULL,
  -- 人员编号 · insured person
  psn_no                text NOT NULL,
  -- 就诊ID · visit
  mdtrt_id              text NOT NULL,
  -- 年度（费用发生年） · benefit year: that of the service day
  year                  text NOT NULL,
  -- 险种类型（310职工，390居民） · insurance scheme
  insutype              text NOT NULL,
  -- 人员类别（12开头为退休） · category of the person; 12… is retired
  psn_type              text NOT NULL,
  -- 医疗类别（11普通门诊，13急诊，14门诊慢特病，41药店购药） · type of care
  med_type              text NOT NULL,
  -- 清算类别 · clearing category
  clr_type              text NOT NULL,
  -- 支付地点类别（1手工报销，2本地，3省内异地，4跨省） · where it was paid: 1 claim, 2 local, 3 in-province, 4 cross-province
  pay_loc               text NOT NULL,
  -- 起付线医院等级（1一级及以下，2二级，3三级） · level of the institution for the deductible
  dedc_hosp_lv          text NOT NULL,
  -- 待遇级别 · benefit tier: primary, secondary, tertiary, ministry
  tier                  text NOT NULL,
  -- 病种编码（慢特病） · chronic disease, if any
  dise_codg             text,
  -- 定点医药机构编号 · institution
  fixmedins_code        text NOT NULL,
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs       text NOT NULL,
  -- 参保地医保区划 · region of enrolment
  insuplc_admdvs        text NOT NULL,
  -- 费用发生日（北京时间） · service day: the law of this day applied
  service_day           date NOT NULL,
  -- 所依据的政策包 · policy pack of the decision
  policy_pack           text NOT NULL,
  -- 政策包摘要 · SHA-256 of that pack
  policy_sha256         text NOT NULL,
  -- 基本医疗保险统筹基金支付比例 · ratio paid by the pool
  pool_prop_selfpay     numeric(5,4) NOT NULL,
  -- 个人账户余额（分） · account balance as the sender states it, fen
  balc_fen              bigint,
  -- 医疗费总额（分） · total charge, fen
  medfee_sumamt_fen     bigint NOT NULL,
  -- 全自费金额（分） · excluded: outside the catalogue, fen
  fulamt_ownpay_amt_fen bigint NOT NULL,
  -- 超限价自费费用（分） · above the price ceiling, fen
  overlmt_selfpay_fen   bigint NOT NULL,
  -- 先行自付金额（分） · upfront copay of class B items, fen
  preselfpay_amt_fen    bigint NOT NULL,
  -- 符合政策范围金额（分） · in scope, fen
  inscp_scp_amt_fen     bigint NOT NULL,
  -- 实际支付起付线（分） · deductible borne, fen
  act_pay_dedc_fen      bigint NOT NULL,
  -- 超过最高限额金额（分） · beyond a cap, fen
  overcap_amt_fen       bigint NOT NULL,
  -- 基本医疗保险统筹基金支出（分） · paid by the pool, fen
  hifp_pay_fen          bigint NOT NULL,
  -- 职工大额医疗费用补助基金支出（分） · paid by the large-sum fund, fen
  hifob_pay_fen         bigint NOT NULL,
  -- 按比例个人负担金额（分） · the person's share of the eligible rest, fen
  ratio_selfpay_fen     bigint NOT NULL,
  -- 企业补充医疗保险基金支出（分） · paid by the employer supplement, fen
  hifes_pay_fen         bigint NOT NULL,
  -- 居民大病保险资金支出（分） · paid by residents' catastrophic insurance, fen
  hifmi_pay_fen         bigint NOT NULL,
  -- 公务员医疗补助资金支出（分） · paid by the civil servants' subsidy, fen
  cvlserv_pay_fen       bigint NOT NULL,
  -- 医疗救助基金支出（分） · paid by medical aid, fen
  maf_pay_fen           bigint NOT NULL,
  -- 伤残人员医疗保障基金支出（分） · paid by the fund for the disabled, fen
  hifdm_pay_fen         bigint NOT NULL,
  -- 其他支出（分） · other payers, fen
  oth_pay_fen           bigint NOT NULL,
  -- 基金支付总额（分） · paid by all funds, fen
  fund_pay_sumamt_fen   bigint NOT NULL,
  -- 个人负担总金额（分） · borne by the person, fen
  psn_part_amt_fen      bigint NOT NULL,
  -- 个人账户支出（分） · paid from the personal account, fen
  acct_pay_fen          bigint NOT NULL,
  -- 个人现金支出（分） · paid in cash, fen
  psn_cash_pay_fen      bigint NOT NULL,
  -- 医院负担金额（分） · borne by the institution, fen
  hosp_part_amt_fen     bigint NOT NULL,
  -- 原结算ID（退费行） · the settlement that this row takes back; empty on settlements
  init_setl_id          text,
  -- 原医药机构结算ID（退费行） · its sender's id
  init_medins_setl_id   text,
  -- 所替代的结算ID（隔笔退费后重新结算） · the settlement that this re-settlement stands for
  replaces_setl_id      text,
  -- 退费标志（1退费行，0结算行） · 1 on rows that take back, 0 on settlements
  refd_setl_flag        text NOT NULL CHECK (refd_setl_flag IN ('0', '1')),
  -- 清算年月（账目入账的北京月份） · clearing month: Beijing month of recording, YYYYMM
  clr_ym                text NOT NULL,
  -- 入账时间 · when the entry was recorded
  recorded_at           timestamptz NOT NULL,
  -- 账本分区 · ledger partition of the entry
  "partition"           integer NOT NULL,
  -- 账本偏移 · ledger offset of the entry
  "offset"              bigint NOT NULL,
  -- 同一账目内的行序（从0起） · order of the row within its entry, from 0
  seq                   integer NOT NULL,
  -- A person's rows in the order of the ledger: a person lies in one partition.
  PRIMARY KEY (psn_no, "offset", seq)
);

-- `explain` and a refund at the counter look one settlement up, by the whole id alone:
-- a hash costs a writer two thirds of a tree.
CREATE INDEX IF NOT EXISTS settlement_id ON settlement USING hash (setl_id);
-- A draw looks at what came since the last one: rows lie in the order of their months,
-- so a summary of each stretch of the table is enough, and costs a writer nothing.
CREATE INDEX IF NOT EXISTS settlement_month ON settlement USING brin (clr_ym, "offset");
-- Which settlements stand is asked through the rows that take back.
CREATE INDEX IF NOT EXISTS settlement_taken_back ON settlement (init_setl_id, psn_no)
  WHERE init_setl_id IS NOT NULL;

-- 有效结算：未被退费的结算 · settlements that stand: those not taken back
CREATE OR REPLACE VIEW settlement_effective AS
SELECT s.*
FROM settlement s
WHERE s.init_setl_id IS NULL
  AND NOT EXISTS (
    SELECT FROM settlement r
    WHERE r.init_setl_id = s.setl_id AND r.psn_no = s.psn_no
  );

-- 运行指标：每月、机构、病种、医疗类别（不含手工报销） · indicators by month, institution, disease and type of care, claims excepted; sums are net of refunds
CREATE OR REPLACE VIEW indicator AS
WITH sums AS (
  SELECT s.clr_ym AS month, s.fixmedins_code, s.dise_codg, s.med_type,
         count(*) FILTER (WHERE s.refd_setl_flag = '0')
           - count(*) FILTER (WHERE s.refd_setl_flag = '1') AS setl_cnt,
         sum(s.medfee_sumamt_fen)::bigint AS medfee_sumamt_fen,
         sum(s.inscp_scp_amt_fen)::bigint AS inscp_scp_amt_fen,
         sum(s.fund_pay_sumamt_fen)::bigint AS fund_pay_sumamt_fen
  FROM settlement s
  WHERE s.pay_loc <> '1'
  GROUP BY s.clr_ym, s.fixmedins_code, s.dise_codg, s.med_type
)
SELECT
  -- 月份（入账的北京月份） · month YYYYMM: Beijing month of recording
  n.month,
  -- 定点医药机构编号 · institution
  n.fixmedins_code,
  -- 病种编码 · chronic disease, if any
  n.dise_codg,
  -- 医疗类别 · type of care
  n.med_type,
  -- 结算笔数（退费相抵后） · settlements less refunds
  n.setl_cnt,
  -- 医疗费总额（分） · total charge, fen
  n.medfee_sumamt_fen,
  -- 符合政策范围金额（分） · in scope, fen
  n.inscp_scp_amt_fen,
  -- 基金支付总额（分） · paid by all funds, fen
  n.fund_pay_sumamt_fen,
  -- 次均费用（分） · charge of one settlement, fen, half up; empty where none is left
  round(n.medfee_sumamt_fen::numeric / nullif(n.setl_cnt, 0))::bigint AS avg_medfee_fen,
  -- 次均费用同比涨幅 · growth of that against the same month a year before
  round(n.medfee_sumamt_fen::numeric * nullif(b.setl_cnt, 0) / nullif(b.medfee_sumamt_fen::numeric * n.setl_cnt, 0) - 1, 4) AS growth,
  -- 报销比例（基金支付占总额） · paid by the funds over total charge
  round(n.fund_pay_sumamt_fen::numeric / nullif(n.medfee_sumamt_fen, 0), 4) AS reim_ratio
FROM sums n
LEFT JOIN sums b
  ON b.month = to_char(to_date(n.month, 'YYYYMM') - interval '1 year', 'YYYYMM')
 AND b.fixmedins_code = n.fixmedins_code
 AND b.dise_codg IS NOT DISTINCT FROM n.dise_codg
 AND b.med_type = n.med_type;
