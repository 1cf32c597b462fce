-- 无法理解的消息 · messages that could not be understood, byte for byte
CREATE TABLE IF NOT EXISTS dead_letter (
  -- 原主题 · topic it arrived on
  topic            text NOT NULL,
  -- 原分区 · partition it arrived on
  "partition"      integer NOT NULL,
  -- 原偏移 · offset it arrived at
  "offset"         bigint NOT NULL,
  -- 原因代码 · why it could not be understood
  reason           text NOT NULL,
  -- 原始键 · key as received
  key              bytea,
  -- 原始内容 · value as received
  value            bytea,
  -- 原始消息头 · headers as received, undecodable bytes escaped
  headers          jsonb NOT NULL,
  -- 存入时间 · when it was put aside
  stored_at        timestamptz NOT NULL,
  -- 死信分区 · its place among the dead letters: partition
  letter_partition integer NOT NULL,
  -- 死信偏移 · its place among the dead letters: offset
  letter_offset    bigint NOT NULL,
  PRIMARY KEY (letter_partition, letter_offset)
);
