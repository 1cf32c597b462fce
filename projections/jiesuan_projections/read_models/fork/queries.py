"""What may be asked of the forks."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def first(connection: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """Return the first forks of the ledger."""
    return [dict(row) for row in await connection.fetch(query("fork", "first"), limit)]


async def count(connection: Connection) -> int:
    """Count the forks of the ledger."""
    found: int = await connection.fetchval(query("fork", "count"))
    return found
