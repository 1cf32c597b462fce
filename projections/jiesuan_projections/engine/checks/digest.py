"""Digests of read models: of the rows in whatever order, and of the rows in order."""

from dataclasses import dataclass

from jiesuan_events.words.topics import CLEARING, LEDGER
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


@dataclass(frozen=True, slots=True)
class TableDigests:
    """A table of a read model in two digests.

    ``unordered`` is the number of rows and a sum over their hashes, ``ordered`` SHA-256
    over the rows in the order of their bytes.
    """

    model: str
    table: str
    unordered: str
    ordered: str


async def digests(connection: Connection) -> list[TableDigests]:
    """Digest every table that retells the ledger or its clearing, as of one moment.

    The others retell what an export does not hold: answers, dead letters.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return [
            TableDigests(
                model.name,
                table,
                await table_digest(connection, table),
                await _ordered(connection, table),
            )
            for model in MODELS.values()
            if model.topic in (LEDGER, CLEARING)
            for table in model.tables
        ]


async def _ordered(connection: Connection, table: str) -> str:
    asked = engine("ordered_digest", schema=SCHEMA, table=table)
    return str(await connection.fetchval(asked))
