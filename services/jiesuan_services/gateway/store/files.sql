-- put --
INSERT INTO file (file_qury_no, fixmedins_code, filename, content, dld_endtime)
VALUES ($1, $2, $3, $4, $5)

-- get --
SELECT * FROM file
WHERE file_qury_no = $1 AND fixmedins_code = $2 AND dld_endtime > $3

-- kept_bytes --
-- How much of one institution's lies here: a bound keeps one from filling the disk.
SELECT coalesce(sum(octet_length(content)), 0)::bigint FROM file
WHERE fixmedins_code = $1

-- forget --
-- Made room for whenever a file comes.
DELETE FROM file WHERE dld_endtime < $1
