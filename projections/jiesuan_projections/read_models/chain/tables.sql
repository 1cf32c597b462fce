-- 这些读模型所复述的账本 · the ledger that these read models retell
CREATE TABLE IF NOT EXISTS ledger (
  -- 恒为真：只有一行 · always true: there is one row
  only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  -- 账本编号 · the id in the ledger's genesis record
  ledger_id  text NOT NULL,
  -- 账本分区数 · partitions of the ledger, fixed for ever
  partitions integer NOT NULL CHECK (partitions > 0)
);

-- 每人账目链的末端 · where the chain of each person's entries ends
CREATE TABLE IF NOT EXISTS chain_head (
  -- 人员编号 · insured person
  psn_no      text PRIMARY KEY,
  -- 版本（该人最后一条账目的序号） · number of the person's last entry, from 1
  version     bigint NOT NULL,
  -- 最后一条账目的摘要（SHA-256） · hash of that entry
  hash        bytea NOT NULL,
  -- 该账目所在分区 · ledger partition of that entry
  "partition" integer NOT NULL,
  -- 该账目的偏移 · ledger offset of that entry
  "offset"    bigint NOT NULL
);
