"""What may be asked of the settlements."""

from datetime import datetime
from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def of_person(connection: Connection, psn_no: str) -> list[dict[str, Any]]:
    """Return a person's signed rows in ledger order; `stands` tells which do."""
    rows = await connection.fetch(query("settlement", "of_person"), psn_no)
    return [dict(row) for row in rows]


async def by_id(connection: Connection, setl_id: str) -> list[dict[str, Any]]:
    """Return the row of a settlement or mirror, with its place in the ledger."""
    rows = await connection.fetch(query("settlement", "by_id"), setl_id)
    return [dict(row) for row in rows]


async def claimed(connection: Connection, before: datetime) -> list[dict[str, Any]]:
    """Return the claims recorded before a moment, oldest service day first."""
    return [
        dict(row)
        for row in await connection.fetch(query("settlement", "claimed"), before)
    ]


async def years(connection: Connection) -> list[dict[str, Any]]:
    """Return of every year: rows, effective settlements, charges and fund payments."""
    return [dict(row) for row in await connection.fetch(query("settlement", "years"))]
