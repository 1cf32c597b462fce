-- of_person --
-- Ledger order is the order of a person's life here; their rows lie in one partition.
SELECT s.*,
       s.init_setl_id IS NULL AND NOT EXISTS (
         SELECT FROM settlement r
         WHERE r.init_setl_id = s.setl_id AND r.psn_no = s.psn_no
       ) AS stands
FROM settlement s
WHERE s.psn_no = $1
ORDER BY s."partition", s."offset", s.seq

-- by_id --
SELECT * FROM settlement WHERE setl_id = $1 ORDER BY "partition", "offset", seq
