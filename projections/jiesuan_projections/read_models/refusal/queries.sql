-- of_person --
SELECT answered_at, request_source, request_id, request_type, code, codes, message,
       transient, details, "partition", "offset"
FROM refusal
WHERE psn_no = $1
ORDER BY "partition", "offset"

-- by_request --
SELECT answered_at, request_source, request_id, request_type, psn_no, code, message,
       transient, details
FROM refusal
WHERE request_id = $1
ORDER BY answered_at, "partition", "offset"

-- by_code --
SELECT request_type, code, count(*) AS refusals
FROM refusal
GROUP BY request_type, code
ORDER BY refusals DESC, request_type, code

-- open_bills --
-- Names refused and never decided, as they stood before a moment; the last word of each
-- counts. A bill sent again may have another name: whatever the same institution
-- settled for the person afterwards, or had claimed, is taken for it.
SELECT refused.*
FROM (
  SELECT psn_no, request_source, request_id, min(answered_at) AS since,
         (array_agg(code ORDER BY answered_at DESC, "offset" DESC))[1] AS code
  FROM refusal
  WHERE request_type = 'jiesuan.settle.v1' AND psn_no IS NOT NULL
    AND request_source IS NOT NULL AND answered_at < $1
  GROUP BY psn_no, request_source, request_id
) refused
WHERE NOT EXISTS (
  SELECT FROM settlement s
  WHERE s.psn_no = refused.psn_no
    AND s.init_setl_id IS NULL
    AND '/medins/' || s.fixmedins_code = refused.request_source
    AND s.recorded_at > refused.since AND s.recorded_at < $1
)
ORDER BY since, psn_no, request_source, request_id

-- open_qualifications --
-- The same of recognitions: the person has none entered since.
SELECT refused.*
FROM (
  SELECT psn_no, request_source, request_id, min(answered_at) AS since,
         (array_agg(code ORDER BY answered_at DESC, "offset" DESC))[1] AS code
  FROM refusal
  WHERE request_type = 'jiesuan.qualify.v1' AND psn_no IS NOT NULL
    AND request_source IS NOT NULL AND answered_at < $1
  GROUP BY psn_no, request_source, request_id
) refused
WHERE NOT EXISTS (
  SELECT FROM qualification q
  WHERE q.psn_no = refused.psn_no AND q.qualified
    AND q.recorded_at > refused.since AND q.recorded_at < $1
)
ORDER BY since, psn_no, request_source, request_id

-- of_months --
-- By institution, disease and month: what was refused, and what of it was a faulty message.
SELECT month AS clr_ym, fixmedins_code, coalesce(dise_codg, '') AS dise_codg,
       sum(refusal_cnt)::bigint AS refusals,
       coalesce(sum(refusal_cnt) FILTER (WHERE is_error), 0)::bigint AS errors
FROM indicator_refusal WHERE month = ANY($1::text[])
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
