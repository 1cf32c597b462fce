-- 检查点：与数据同一事务写入 · checkpoints, written in the transaction of the rows
CREATE TABLE IF NOT EXISTS checkpoint (
  -- 主题 · topic that is followed
  topic       text NOT NULL,
  -- 分区 · partition of the topic
  "partition" integer NOT NULL,
  -- 最后已应用的偏移，尚无则为 -1 · last offset applied, -1 before the first
  "offset"    bigint NOT NULL,
  -- 该记录写入日志的时间 · when that record was appended to the log
  appended_at timestamptz,
  PRIMARY KEY (topic, "partition")
);

-- 心跳：最近一次看到的日志末端 · heartbeat: where each log was last seen to end
CREATE TABLE IF NOT EXISTS log_end (
  -- 主题 · topic that is followed
  topic        text NOT NULL,
  -- 分区 · partition of the topic
  "partition"  integer NOT NULL,
  -- 日志末端（下一条的偏移） · end of the log: offset of the next record
  end_offset   bigint NOT NULL,
  -- 看到末端的时间 · when the end was seen
  seen_at      timestamptz NOT NULL,
  -- 最近一次完全跟上的时间 · when nothing was left to apply, last
  caught_up_at timestamptz,
  PRIMARY KEY (topic, "partition")
);

-- 重建记录 · rebuilds that were swapped in
CREATE TABLE IF NOT EXISTS rebuild_history (
  -- 读模型 · read model
  name            text NOT NULL,
  -- 切换时间 · when the new table replaced the old
  swapped_at      timestamptz NOT NULL,
  -- 旧表摘要 · digest of the old rows
  digest_before   text NOT NULL,
  -- 新表摘要 · digest of the new rows
  digest_after    text NOT NULL,
  -- 接受差异的理由，无差异则为空 · why a difference was accepted; empty if there was none
  accepted_reason text,
  -- 证书：偏移、摘要、状态根与差异，由封存密钥签名（本机有密钥时） · offsets, digests, state roots, differences; signed like a checkpoint where the seal's key is
  certificate     text NOT NULL,
  PRIMARY KEY (name, swapped_at)
);

-- 各读模型跟随日志的进度 · how far the read models have come
CREATE OR REPLACE VIEW progress AS
SELECT
  -- 主题 · topic that is followed
  c.topic,
  -- 分区 · partition of the topic
  c."partition",
  -- 最后已应用的偏移，尚无则为 -1 · last offset applied, -1 before the first
  c."offset",
  -- 日志末端 · end of the log at the last heartbeat
  e.end_offset,
  -- 落后的记录数 · records not applied yet, at the last heartbeat
  greatest(e.end_offset - c."offset" - 1, 0) AS lag,
  CASE WHEN e.end_offset - c."offset" - 1 <= 0 THEN 0
       ELSE extract(epoch FROM e.seen_at - greatest(c.appended_at, e.caught_up_at))
  -- 落后的秒数（上限） · at most how long the oldest of them has waited, in seconds
  END AS lag_seconds,
  -- 最后已应用记录的写入时间 · when the last applied record was appended
  c.appended_at,
  -- 心跳时间：停滞表示投影进程不在 · heartbeat; standing still means nobody follows
  e.seen_at
FROM checkpoint c
LEFT JOIN log_end e ON e.topic = c.topic AND e."partition" = c."partition";
