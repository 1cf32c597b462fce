"""Digests of read models: the same rows give the same digest, in whatever order."""

from jiesuan_projections.engine.model import SCHEMA, Connection
from jiesuan_projections.engine.models import MODELS
from jiesuan_projections.engine.tables.sql import engine


async def table_digest(
    connection: Connection, table: str, *, schema: str = SCHEMA
) -> str:
    """Digest one table: number of rows, and a sum over their hashes."""
    row = await connection.fetchrow(engine("digest", schema=schema, table=table))
    assert row is not None, "an aggregate always gives a row"
    return f"{row['rows']}:{int(row['a']):x}:{int(row['b']):x}"


async def digest(connection: Connection, name: str, *, schema: str = SCHEMA) -> str:
    """Digest a read model: all of its tables, by name."""
    parts = [
        f"{table}={await table_digest(connection, table, schema=schema)}"
        for table in MODELS[name].tables
    ]
    return " ".join(parts)
