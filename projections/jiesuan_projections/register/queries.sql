-- enrolments --
SELECT * FROM enrolment WHERE psn_no = $1 ORDER BY "partition", "offset"

-- qualifications --
SELECT * FROM qualification WHERE psn_no = $1 ORDER BY "partition", "offset"

-- filings --
SELECT * FROM filing WHERE psn_no = $1 ORDER BY "partition", "offset"
