"""What may be asked of the clearing."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def of_month(connection: Connection, clr_ym: str) -> list[dict[str, Any]]:
    """Return the clearing lines of one month (YYYYMM)."""
    rows = await connection.fetch(query("clearing_line", "of_month"), clr_ym)
    return [dict(row) for row in rows]
