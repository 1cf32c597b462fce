-- of_person --
SELECT answered_at, request_source, request_id, request_type, code, codes, message,
       transient, details, "partition", "offset"
FROM refusal
WHERE psn_no = $1
ORDER BY "partition", "offset"

-- by_code --
SELECT request_type, code, count(*) AS refusals
FROM refusal
GROUP BY request_type, code
ORDER BY refusals DESC, request_type, code
