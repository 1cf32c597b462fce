CREATE TABLE IF NOT EXISTS dead_letter (
  topic            text NOT NULL,
  "partition"      integer NOT NULL,
  "offset"         bigint NOT NULL,
  reason           text NOT NULL,
  key              bytea,
  value            bytea,
  headers          jsonb NOT NULL,
  stored_at        timestamptz NOT NULL,
  letter_partition integer NOT NULL,
  letter_offset    bigint NOT NULL,
  PRIMARY KEY (letter_partition, letter_offset)
);
COMMENT ON TABLE dead_letter IS '无法理解的消息 · messages that could not be understood, byte for byte';
COMMENT ON COLUMN dead_letter.topic IS
  '原主题 · topic it arrived on';
COMMENT ON COLUMN dead_letter."partition" IS
  '原分区 · partition it arrived on';
COMMENT ON COLUMN dead_letter."offset" IS
  '原偏移 · offset it arrived at';
COMMENT ON COLUMN dead_letter.reason IS
  '原因代码 · why it could not be understood';
COMMENT ON COLUMN dead_letter.key IS
  '原始键 · key as received';
COMMENT ON COLUMN dead_letter.value IS
  '原始内容 · value as received';
COMMENT ON COLUMN dead_letter.headers IS
  '原始消息头 · headers as received, undecodable bytes escaped';
COMMENT ON COLUMN dead_letter.stored_at IS
  '存入时间 · when it was put aside';
COMMENT ON COLUMN dead_letter.letter_partition IS
  '死信分区 · its place among the dead letters: partition';
COMMENT ON COLUMN dead_letter.letter_offset IS
  '死信偏移 · its place among the dead letters: offset';
