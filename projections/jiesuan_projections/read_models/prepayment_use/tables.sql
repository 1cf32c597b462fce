-- 预付金使用：账本累计的异地基金支付，含已清算部分 · what rows of other regions used of prepayments, cleared ones included
CREATE TABLE IF NOT EXISTS prepayment_use (
  -- 就医地医保区划 · region of care
  mdtrtarea_admvs text NOT NULL,
  -- 参保地医保区划 · region of enrolment
  insuplc_admdvs  text NOT NULL,
  -- 险种类型 · insurance scheme
  insutype        text NOT NULL,
  -- 年度（入账月所在年） · year of the month of recording
  year            text NOT NULL,
  -- 累计基金支付（分） · fund payments of all rows so far, fen
  recorded_fen    bigint NOT NULL,
  PRIMARY KEY (mdtrtarea_admvs, insuplc_admdvs, insutype, year)
);
