-- tables --
-- The state of the counter. It may be lost without harm to the ledger: what was
-- settled stands there, and asking again (5203, 2601) tells what.
CREATE SEQUENCE IF NOT EXISTS serial AS bigint MINVALUE 1 MAXVALUE 9999999999 CYCLE;
COMMENT ON SEQUENCE serial IS '流水号 · the last ten digits of the ids that the counter gives';

CREATE TABLE IF NOT EXISTS secret (
  name  text PRIMARY KEY,
  value bytea NOT NULL
);
COMMENT ON TABLE secret IS '网关自用密钥 · keys of the counter''s own, shared by all gateways';

CREATE TABLE IF NOT EXISTS client (
  fixmedins_code      text PRIMARY KEY,
  transport           text NOT NULL CHECK (transport IN ('token', 'hmac', 'mtls')),
  client_id           text NOT NULL UNIQUE,
  secret_hash         text,
  secret_sealed       bytea,
  username            text,
  password_hash       text,
  sm2_public_key      bytea,
  output_as_string    boolean NOT NULL,
  unchecked_signature boolean NOT NULL,
  without_times       boolean NOT NULL,
  registered_at       timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE client
  ADD COLUMN IF NOT EXISTS infcode_as_number boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS bare_details boolean NOT NULL DEFAULT false;
COMMENT ON TABLE client IS '机构接入登记 · how each institution authenticates, and its habits';

CREATE TABLE IF NOT EXISTS pause (
  only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  paused_until timestamptz NOT NULL,
  message    text NOT NULL
);
COMMENT ON TABLE pause IS '停机公告 · every transaction is answered with this until then';

CREATE TABLE IF NOT EXISTS message (
  fixmedins_code text NOT NULL,
  infno          text NOT NULL,
  msgid          text NOT NULL,
  digest         text NOT NULL,
  inf_refmsgid   text NOT NULL UNIQUE,
  received_at    timestamptz NOT NULL,
  psn_no         text,
  mdtrt_id       text,
  chrg_bchno     text,
  uses_account   boolean NOT NULL DEFAULT false,
  request_id     text,
  request        text,
  topic          text,
  replied_at     timestamptz,
  output         text,
  err_msg        text,
  "partition"    integer,
  "offset"       bigint,
  PRIMARY KEY (fixmedins_code, msgid, infno, digest),
  UNIQUE (fixmedins_code, request_id)
);
COMMENT ON TABLE message IS '收到的报文与答复 · messages and their replies: the same again gets the same';
COMMENT ON COLUMN message.request IS '发往账本的请求（先记后发） · what is asked of the ledger, written before it is sent';
COMMENT ON COLUMN message."offset" IS '所成账目的偏移 · ledger offset of the entry that came of it';
-- Few: those whose outcome nobody has heard yet.
CREATE INDEX IF NOT EXISTS message_open ON message (psn_no)
  WHERE request IS NOT NULL AND replied_at IS NULL;
CREATE INDEX IF NOT EXISTS message_entered ON message (psn_no, "offset" DESC)
  WHERE "offset" IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_received ON message (received_at);
ALTER TABLE message ADD COLUMN IF NOT EXISTS topic text;
COMMENT ON COLUMN message.topic IS '账目所在日志：账本或清算 · the log that takes the entry: ledger or clearing';
-- Few: what an institution asked about its months.
CREATE INDEX IF NOT EXISTS message_of_clearing ON message (fixmedins_code)
  WHERE topic = 'jiesuan.clearing';

-- What its sender called a message that the ledger may know by another name: the
-- sender's, the infno and eight digits, where the first was another message's already;
-- H. and a digest, where the sender's is in no form of the ledger's.
-- That name may have been cut at its beginning; the message itself may be forgotten.
CREATE OR REPLACE FUNCTION kept_name(place text, name text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT msgid FROM message WHERE fixmedins_code = place AND request_id = name),
    regexp_replace(name, '\.[0-9]{4}A?\.[0-9a-f]{8}$', ''))
