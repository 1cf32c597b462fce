-- 事后核查结果 · what is found after the fact of settlements that stand; never a refusal
CREATE TABLE IF NOT EXISTS finding (
  -- 核查规则 · rule, as in docs/guides/checks.md
  rule          text NOT NULL,
  -- 人员编号 · insured person
  psn_no        text NOT NULL,
  -- 结算ID（住院报送没有） · the settlement; empty of inpatient reports
  setl_id       text,
  -- 相关结算ID · the other settlement, where two are held against each other
  other_setl_id text,
  -- 严重程度（violation违规，suspicion可疑） · violation: against a rule; suspicion: to be looked at
  severity      text NOT NULL,
  -- 说明 · what is wrong and what to do, in Chinese
  zh            text NOT NULL
);
CREATE INDEX IF NOT EXISTS finding_person ON finding (psn_no);
CREATE INDEX IF NOT EXISTS finding_settlement ON finding (setl_id);

-- 核查所依据的事实 · what the checks look at: bills that stand, and registrations
CREATE TABLE IF NOT EXISTS checked_fact (
  -- 人员编号 · insured person
  psn_no      text NOT NULL,
  -- 结算ID（登记没有） · the settlement of a bill; empty of a registration
  setl_id     text,
  -- 费用发生日（登记与手工报销没有） · service day of a bill, near which it matters; empty where it always does: a registration, a claim
  near_day    date,
  -- 内容 · what is kept of the fact, for the checks alone
  said        bytea NOT NULL,
  -- 账本分区 · ledger partition of the entry
  "partition" integer NOT NULL,
  -- 账本偏移 · ledger offset of the entry
  "offset"    bigint NOT NULL
);
-- The one question, and by person what is taken back, too: each further index would
-- cost a writer as much as the row.
CREATE INDEX IF NOT EXISTS checked_fact_person ON checked_fact (psn_no, near_day);
-- Claims, which are few, are looked for beside every new bill.
CREATE INDEX IF NOT EXISTS checked_fact_claim ON checked_fact (psn_no)
WHERE near_day IS NULL AND setl_id IS NOT NULL;
