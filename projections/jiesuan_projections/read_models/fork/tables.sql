CREATE TABLE IF NOT EXISTS fork (
  "partition" integer NOT NULL,
  "offset"    bigint NOT NULL,
  reason      text NOT NULL,
  psn_no      text,
  type        text,
  version     bigint,
  cause       text,
  writer      text,
  appended_at timestamptz NOT NULL,
  value       bytea,
  PRIMARY KEY ("partition", "offset")
);
COMMENT ON TABLE fork IS '分叉：不接续任何人账目链的记录 · ledger records that are nobody''s next entry: ignored everywhere else';
COMMENT ON COLUMN fork."partition" IS
  '账本分区 · ledger partition';
COMMENT ON COLUMN fork."offset" IS
  '账本偏移 · ledger offset';
COMMENT ON COLUMN fork.reason IS
  '原因：not-an-entry 无法读取，does-not-follow 不接续，wrong-partition 分区错误，not-a-fact 不是事实 · why it was ignored';
COMMENT ON COLUMN fork.psn_no IS
  '所称人员编号 · person it claims to be about, if readable';
COMMENT ON COLUMN fork.type IS
  '所称类型 · type it claims';
COMMENT ON COLUMN fork.version IS
  '所称序号 · version it claims';
COMMENT ON COLUMN fork.cause IS
  '所称起因 · request it claims to come from';
COMMENT ON COLUMN fork.writer IS
  '所称写入者 · writer it claims';
COMMENT ON COLUMN fork.appended_at IS
  '写入日志的时间 · when it was appended to the log';
COMMENT ON COLUMN fork.value IS
  '原始内容 · value as stored';
