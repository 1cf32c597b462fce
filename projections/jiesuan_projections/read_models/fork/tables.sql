-- 分叉：不接续任何人账目链的记录 · ledger records that are nobody's next entry: ignored everywhere else
CREATE TABLE IF NOT EXISTS fork (
  -- 账本分区 · ledger partition
  "partition" integer NOT NULL,
  -- 账本偏移 · ledger offset
  "offset"    bigint NOT NULL,
  -- 原因：not-an-entry 无法读取，does-not-follow 不接续，wrong-partition 分区错误，not-a-fact 不是事实 · why it was ignored
  reason      text NOT NULL,
  -- 所称人员编号 · person it claims to be about, if readable
  psn_no      text,
  -- 所称类型 · type it claims
  type        text,
  -- 版本（所称序号） · version it claims
  version     bigint,
  -- 所称起因 · request it claims to come from
  cause       text,
  -- 所称写入者 · writer it claims
  writer      text,
  -- 写入日志的时间 · when it was appended to the log
  appended_at timestamptz NOT NULL,
  -- 原始内容 · value as stored
  value       bytea,
  PRIMARY KEY ("partition", "offset")
);
