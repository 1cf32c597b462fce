-- first --
SELECT "partition", "offset", reason, psn_no, type, version, cause, writer, appended_at
FROM fork
ORDER BY "partition", "offset"
LIMIT $1

-- count --
SELECT count(*) FROM fork
