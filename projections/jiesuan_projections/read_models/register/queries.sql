-- enrolments --
SELECT * FROM enrolment WHERE psn_no = $1 ORDER BY "partition", "offset"

-- qualifications --
SELECT * FROM qualification WHERE psn_no = $1 ORDER BY "partition", "offset"

-- filings --
SELECT * FROM filing WHERE psn_no = $1 ORDER BY "partition", "offset"

-- designations --
SELECT * FROM designation WHERE psn_no = $1 ORDER BY "partition", "offset"

-- homes --
-- The latest enrolment of each person and scheme: the latest begins last, of one day
-- the last entered counts.
SELECT DISTINCT ON (psn_no, insutype) psn_no, insutype, insuplc_admdvs, begndate
FROM enrolment
WHERE psn_no = ANY($1::text[])
ORDER BY psn_no, insutype, begndate DESC, "offset" DESC

-- flagged --
-- Each recognition by a hospital once: sent again it was flagged before.
SELECT DISTINCT ON (psn_no, insutype, opsp_dise_code, hosp_ide_date)
       psn_no, insutype, opsp_dise_code, hosp_ide_date, begndate, recorded_at
FROM qualification
WHERE qualified AND hosp_ide_date IS NOT NULL AND recorded_at < $1
ORDER BY psn_no, insutype, opsp_dise_code, hosp_ide_date, "offset"

-- enrolments_of --
-- Of several persons, in ledger order: which one counts on a day is the law's to say.
SELECT psn_no, insutype, insuplc_admdvs, psn_type, brdy, begndate, enddate,
       psn_insu_stas
FROM enrolment
WHERE psn_no = ANY($1::text[])
ORDER BY psn_no, "partition", "offset"
