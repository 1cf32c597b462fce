"""Digests of read models: the same rows give the same digest, in whatever order."""

from jiesuan_projections.engine.model import SCHEMA, Connection
from jiesuan_projections.engine.models import MODELS

# The sum of 60-bit pieces of MD5 does not depend on the order of rows; two pieces make
# 120 bits. Not against forgers (the chain is), but against mistakes.
_DIGEST = """
SELECT count(*) AS rows,
       coalesce(sum(('x' || substr(h, 1, 15))::bit(60)::bigint::numeric), 0)::text AS a,
       coalesce(sum(('x' || substr(h, 16, 15))::bit(60)::bigint::numeric), 0)::text AS b
FROM (SELECT md5(t::text) AS h FROM "{schema}"."{table}" t) AS hashed
"""


async def table_digest(
    connection: Connection, table: str, *, schema: str = SCHEMA
) -> str:
    """Digest one table: number of rows, and a sum over their hashes."""
    row = await connection.fetchrow(_DIGEST.format(schema=schema, table=table))
    assert row is not None, "an aggregate always gives a row"
    return f"{row['rows']}:{int(row['a']):x}:{int(row['b']):x}"


async def digest(connection: Connection, name: str, *, schema: str = SCHEMA) -> str:
    """Digest a read model: all of its tables, by name."""
    parts = [
        f"{table}={await table_digest(connection, table, schema=schema)}"
        for table in MODELS[name].tables
    ]
    return " ".join(parts)
