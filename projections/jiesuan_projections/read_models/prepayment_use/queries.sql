-- merge --
-- A batch adds its own sums, in one order of keys, as clearing_line does.
INSERT INTO prepayment_use AS p
SELECT * FROM unnest($1::text::text[], $2::text::text[], $3::text::text[],
  $4::text::text[], $5::text::bigint[])
ORDER BY 1, 2, 3, 4
ON CONFLICT (mdtrtarea_admvs, insuplc_admdvs, insutype, year) DO UPDATE
SET recorded_fen = p.recorded_fen + excluded.recorded_fen
