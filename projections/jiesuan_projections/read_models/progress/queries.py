"""What may be asked of the progress."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def progress(connection: Connection) -> list[dict[str, Any]]:
    """Say of every partition of every log how far the read models are."""
    return [dict(row) for row in await connection.fetch(query("progress", "progress"))]


async def behind(connection: Connection) -> list[dict[str, Any]]:
    """Say of every partition how far it is retold, and since when nothing came to it.

    Seconds since its last record was appended, or since it was last caught up: negative
    where that record's time lies ahead.
    """
    return [dict(row) for row in await connection.fetch(query("progress", "behind"))]


async def strangers(connection: Connection) -> dict[tuple[str, int], int]:
    """Count by topic and partition what was named and passed over."""
    rows = await connection.fetch(query("progress", "strangers"))
    return {(row["topic"], row["partition"]): row["strangers"] for row in rows}
