-- 清算单：一个付款方在一个月、险种、清算类别应付一个收款方的款项 · statements: what one payer owes one payee for a month, scheme and category
CREATE TABLE IF NOT EXISTS clearing_statement (
  -- 清算单编号 · kind, month, region of care, other party, scheme, category
  statement_id        text PRIMARY KEY,
  -- 清算单类型（institution机构月结，region异地清算） · institution: the region of care pays an institution; region: the insured region pays the region of care
  kind                text NOT NULL,
  -- 清算年月 · clearing month YYYYMM
  clr_ym              text NOT NULL,
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs     text NOT NULL,
  -- 参保地医保区划（异地清算） · insured region, of region statements
  insuplc_admdvs      text,
  -- 定点医药机构编号（机构月结） · institution, of institution statements
  fixmedins_code      text,
  -- 险种类型 · insurance scheme
  insutype            text NOT NULL,
  -- 清算类别 · clearing category
  clr_type            text NOT NULL,
  -- 清算状态（00已清分，10已申报，20已受理，30审核中，40审核完成，50已清算，60已拨付，70已驳回） · state
  clr_stas            text NOT NULL,
  -- 结算笔数 · rows
  setl_cnt            bigint NOT NULL,
  -- 其中退费笔数 · rows that take back
  refd_cnt            bigint NOT NULL,
  -- 医疗费总额（分） · total charge, fen
  medfee_sumamt_fen   bigint NOT NULL,
  -- 基金支付总额（分） · paid by all funds, fen
  fund_pay_sumamt_fen bigint NOT NULL,
  -- 个人账户支出（分，另行结算） · paid from personal accounts, settled outside, fen
  acct_pay_fen        bigint NOT NULL,
  -- 个人现金支出（分） · paid in cash, fen
  psn_cash_pay_fen    bigint NOT NULL,
  -- 扣款合计（分） · deducted by audits, fen
  deducted_fen        bigint NOT NULL,
  -- 追回金额（分） · recovered of earlier statements, fen
  recovered_fen       bigint NOT NULL,
  -- 应拨付金额（分） · to be paid: funds less deductions less recoveries, fen
  payable_fen         bigint NOT NULL,
  -- 已拨付金额（分） · paid, fen
  paid_fen            bigint,
  -- 申报期限 · declare by
  declare_by          date NOT NULL,
  -- 最迟申报日 · latest declaration without an exception
  latest_on           date NOT NULL,
  -- 清算截止日 · cleared after this day it is overdue
  hard_stop           date NOT NULL,
  -- 清分日 · drawn on
  drawn_on            date NOT NULL,
  -- 申报日 · latest declaration
  declared_on         date,
  -- 拨付日 · paid on
  paid_on             date,
  -- 逾期申报 · the first declaration was late
  late                boolean NOT NULL,
  -- 逾期清算 · cleared after the hard stop
  overdue             boolean NOT NULL,
  -- 特殊情况报备 · the report of an exception
  exception           text,
  -- 驳回原因 · why it was rejected
  reason              text,
  -- 明细摘要 · SHA-256 over the ids of its rows in ledger order, each followed by LF
  digest              text NOT NULL
);

-- 清算单明细：每笔结算在每张清算单中的状态 · the rows of every statement
CREATE TABLE IF NOT EXISTS clearing_row (
  -- 清算单编号 · statement
  statement_id    text NOT NULL,
  -- 结算ID · settlement or mirror
  setl_id         text NOT NULL,
  -- 确认标志（0结转，1确认，空为未确认） · 0 carried on, 1 confirmed, empty: nobody confirmed
  cnfm_flag       text,
  -- 在本清算单中的扣款合计（分） · deducted in this statement, fen
  deducted_fen    bigint NOT NULL,
  -- 结转自 · statement of the same kind that it came from
  carried_from    text,
  -- 结转至 · statement of the same kind that it went to
  carried_to      text,
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs text NOT NULL,
  -- 入账年月 · month in which the row was recorded
  since_clr_ym    text NOT NULL,
  PRIMARY KEY (statement_id, setl_id)
);

-- A row is looked up across its statements: where it stands, where it was carried.
CREATE INDEX IF NOT EXISTS clearing_row_settlement ON clearing_row (setl_id);
-- What was carried and not drawn again waits for the next draw.
CREATE INDEX IF NOT EXISTS clearing_row_carried ON clearing_row (mdtrtarea_admvs)
  WHERE cnfm_flag = '0' AND carried_to IS NULL;

