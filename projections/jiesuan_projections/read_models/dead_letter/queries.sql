-- first --
SELECT topic, "partition", "offset", reason, headers, stored_at
FROM dead_letter
ORDER BY letter_partition, letter_offset
LIMIT $1
