-- enrolments_on --
-- Of each scheme the enrolment that counts on a day: a later begndate supersedes.
SELECT DISTINCT ON (insutype)
       insutype, psn_type, insuplc_admdvs, brdy, begndate, enddate, psn_insu_stas
FROM enrolment
WHERE psn_no = $1 AND begndate <= $2
ORDER BY insutype, begndate DESC, "offset" DESC

-- qualifications --
-- Of each disease what counts on a day, as the law counts it: an end reaches what was
-- said before it, under the other codes of the disease too, and leaves it until that
-- end; of the rest the latest begun. What only begins later is told where nothing else
-- is.
SELECT DISTINCT ON (said.insutype, said.opsp_dise_code)
       said.insutype, said.opsp_dise_code, said.begndate,
       least(said.enddate, ended.enddate) AS enddate
FROM qualification said
CROSS JOIN LATERAL (
  SELECT min(later.enddate) AS enddate FROM qualification later
  WHERE later.psn_no = $1 AND NOT later.qualified
    AND later.insutype = said.insutype
    AND said.opsp_dise_code = ANY(later.ended_dise_codes || later.opsp_dise_code)
    AND later."offset" > said."offset"
) ended
WHERE said.psn_no = $1 AND said.qualified
  AND (ended.enddate IS NULL OR $2 <= ended.enddate)
ORDER BY said.insutype, said.opsp_dise_code, said.begndate <= $2 DESC,
         said.begndate DESC, said."offset" DESC

-- treated --
-- Of each scheme and chronic disease the latest service day of what stands, of any pool.
SELECT insutype, dise_codg, max(service_day) AS service_day
FROM settlement_effective
WHERE psn_no = $1 AND med_type = '14' AND service_day <= $2
GROUP BY insutype, dise_codg

-- designations --
-- Of each institution and disease what was said last, where it holds on the day: an
-- end that lies ahead leaves the choice until then.
SELECT last.insutype, last.fixmedins_code, last.opsp_dise_code, last.memo,
       began.begndate, least(last.enddate, began.enddate) AS enddate,
       place.fixmedins_name
FROM (
  SELECT DISTINCT ON (insutype, fixmedins_code, opsp_dise_code)
         insutype, fixmedins_code, opsp_dise_code, designated, enddate, memo
  FROM designation
  WHERE psn_no = $1
  ORDER BY insutype, fixmedins_code, opsp_dise_code, "offset" DESC
) last
CROSS JOIN LATERAL (
  SELECT begndate, enddate FROM designation d
  WHERE d.psn_no = $1 AND d.designated AND d.insutype = last.insutype
    AND d.fixmedins_code = last.fixmedins_code
    AND d.opsp_dise_code IS NOT DISTINCT FROM last.opsp_dise_code
  ORDER BY d."offset" DESC
  LIMIT 1
) began
LEFT JOIN place USING (fixmedins_code)
WHERE began.begndate <= $2
  AND (last.enddate IS NULL OR $2 <= last.enddate)
  AND (began.enddate IS NULL OR $2 <= began.enddate)
ORDER BY began.begndate, last.fixmedins_code, last.opsp_dise_code

-- settlement --
SELECT *, name_by_sender(fixmedins_code, medins_setl_id) AS msgid
FROM settlement WHERE setl_id = $1 AND psn_no = $2 AND fixmedins_code = $3

-- settlements_of_visit --
-- In the order of the ledger, and which of them stand; a claim is its agency's.
SELECT setl_id, "partition", "offset", NOT EXISTS (
         SELECT FROM settlement refund
         WHERE refund.init_setl_id = made.setl_id AND refund.psn_no = made.psn_no
       ) AS stands
FROM settlement made
WHERE psn_no = $1 AND fixmedins_code = $2 AND mdtrt_id = $3
  AND init_setl_id IS NULL AND pay_loc <> '1'
ORDER BY "offset", seq
LIMIT $4

-- visits_settled --
-- Visits that are known by their settlements alone, each as the first of them says,
-- under the first second of its day; a claim is its agency's.
SELECT DISTINCT ON (made.mdtrt_id)
       made.mdtrt_id, made.psn_no, made.insutype, '' AS ipt_otp_no,
       made.service_day::timestamp AT TIME ZONE interval '8 hours' AS begntime,
       made.med_type, made.dise_codg, NULL AS dise_name, made.fixmedins_code
FROM settlement made
WHERE made.psn_no = $1 AND made.fixmedins_code = $2
  AND made.service_day BETWEEN $3 AND $4
  AND made.init_setl_id IS NULL AND made.pay_loc <> '1'
  AND NOT EXISTS (
    SELECT FROM visit kept
    WHERE kept.mdtrt_id = made.mdtrt_id AND kept.psn_no = made.psn_no
      AND kept.fixmedins_code = made.fixmedins_code
  )
ORDER BY made.mdtrt_id, made."offset", made.seq

