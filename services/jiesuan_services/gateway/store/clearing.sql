-- is_drawn --
SELECT EXISTS (
  SELECT FROM clearing_draw WHERE mdtrtarea_admvs = $1 AND clr_ym = $2
)

-- statements --
-- What the care region owes one institution: of a month and in a state, or all of it.
SELECT * FROM clearing_statement
WHERE kind = 'institution' AND fixmedins_code = $1 AND mdtrtarea_admvs = $2
  AND ($3::text IS NULL OR clr_ym = $3) AND ($4::text IS NULL OR clr_stas = $4)
ORDER BY clr_ym DESC, clr_type, insutype
LIMIT $5

-- applied_for --
SELECT request FROM message
WHERE fixmedins_code = $1 AND inf_refmsgid = $2 AND infno = ANY($3::text[])
  AND replied_at IS NOT NULL AND err_msg = ''

-- latest_applications --
-- The declaration of each statement that counts: the latest that was entered.
SELECT DISTINCT ON (named.statement_id) named.statement_id, m.inf_refmsgid
FROM message m
CROSS JOIN LATERAL jsonb_array_elements_text(
  m.request::jsonb #> '{message,data,statement_ids}') AS named (statement_id)
WHERE m.fixmedins_code = $1 AND m.infno = ANY($2::text[]) AND m.topic = 'jiesuan.clearing'
  AND m."offset" IS NOT NULL AND named.statement_id = ANY($3::text[])
ORDER BY named.statement_id, m."offset" DESC

-- rows_of_month --
-- The rows of an institution's statements of a month whose patients are insured
-- elsewhere, in one order for ever: a page begins where the one before ended.
SELECT r.setl_id, r.cnfm_flag, s.psn_no, s.mdtrt_id, s.mdtrtarea_admvs,
       s.fixmedins_code, s.recorded_at, s.medfee_sumamt_fen, s.fund_pay_sumamt_fen
FROM clearing_statement t
JOIN clearing_row r USING (statement_id)
JOIN settlement s ON s.setl_id = r.setl_id
WHERE t.kind = 'institution' AND t.fixmedins_code = $1 AND t.mdtrtarea_admvs = $2
  AND t.clr_ym = $3 AND s.insuplc_admdvs <> s.mdtrtarea_admvs
ORDER BY s.recorded_at, r.setl_id
OFFSET $4 LIMIT $5