-- 清分记录：每次清分读到账本何处 · how far each draw had read the ledger
CREATE TABLE IF NOT EXISTS clearing_draw (
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs text NOT NULL,
  -- 清算年月 · month drawn
  clr_ym          text NOT NULL,
  -- 账本分区 · ledger partition
  "partition"     integer NOT NULL,
  -- 读至偏移 · last offset read
  "offset"        bigint NOT NULL,
  PRIMARY KEY (mdtrtarea_admvs, clr_ym, "partition")
);

-- 扣款明细：每次审核扣款 · every deduction of an audit, whether in force or taken back
CREATE TABLE IF NOT EXISTS clearing_deduction (
  -- 清算单编号 · statement whose audit made it
  statement_id text NOT NULL,
  -- 结算ID · row
  setl_id      text NOT NULL,
  -- 扣款金额（分） · amount, fen
  amount_fen   bigint NOT NULL,
  -- 依据条款 · article
  article      text NOT NULL,
  -- 扣款原因 · reason
  reason       text NOT NULL,
  -- 清算日志偏移 · offset of the fact on jiesuan.clearing
  "offset"     bigint NOT NULL,
  -- 同一审核内的顺序 · place within the audit
  seq          integer NOT NULL,
  -- 是否有效（驳回后失效） · false once the statement was rejected
  in_force     boolean NOT NULL,
  PRIMARY KEY (statement_id, "offset", seq)
);

-- 处罚：就医地对机构的行政处罚和协议违约金，由就医地另行收取 · fines of an institution, collected by its care place beside the statement; those in force
CREATE TABLE IF NOT EXISTS clearing_fine (
  -- 清算单编号（机构月结） · statement of the institution
  statement_id text NOT NULL,
  -- 在处罚清单中的顺序 · place in the list
  seq          integer NOT NULL,
  -- 处罚金额（分） · amount, fen
  amount_fen   bigint NOT NULL,
  -- 处罚类型（administrative行政处罚，contractual协议违约金） · administrative or by contract
  kind         text NOT NULL,
  -- 依据条款 · article
  article      text NOT NULL,
  -- 处罚原因 · reason
  reason       text NOT NULL,
  -- 入账日 · the day on which this list was set
  fined_on     date NOT NULL,
  PRIMARY KEY (statement_id, seq)
);

-- 驳回记录：每张清算单最近一次驳回 · the latest rejection of each statement that was ever rejected
CREATE TABLE IF NOT EXISTS clearing_rejection (
  -- 清算单编号 · statement
  statement_id text PRIMARY KEY,
  -- 驳回日（计算重新申报期限） · the day from which the days for declaring again count
  rejected_on  date NOT NULL
);

