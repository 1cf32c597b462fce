CREATE TABLE IF NOT EXISTS ledger (
  only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  ledger_id  text NOT NULL,
  partitions integer NOT NULL CHECK (partitions > 0)
);
COMMENT ON TABLE ledger IS '这些读模型所复述的账本 · the ledger that these read models retell';
COMMENT ON COLUMN ledger.only_one IS '恒为真：只有一行 · always true: there is one row';
COMMENT ON COLUMN ledger.ledger_id IS '账本编号 · the id in the ledger''s genesis record';
COMMENT ON COLUMN ledger.partitions IS '账本分区数 · partitions of the ledger, fixed for ever';

CREATE TABLE IF NOT EXISTS chain_head (
  psn_no      text PRIMARY KEY,
  version     bigint NOT NULL,
  hash        bytea NOT NULL,
  "partition" integer NOT NULL,
  "offset"    bigint NOT NULL
);
COMMENT ON TABLE chain_head IS '每人账目链的末端 · where the chain of each person''s entries ends';
COMMENT ON COLUMN chain_head.psn_no IS '人员编号 · insured person';
COMMENT ON COLUMN chain_head.version IS '该人最后一条账目的序号 · number of the person''s last entry, from 1';
COMMENT ON COLUMN chain_head.hash IS '最后一条账目的摘要（SHA-256） · hash of that entry';
COMMENT ON COLUMN chain_head."partition" IS '该账目所在分区 · ledger partition of that entry';
COMMENT ON COLUMN chain_head."offset" IS '该账目的偏移 · ledger offset of that entry';
