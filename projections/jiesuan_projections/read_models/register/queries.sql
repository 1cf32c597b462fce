-- enrolments --
SELECT * FROM enrolment WHERE psn_no = $1 ORDER BY "partition", "offset"

-- qualifications --
SELECT * FROM qualification WHERE psn_no = $1 ORDER BY "partition", "offset"

-- filings --
SELECT * FROM filing WHERE psn_no = $1 ORDER BY "partition", "offset"

-- flagged --
-- Each recognition by a hospital once: sent again it was flagged before.
SELECT DISTINCT ON (psn_no, insutype, opsp_dise_code, hosp_ide_date)
       psn_no, insutype, opsp_dise_code, hosp_ide_date, begndate, recorded_at
FROM qualification
WHERE qualified AND hosp_ide_date IS NOT NULL AND recorded_at < $1
ORDER BY psn_no, insutype, opsp_dise_code, hosp_ide_date, "offset"

-- in_force --
-- Of each person on each day asked for: the enrolments that count, one a scheme. A
-- later begndate supersedes, whatever it says.
SELECT asked.psn_no, asked.day, e.insuplc_admdvs, e.insutype
FROM unnest($1::text[], $2::date[]) AS asked (psn_no, day)
CROSS JOIN LATERAL (
  SELECT DISTINCT ON (insutype) insutype, insuplc_admdvs, enddate
  FROM enrolment
  WHERE psn_no = asked.psn_no AND begndate <= asked.day
  ORDER BY insutype, begndate DESC, "offset" DESC
) e
WHERE e.enddate IS NULL OR asked.day <= e.enddate
ORDER BY asked.psn_no, asked.day, e.insutype
