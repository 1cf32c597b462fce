CREATE TABLE IF NOT EXISTS checkpoint (
  topic       text NOT NULL,
  "partition" integer NOT NULL,
  "offset"    bigint NOT NULL,
  appended_at timestamptz,
  PRIMARY KEY (topic, "partition")
);
COMMENT ON TABLE checkpoint IS '检查点：与数据同一事务写入 · checkpoints, written in the transaction of the rows';
COMMENT ON COLUMN checkpoint.topic IS '主题 · topic that is followed';
COMMENT ON COLUMN checkpoint."partition" IS '分区 · partition of the topic';
COMMENT ON COLUMN checkpoint."offset" IS '最后已应用的偏移，尚无则为 -1 · last offset applied, -1 before the first';
COMMENT ON COLUMN checkpoint.appended_at IS '该记录写入日志的时间 · when that record was appended to the log';

CREATE TABLE IF NOT EXISTS log_end (
  topic        text NOT NULL,
  "partition"  integer NOT NULL,
  end_offset   bigint NOT NULL,
  seen_at      timestamptz NOT NULL,
  caught_up_at timestamptz,
  PRIMARY KEY (topic, "partition")
);
COMMENT ON TABLE log_end IS '心跳：最近一次看到的日志末端 · heartbeat: where each log was last seen to end';
COMMENT ON COLUMN log_end.topic IS '主题 · topic that is followed';
COMMENT ON COLUMN log_end."partition" IS '分区 · partition of the topic';
COMMENT ON COLUMN log_end.end_offset IS '日志末端（下一条的偏移） · end of the log: offset of the next record';
COMMENT ON COLUMN log_end.seen_at IS '看到末端的时间 · when the end was seen';
COMMENT ON COLUMN log_end.caught_up_at IS '最近一次完全跟上的时间 · when nothing was left to apply, last';

CREATE TABLE IF NOT EXISTS rebuild_history (
  name            text NOT NULL,
  swapped_at      timestamptz NOT NULL,
  digest_before   text NOT NULL,
  digest_after    text NOT NULL,
  accepted_reason text,
  PRIMARY KEY (name, swapped_at)
);
COMMENT ON TABLE rebuild_history IS '重建记录 · rebuilds that were swapped in';
COMMENT ON COLUMN rebuild_history.name IS '读模型 · read model';
COMMENT ON COLUMN rebuild_history.swapped_at IS '切换时间 · when the new table replaced the old';
COMMENT ON COLUMN rebuild_history.digest_before IS '旧表摘要 · digest of the old rows';
COMMENT ON COLUMN rebuild_history.digest_after IS '新表摘要 · digest of the new rows';
COMMENT ON COLUMN rebuild_history.accepted_reason IS '接受差异的理由，无差异则为空 · why a difference was accepted; empty if there was none';

CREATE OR REPLACE VIEW progress AS
SELECT c.topic,
       c."partition",
       c."offset",
       e.end_offset,
       greatest(e.end_offset - c."offset" - 1, 0) AS lag,
       CASE WHEN e.end_offset - c."offset" - 1 <= 0 THEN 0
            ELSE extract(epoch FROM e.seen_at - greatest(c.appended_at, e.caught_up_at))
       END AS lag_seconds,
       c.appended_at,
       e.seen_at
FROM checkpoint c
LEFT JOIN log_end e ON e.topic = c.topic AND e."partition" = c."partition";
COMMENT ON VIEW progress IS '各读模型跟随日志的进度 · how far the read models have come';
COMMENT ON COLUMN progress.topic IS '主题 · topic that is followed';
COMMENT ON COLUMN progress."partition" IS '分区 · partition of the topic';
COMMENT ON COLUMN progress."offset" IS '最后已应用的偏移，尚无则为 -1 · last offset applied, -1 before the first';
COMMENT ON COLUMN progress.end_offset IS '日志末端 · end of the log at the last heartbeat';
COMMENT ON COLUMN progress.lag IS '落后的记录数 · records not applied yet, at the last heartbeat';
COMMENT ON COLUMN progress.lag_seconds IS '落后的秒数（上限） · at most how long the oldest of them has waited, in seconds';
COMMENT ON COLUMN progress.appended_at IS '最后已应用记录的写入时间 · when the last applied record was appended';
COMMENT ON COLUMN progress.seen_at IS '心跳时间：停滞表示投影进程不在 · heartbeat; standing still means nobody follows';
