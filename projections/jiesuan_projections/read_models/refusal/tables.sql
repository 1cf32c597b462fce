-- 被拒绝的请求 · every refused request; from the answers, which are kept for weeks
CREATE TABLE IF NOT EXISTS refusal (
  -- 应答分区 · partition of the answer
  "partition"    integer NOT NULL,
  -- 应答偏移 · offset of the answer
  "offset"       bigint NOT NULL,
  -- 应答时间 · when it was answered
  answered_at    timestamptz,
  -- 请求来源 · who asked: /medins/… or /agency/…
  request_source text,
  -- 请求编号 · the sender's id of the request
  request_id     text,
  -- 请求类型 · type of the request
  request_type   text,
  -- 人员编号 · insured person, if it could be read
  psn_no         text,
  -- 首要拒绝代码 · the code that counts: the first
  code           text NOT NULL,
  -- 全部拒绝代码（按顺序） · all codes, in their order
  codes          text[] NOT NULL,
  -- 首要拒绝说明 · the sentence that was answered for it
  message        text NOT NULL,
  -- 可否稍后重试（原样） · whether the same may succeed later
  transient      boolean NOT NULL,
  -- 拒绝详情 · every refusal with code, message and details
  details        jsonb NOT NULL,
  PRIMARY KEY ("partition", "offset")
);

-- 拒绝与差错：每月、机构、病种、代码的笔数 · refused requests of institutions by month, disease and code
CREATE OR REPLACE VIEW indicator_refusal AS
SELECT
  -- 月份（应答的北京月份） · month YYYYMM: Beijing month of the answer
  to_char(r.answered_at AT TIME ZONE interval '8 hours', 'YYYYMM') AS month,
  -- 定点医药机构编号 · institution that asked
  substr(r.request_source, 9) AS fixmedins_code,
  -- 病种编码（应答指明时） · chronic disease, where the answer names one
  coalesce(r.details -> 0 -> 'details' ->> 'dise_codg', r.details -> 0 -> 'details' ->> 'opsp_dise_code') AS dise_codg,
  -- 首要拒绝代码 · the code that counts
  r.code,
  -- 是否报文差错（而非待遇规则） · whether the message is wrong, not what it asks for
  r.code IN ('malformed', 'duplicate-different', 'lines-do-not-add-up', 'too-large') AS is_error,
  -- 拒绝笔数 · refusals
  count(*) AS refusal_cnt
FROM refusal r
WHERE r.request_source LIKE '/medins/%'
GROUP BY 1, 2, 3, 4, 5;

-- 应答主题中的外来记录，一律不予理会 · what is among the answers and none of ours
CREATE TABLE IF NOT EXISTS stranger (
  -- 分区 · partition of the answers
  "partition" integer NOT NULL,
  -- 偏移 · offset in it
  "offset"    bigint NOT NULL,
  -- 原因代码 · why it is not ours
  reason      text NOT NULL,
  -- 原始键 · key as received
  key         bytea,
  -- 原始内容 · value as received
  value       bytea,
  -- 写入日志的时间 · when it was appended, as Kafka says
  appended_at timestamptz NOT NULL,
  PRIMARY KEY ("partition", "offset")
);
