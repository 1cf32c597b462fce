-- stage --
CREATE TEMP TABLE IF NOT EXISTS stage_prepayment_use
  (LIKE prepayment_use) ON COMMIT DELETE ROWS

-- merge --
-- A batch adds its own sums, in one order of keys, as clearing_line does.
INSERT INTO prepayment_use AS p
SELECT * FROM stage_prepayment_use
ORDER BY mdtrtarea_admvs, insuplc_admdvs, insutype, year
ON CONFLICT (mdtrtarea_admvs, insuplc_admdvs, insutype, year) DO UPDATE
SET recorded_fen = p.recorded_fen + excluded.recorded_fen
