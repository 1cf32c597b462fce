-- put --
INSERT INTO client (fixmedins_code, transport, client_id, secret_hash, secret_sealed,
                    username, password_hash, sm2_public_key, output_as_string,
                    unchecked_signature, without_times, infcode_as_number, bare_details)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (fixmedins_code) DO UPDATE
SET transport = excluded.transport, client_id = excluded.client_id,
    secret_hash = excluded.secret_hash, secret_sealed = excluded.secret_sealed,
    username = excluded.username, password_hash = excluded.password_hash,
    sm2_public_key = excluded.sm2_public_key,
    output_as_string = excluded.output_as_string,
    unchecked_signature = excluded.unchecked_signature,
    without_times = excluded.without_times,
    infcode_as_number = excluded.infcode_as_number,
    bare_details = excluded.bare_details, registered_at = clock_timestamp()

-- remove --
DELETE FROM client WHERE fixmedins_code = $1

-- all --
SELECT * FROM client ORDER BY fixmedins_code

-- sealed --
-- What a master key seals besides persons, and for whom.
SELECT fixmedins_code AS owner, secret_sealed AS sealed FROM client
WHERE secret_sealed IS NOT NULL
UNION ALL
SELECT name, value FROM secret WHERE name = 'input digests'

-- reseal --
WITH own AS (
  UPDATE secret SET value = $2 WHERE name = $1 AND name = 'input digests'
)
UPDATE client SET secret_sealed = $2 WHERE fixmedins_code = $1

-- by_code --
SELECT * FROM client WHERE fixmedins_code = $1

-- by_id --
SELECT * FROM client WHERE client_id = $1

-- pause --
INSERT INTO pause (paused_until, message) VALUES ($1, $2)
ON CONFLICT (only_one) DO UPDATE
SET paused_until = excluded.paused_until, message = excluded.message

-- resume --
DELETE FROM pause

-- paused --
SELECT paused_until, message FROM pause WHERE paused_until > $1

-- secret --
-- Made by whoever needs it first; the same for all gateways from then on.
WITH made AS (
  INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING
  RETURNING value
)
SELECT value FROM made UNION ALL SELECT value FROM secret WHERE name = $1
