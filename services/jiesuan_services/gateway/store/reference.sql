-- migration_lock --
SELECT pg_advisory_xact_lock($1)

-- alive --
SELECT 1

-- position --
SELECT "offset" FROM reference_position

-- moved --
INSERT INTO reference_position ("offset") VALUES ($1)
ON CONFLICT (only_one) DO UPDATE SET "offset" = excluded."offset"

-- put_place --
INSERT INTO place (fixmedins_code, fixmedins_name, admdvs, fixmedins_type,
                   dedc_hosp_lv, outpatient_opened, opened)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (fixmedins_code) DO UPDATE
SET fixmedins_name = excluded.fixmedins_name, admdvs = excluded.admdvs,
    fixmedins_type = excluded.fixmedins_type, dedc_hosp_lv = excluded.dedc_hosp_lv,
    outpatient_opened = excluded.outpatient_opened, opened = excluded.opened

-- put_item --
INSERT INTO item (admdvs, med_list_codg, begndate, enddate, chrgitm_lv,
                  med_chrgitm_type, pric_uplmt_amt, selfpay_prop, hi_nego_drug_flag,
                  lmt_used_flag)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (med_list_codg, admdvs, begndate) DO UPDATE
SET enddate = excluded.enddate, chrgitm_lv = excluded.chrgitm_lv,
    med_chrgitm_type = excluded.med_chrgitm_type,
    pric_uplmt_amt = excluded.pric_uplmt_amt, selfpay_prop = excluded.selfpay_prop,
    hi_nego_drug_flag = excluded.hi_nego_drug_flag,
    lmt_used_flag = excluded.lmt_used_flag

-- place --
SELECT * FROM place WHERE fixmedins_code = $1

-- items --
-- Of each item on each day: in each region the latest begun row, and of those that have
-- not ended the nearest region's. A row that ended hides none of a region further away.
SELECT asked.code, asked.day, i.*
FROM unnest($1::text[], $2::date[]) AS asked (code, day)
CROSS JOIN LATERAL (
  SELECT latest.*
  FROM unnest($3::text[]) WITH ORDINALITY AS around (admdvs, nth)
  CROSS JOIN LATERAL (
    SELECT * FROM item
    WHERE med_list_codg = asked.code AND admdvs = around.admdvs
      AND begndate <= asked.day
    ORDER BY begndate DESC
    LIMIT 1
  ) latest
  WHERE latest.enddate IS NULL OR asked.day <= latest.enddate
  ORDER BY around.nth
  LIMIT 1
) i

-- places --
-- Those that are opened on the day, for a disease where one is asked for, before so many
-- are taken. In a name a wildcard is a character like any other.
SELECT * FROM place
WHERE admdvs LIKE $1 || '%' AND strpos(fixmedins_name, $2) > 0
  AND (($3::text = '' AND outpatient_opened) OR EXISTS (
    SELECT FROM jsonb_array_elements(opened::jsonb) one
    WHERE ($3 = '' OR one ->> 'opsp_dise_code' = $3)
      AND one ->> 'begndate' <= $4 COLLATE "C"
      AND coalesce(one ->> 'enddate', '9999') >= $4 COLLATE "C"))
ORDER BY fixmedins_code
LIMIT $5