$$;
COMMENT ON FUNCTION kept_name IS '所存报文的发送方报文ID · as its sender called it, of such a message';

-- Of a hundred thousand rows few have such a name: this one costs a comparison.
CREATE OR REPLACE FUNCTION name_by_sender(place text, name text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN name ~ '^H\.[0-9a-f]{32}$|\.[0-9]{4}A?\.[0-9a-f]{8}$'
    THEN kept_name(place, name) ELSE name END
$$;
COMMENT ON FUNCTION name_by_sender IS '发送方报文ID · a message as its sender called it';

CREATE TABLE IF NOT EXISTS barred (
  fixmedins_code text NOT NULL,
  psn_no         text NOT NULL,
  infno          text NOT NULL,
  msgid          text NOT NULL,
  PRIMARY KEY (fixmedins_code, msgid, infno, psn_no)
);
COMMENT ON TABLE barred IS '已冲正的报文 · messages that were compensated, whether they came or not';

CREATE TABLE IF NOT EXISTS visit (
  mdtrt_id         text PRIMARY KEY,
  fixmedins_code   text NOT NULL,
  psn_no           text NOT NULL,
  insutype         text NOT NULL,
  insuplc_admdvs   text,
  ipt_otp_no       text NOT NULL,
  begntime         timestamptz NOT NULL,
  med_type         text,
  dise_codg        text,
  dise_name        text,
  rxfixmedins_code text,
  cancelled        boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE visit IS '门诊就诊登记 · visits as registered at the counter';
CREATE INDEX IF NOT EXISTS visit_person ON visit (psn_no, begntime);
ALTER TABLE visit ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN visit.version IS '版本：每次变更加一 · counts its changes: who changes it says which one he saw';
-- Room on the page for the next version: it is written beside, and no index is.
ALTER TABLE visit SET (fillfactor = 50);

CREATE TABLE IF NOT EXISTS batch (
  mdtrt_id   text NOT NULL,
  chrg_bchno text NOT NULL,
  lines      text NOT NULL,
  setl_id    text,
  PRIMARY KEY (mdtrt_id, chrg_bchno)
);
COMMENT ON TABLE batch IS '收费批次的明细与分割 · the lines of a charge batch, split';
CREATE INDEX IF NOT EXISTS batch_settled ON batch (setl_id) WHERE setl_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS item (
  admdvs            text NOT NULL,
  med_list_codg     text NOT NULL,
  begndate          date NOT NULL,
  enddate           date,
  chrgitm_lv        text NOT NULL,
  med_chrgitm_type  text NOT NULL,
  pric_uplmt_amt    text,
  selfpay_prop      text,
  hi_nego_drug_flag text,
  lmt_used_flag     text,
  PRIMARY KEY (med_list_codg, admdvs, begndate)
);
COMMENT ON TABLE item IS '就医地医保目录 · the dated catalogues of the care places';

CREATE TABLE IF NOT EXISTS place (
  fixmedins_code      text PRIMARY KEY,
  fixmedins_name      text NOT NULL,
  admdvs              text NOT NULL,
  fixmedins_type      text NOT NULL,
  dedc_hosp_lv        text NOT NULL,
  outpatient_opened   boolean NOT NULL,
  opened              text NOT NULL
);
COMMENT ON TABLE place IS '定点医药机构 · institutions as last registered';

CREATE TABLE IF NOT EXISTS reference_position (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  "offset" bigint NOT NULL
);
COMMENT ON TABLE reference_position IS '参考数据读到的位置 · how far the reference topic was taken over';

CREATE TABLE IF NOT EXISTS file (
  file_qury_no   text PRIMARY KEY,
  fixmedins_code text NOT NULL,
  filename       text NOT NULL,
  content        bytea NOT NULL,
  dld_endtime    timestamptz NOT NULL
);
COMMENT ON TABLE file IS '上传和待下载的文件 · files that were uploaded, and those to be fetched';
CREATE INDEX IF NOT EXISTS file_ends ON file (dld_endtime);
