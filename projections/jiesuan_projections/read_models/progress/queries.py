"""What may be asked of the progress."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def progress(connection: Connection) -> list[dict[str, Any]]:
    """Say of every partition of every log how far the read models are."""
    return [dict(row) for row in await connection.fetch(query("progress", "progress"))]
