-- tables --
-- Who a psn_no is. Destroying the wrapped key of a row makes it unreadable for ever.
CREATE TABLE IF NOT EXISTS vault.person (
  psn_no      text PRIMARY KEY,
  master_id   text NOT NULL,
  wrapped_key bytea NOT NULL,
  sealed      bytea NOT NULL
);
COMMENT ON TABLE vault.person IS '身份信息（逐人加密） · identities, each encrypted with a key of its own';

CREATE TABLE IF NOT EXISTS vault.lookup (
  digest bytea NOT NULL,
  psn_no text NOT NULL,
  PRIMARY KEY (digest, psn_no)
);
COMMENT ON TABLE vault.lookup IS '按证件号、卡号查人（带密钥的摘要） · keyed digests of numbers';

-- Even where the index is there, IF NOT EXISTS waits until no file is being loaded.
DO $$ BEGIN
  IF to_regclass('vault.person_master') IS NULL THEN
    CREATE INDEX person_master ON vault.person (master_id);
  END IF;
  IF to_regclass('vault.lookup_person') IS NULL THEN
    CREATE INDEX lookup_person ON vault.lookup (psn_no);
  END IF;
END $$;

CREATE TABLE IF NOT EXISTS vault.account (
  psn_no      text PRIMARY KEY,
  loaded_fen  bigint NOT NULL CHECK (loaded_fen >= 0),
  after       bigint NOT NULL
);
COMMENT ON TABLE vault.account IS '个人账户余额（载入时） · account balances as loaded';
COMMENT ON COLUMN vault.account.after IS
  '载入时账本已读到的偏移 · ledger offset up to which the balance had been taken';

CREATE TABLE IF NOT EXISTS vault.erasure (
  psn_no    text PRIMARY KEY,
  reason    text NOT NULL,
  erased_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE vault.erasure IS '身份信息注销登记 · whose identity was erased, and why';
