"""What may be asked of the dead letters."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def first(connection: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """Return the first dead letters, without their bytes."""
    rows = await connection.fetch(query("dead_letter", "first"), limit)
    return [dict(row) for row in rows]
