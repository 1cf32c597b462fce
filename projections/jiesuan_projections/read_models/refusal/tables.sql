CREATE TABLE IF NOT EXISTS refusal (
  "partition"    integer NOT NULL,
  "offset"       bigint NOT NULL,
  answered_at    timestamptz,
  request_source text,
  request_id     text,
  request_type   text,
  psn_no         text,
  code           text NOT NULL,
  codes          text[] NOT NULL,
  message        text NOT NULL,
  transient      boolean NOT NULL,
  details        jsonb NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
COMMENT ON TABLE refusal IS '被拒绝的请求 · every refused request; from the answers, which are kept for weeks';
COMMENT ON COLUMN refusal."partition" IS
  '应答分区 · partition of the answer';
COMMENT ON COLUMN refusal."offset" IS
  '应答偏移 · offset of the answer';
COMMENT ON COLUMN refusal.answered_at IS
  '应答时间 · when it was answered';
COMMENT ON COLUMN refusal.request_source IS
  '请求来源 · who asked: /medins/… or /agency/…';
COMMENT ON COLUMN refusal.request_id IS
  '请求编号 · the sender''s id of the request';
COMMENT ON COLUMN refusal.request_type IS
  '请求类型 · type of the request';
COMMENT ON COLUMN refusal.psn_no IS
  '人员编号 · insured person, if it could be read';
COMMENT ON COLUMN refusal.code IS
  '首要拒绝代码 · the code that counts: the first';
COMMENT ON COLUMN refusal.codes IS
  '全部拒绝代码（按顺序） · all codes, in their order';
COMMENT ON COLUMN refusal.message IS
  '首要拒绝说明 · the sentence that was answered for it';
COMMENT ON COLUMN refusal.transient IS
  '可否稍后原样重试 · whether the same may succeed later';
COMMENT ON COLUMN refusal.details IS
  '拒绝详情 · every refusal with code, message and details';