-- 待追回：下一张同类清算单将追回的金额 · what the next statement of a key recovers
CREATE TABLE IF NOT EXISTS clearing_recovery (
  -- 清算单类型 · kind of statement
  kind            text NOT NULL,
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs text NOT NULL,
  -- 参保地医保区划（异地清算） · insured region
  insuplc_admdvs  text,
  -- 定点医药机构编号（机构月结） · institution
  fixmedins_code  text,
  -- 险种类型 · insurance scheme
  insutype        text NOT NULL,
  -- 清算类别 · clearing category
  clr_type        text NOT NULL,
  -- 待追回金额（分） · to be recovered, fen
  pending_fen     bigint NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS clearing_recovery_key ON clearing_recovery
  (kind, mdtrtarea_admvs, coalesce(insuplc_admdvs, fixmedins_code), insutype, clr_type);

-- 预付金账户：额度与已清算部分 · prepayment accounts: the quota, and what was settled
CREATE TABLE IF NOT EXISTS prepayment_account (
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs   text NOT NULL,
  -- 参保地医保区划 · region of enrolment
  insuplc_admdvs    text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype          text NOT NULL,
  -- 年度 · year
  year              text NOT NULL,
  -- 预付金额度（分） · quota, fen
  quota_fen         bigint,
  -- 预警比例（万分之） · ratio at which it is warned of, ten-thousandths
  warn_ratio        integer,
  -- 已清算释放的使用额（分，负数） · what payments took off the use, fen, negative
  released_fen      bigint NOT NULL,
  -- 已拨付金额（分） · paid, fen
  paid_fen          bigint NOT NULL,
  -- 扣款合计，含追回（分） · deducted and recovered, fen
  deducted_fen      bigint NOT NULL,
  PRIMARY KEY (mdtrtarea_admvs, insuplc_admdvs, insutype, year)
);

-- 各区划清算链的末端 · where the chain of each care region ends
CREATE TABLE IF NOT EXISTS clearing_head (
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs text PRIMARY KEY,
  -- 版本 · number of its last entry
  version         bigint NOT NULL,
  -- 最后一条的摘要 · hash of that entry
  hash            bytea NOT NULL
);

-- 分段：等待其后事实的部分 · parts of a fact that has not come yet
CREATE TABLE IF NOT EXISTS clearing_part (
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs text NOT NULL,
  -- 版本 · its place in the region's chain
  version         bigint NOT NULL,
  -- 内容 · the part as it stands in the log
  value           bytea NOT NULL,
  PRIMARY KEY (mdtrtarea_admvs, version)
);

-- 清算日志中的异常记录 · records of the clearing log that are no region's next entry
CREATE TABLE IF NOT EXISTS clearing_fork (
  -- 偏移 · offset on jiesuan.clearing
  "offset" bigint PRIMARY KEY,
  -- 原因 · why it is ignored
  reason   text NOT NULL
);

-- 区划间应收应付（仅异地清算） · who is owed and who owes, by month and state; region statements only
CREATE OR REPLACE VIEW clearing_balance AS
SELECT
  -- 医保区划 · region
  x.admdvs,
  -- 清算年月 · clearing month
  x.clr_ym,
  -- 清算状态 · state
  x.clr_stas,
  -- 应收（分） · receivable, fen
  sum(x.receivable_fen)::bigint AS receivable_fen,
  -- 应拨付金额（分） · payable, fen
  sum(x.payable_fen)::bigint AS payable_fen
FROM (
  SELECT s.mdtrtarea_admvs AS admdvs, s.clr_ym, s.clr_stas,
         s.payable_fen AS receivable_fen, 0 AS payable_fen
  FROM clearing_statement s WHERE s.kind = 'region'
  UNION ALL
  SELECT s.insuplc_admdvs, s.clr_ym, s.clr_stas, 0, s.payable_fen
  FROM clearing_statement s WHERE s.kind = 'region'
) x
GROUP BY x.admdvs, x.clr_ym, x.clr_stas
HAVING sum(x.receivable_fen) <> 0 OR sum(x.payable_fen) <> 0;

-- 清算单分录：借方为正，贷方为负，每笔分录借贷相等 · statements as double-entry books: debits positive, credits negative; each posting (statement, what, row, seq) comes to nothing
CREATE OR REPLACE VIEW clearing_posting AS
WITH posting AS (
  SELECT s.statement_id, 'care' AS what, NULL::text AS setl_id,
         'fund' AS debit, 'due' AS credit, s.fund_pay_sumamt_fen AS amount,
         NULL::integer AS seq
  FROM clearing_statement s
  UNION ALL
  SELECT r.statement_id, 'deduction', r.setl_id, 'due', 'fund', r.deducted_fen, NULL
  FROM clearing_row r
  UNION ALL
  SELECT s.statement_id, 'recovery', NULL, 'due', 'fund', s.recovered_fen, NULL
  FROM clearing_statement s
  UNION ALL
  SELECT s.statement_id, 'payment', NULL, 'due', 'bank', s.paid_fen, NULL
  FROM clearing_statement s
  UNION ALL
  SELECT f.statement_id, 'fine', NULL, 'fine-due', 'fines', f.amount_fen, f.seq
  FROM clearing_fine f
)
SELECT
  -- 清算单编号 · statement
  p.statement_id,
  -- 清算年月 · clearing month
  s.clr_ym,
  -- 事项（care医疗费，deduction扣款，recovery追回，payment拨付，fine处罚） · what is posted
  p.what,
  -- 结算ID（扣款） · row, of deductions
  p.setl_id,
  -- 科目（fund付款方基金支出，due应付收款方，bank付款方银行存款，fine-due机构应缴处罚款，fines就医地处罚收入） · account
  l.account,
  -- 科目所属方 · whose account it is
  CASE WHEN (l.account IN ('due', 'fine-due')) = (s.kind = 'region') THEN s.mdtrtarea_admvs ELSE coalesce(s.insuplc_admdvs, s.fixmedins_code) END AS party,
  -- 金额（分，借正贷负） · fen, debit positive
  l.posted_fen,
  -- 在处罚清单中的顺序（处罚） · place in the list, of fines
  p.seq
FROM posting p
JOIN clearing_statement s ON s.statement_id = p.statement_id
CROSS JOIN LATERAL (VALUES (p.debit, p.amount), (p.credit, -p.amount))
  AS l(account, posted_fen)
WHERE p.amount <> 0;

-- 待清分的结算及原因 · rows that stand in no statement, and why
CREATE OR REPLACE VIEW clearing_waiting AS
WITH drawn AS (
  SELECT d.mdtrtarea_admvs, max(d.clr_ym) AS clr_ym
  FROM clearing_draw d GROUP BY d.mdtrtarea_admvs
), waiting AS (
  SELECT r.setl_id, r.mdtrtarea_admvs, r.since_clr_ym, 'carried' AS why
  FROM clearing_row r
  WHERE r.cnfm_flag = '0' AND r.carried_to IS NULL AND r.statement_id LIKE 'inst%'
  UNION ALL
  SELECT s.setl_id, s.mdtrtarea_admvs, s.clr_ym,
         CASE WHEN s.clr_ym <= m.clr_ym THEN 'late' ELSE 'undrawn' END
  FROM jiesuan.settlement s
  LEFT JOIN drawn m ON m.mdtrtarea_admvs = s.mdtrtarea_admvs
  LEFT JOIN clearing_draw d ON d.mdtrtarea_admvs = s.mdtrtarea_admvs
    AND d.clr_ym = m.clr_ym AND d."partition" = s."partition"
  WHERE s.pay_loc <> '1'
    AND (m.clr_ym IS NULL OR s.clr_ym > m.clr_ym
         OR s."offset" > coalesce(d."offset", -1))
)
SELECT
  -- 结算ID · settlement or mirror
  w.setl_id,
  -- 就医地医保区划 · region of care
  w.mdtrtarea_admvs,
  -- 入账年月 · month in which it was recorded
  w.since_clr_ym,
  -- 原因（carried结转，late晚到，undrawn未清分） · carried on, late, or its month not drawn
  w.why
FROM waiting w;

-- 预付金 · prepayment accounts
CREATE OR REPLACE VIEW prepayment AS
WITH account AS (
  SELECT coalesce(a.mdtrtarea_admvs, u.mdtrtarea_admvs) AS mdtrtarea_admvs,
         coalesce(a.insuplc_admdvs, u.insuplc_admdvs) AS insuplc_admdvs,
         coalesce(a.insutype, u.insutype) AS insutype,
         coalesce(a.year, u.year) AS year,
         a.quota_fen, a.warn_ratio,
         coalesce(u.recorded_fen, 0) + coalesce(a.released_fen, 0) AS used_fen,
         coalesce(a.paid_fen, 0) AS paid_fen,
         coalesce(a.deducted_fen, 0) AS deducted_fen
  FROM prepayment_account a
  FULL JOIN jiesuan.prepayment_use u
    USING (mdtrtarea_admvs, insuplc_admdvs, insutype, year)
)
SELECT
  -- 就医地医保区划 · region of care
  p.mdtrtarea_admvs,
  -- 参保地医保区划 · region of enrolment
  p.insuplc_admdvs,
  -- 险种类型 · insurance scheme
  p.insutype,
  -- 年度 · year
  p.year,
  -- 预付金额度（分） · quota, fen
  p.quota_fen,
  -- 已使用金额（分） · used and not settled yet, fen
  p.used_fen,
  -- 已拨付金额（分） · paid, fen
  p.paid_fen,
  -- 扣款合计，含追回（分） · deducted and recovered, fen
  p.deducted_fen,
  -- 使用比例 · used over quota
  round(p.used_fen::numeric / nullif(p.quota_fen, 0), 4) AS used_ratio,
  -- 使用预警 · the warning ratio is reached
  coalesce(p.used_fen::numeric * 10000 >= p.warn_ratio::numeric * p.quota_fen, false) AS warned
FROM account p;

-- 预付金超支：使用超过额度的账户 · overspent prepayments: accounts used beyond their quota
CREATE OR REPLACE VIEW overspend AS
SELECT
  -- 就医地医保区划 · region of care
  p.mdtrtarea_admvs,
  -- 参保地医保区划 · region of enrolment
  p.insuplc_admdvs,
  -- 险种类型 · insurance scheme
  p.insutype,
  -- 年度 · year
  p.year,
  -- 预付金额度（分） · quota, fen
  p.quota_fen,
  -- 已使用金额（分） · used and not settled yet, fen
  p.used_fen,
  -- 超出额度（分） · used beyond the quota, fen
  p.used_fen - p.quota_fen AS over_fen
FROM prepayment p
WHERE p.used_fen > p.quota_fen;