-- standing --
-- What stands now of some settlements of a person: each itself, or what a gap refund has
-- settled in its place; nothing where that was taken back. One that is not known here
-- yet stands.
WITH RECURSIVE became AS (
  SELECT named AS first, named AS setl_id FROM unnest($2::text[]) AS named
  UNION ALL
  SELECT became.first, later.setl_id
  FROM became
  JOIN settlement later
    ON later.psn_no = $1 AND later.replaces_setl_id = became.setl_id
    AND later.init_setl_id IS NULL
)
SELECT first, setl_id FROM became
WHERE NOT EXISTS (
  SELECT FROM settlement refund
  WHERE refund.init_setl_id = became.setl_id AND refund.psn_no = $1
)

-- refund_of --
SELECT setl_id FROM settlement
WHERE init_setl_id = $1 AND psn_no = $2

-- named_by_sender --
-- What the ledger has of a message that nobody here knows any more: by the sender's name,
-- or by that name with an infno and eight digits, latest first: all, or those that stand.
-- A claim has no infno.
SELECT setl_id, medins_setl_id, mdtrt_id FROM settlement
WHERE psn_no = $1 AND fixmedins_code = $2 AND init_setl_id IS NULL AND pay_loc <> '1'
  AND (medins_setl_id = ANY($3::text[])
       OR left(medins_setl_id, -8) = ANY($4::text[])
          AND right(medins_setl_id, 8) ~ '^[0-9a-f]{8}$')
  AND (NOT $5 OR setl_id IN (SELECT setl_id FROM settlement_effective WHERE psn_no = $1))
ORDER BY "offset" DESC, seq DESC

-- entered_under --
-- What settled or took back under some names, each as the ledger has it, in the order of the names;
-- whether it stands by now. What was made anew has the name of what it replaces; a claim is its agency's.
SELECT setl_id, "partition", "offset",
       setl_id IN (SELECT setl_id FROM settlement_effective WHERE psn_no = $1) AS stands
FROM settlement
WHERE psn_no = $1 AND fixmedins_code = $2 AND medins_setl_id = ANY($3::text[])
  AND replaces_setl_id IS NULL AND pay_loc <> '1'
ORDER BY array_position($3, medins_setl_id)

-- years --
SELECT * FROM person_year WHERE psn_no = $1 ORDER BY insutype, year

-- totals --
-- One institution's rows of some days, by clearing category: settlements apart, refunds
-- apart, and both (no flag), where each is a row or a refund is taken off the count, so
-- that every habit can be held against it. The months are those of the days: rows lie in
-- the order of their months, and no other month is read.
SELECT clr_type, refd_setl_flag,
       count(*) AS rows,
       count(*) FILTER (WHERE refd_setl_flag = '0')
         - count(*) FILTER (WHERE refd_setl_flag = '1') AS net,
       coalesce(sum(medfee_sumamt_fen), 0)::bigint AS medfee_sumamt_fen,
       coalesce(sum(fund_pay_sumamt_fen), 0)::bigint AS fund_pay_sumamt_fen,
       coalesce(sum(acct_pay_fen), 0)::bigint AS acct_pay_fen
FROM settlement
WHERE fixmedins_code = $1 AND insutype = $2 AND pay_loc <> '1'
  AND recorded_at >= $3 AND recorded_at < $4 AND clr_ym BETWEEN $5 AND $6
GROUP BY GROUPING SETS ((clr_type), (clr_type, refd_setl_flag))

-- rows_of_days --
-- One institution's rows of some days, one by one; a refund is a row of its own.
-- Made as the lines that reconciling reads: the standard's columns, the sender's id,
-- the original.
SELECT clr_type, convert_to(concat_ws(E'\t', setl_id, mdtrt_id, psn_no,
       (medfee_sumamt_fen / 100.0)::numeric(16,2),
       (fund_pay_sumamt_fen / 100.0)::numeric(16,2),
       (acct_pay_fen / 100.0)::numeric(16,2),
       refd_setl_flag, name_by_sender(fixmedins_code, medins_setl_id),
       coalesce(init_setl_id, E'\\N')), 'UTF8') AS line
FROM settlement
WHERE fixmedins_code = $1 AND pay_loc <> '1' AND clr_type = ANY($2::text[])
  AND recorded_at >= $3 AND recorded_at < $4 AND clr_ym BETWEEN $5 AND $6
ORDER BY "partition", "offset", seq
LIMIT $7

-- rows_elsewhere --
-- The same of rows that a file names and that are not of its days, or of another
-- category than was asked for, with their day, and with that category.
SELECT convert_to(concat_ws(E'\t', setl_id, mdtrt_id, psn_no,
       (medfee_sumamt_fen / 100.0)::numeric(16,2),
       (fund_pay_sumamt_fen / 100.0)::numeric(16,2),
       (acct_pay_fen / 100.0)::numeric(16,2),
       refd_setl_flag, name_by_sender(fixmedins_code, medins_setl_id),
       coalesce(init_setl_id, E'\\N'),
       to_char(recorded_at AT TIME ZONE interval '8 hours', 'YYYY-MM-DD'),
       nullif(clr_type, $3)), 'UTF8') AS line
FROM settlement
WHERE fixmedins_code = $1 AND pay_loc <> '1'
  AND (setl_id = ANY($2::text[]) OR init_setl_id = ANY($2::text[]))
