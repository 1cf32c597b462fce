"""What may be asked of the refusals."""

from datetime import datetime
from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def of_person(connection: Connection, psn_no: str) -> list[dict[str, Any]]:
    """Return a person's refused requests in the order of their answers."""
    rows = await connection.fetch(query("refusal", "of_person"), psn_no)
    return [dict(row) for row in rows]


async def by_request(connection: Connection, request_id: str) -> list[dict[str, Any]]:
    """Return the refusals under one request id, of whatever sender, oldest first."""
    rows = await connection.fetch(query("refusal", "by_request"), request_id)
    return [dict(row) for row in rows]


async def by_code(connection: Connection) -> list[dict[str, Any]]:
    """Count the refusals by type of request and code, most frequent first."""
    return [dict(row) for row in await connection.fetch(query("refusal", "by_code"))]


async def of_months(connection: Connection, months: list[str]) -> list[dict[str, Any]]:
    """Count what institutions were refused in some months, and faulty messages."""
    rows = await connection.fetch(query("refusal", "of_months"), months)
    return [dict(row) for row in rows]


async def open_bills(connection: Connection, before: datetime) -> list[dict[str, Any]]:
    """Return the bills refused before a moment and not settled since."""
    return await _open(connection, before, what="open_bills")


async def open_qualifications(
    connection: Connection, before: datetime
) -> list[dict[str, Any]]:
    """Return the recognitions refused before a moment and not entered since."""
    return await _open(connection, before, what="open_qualifications")


async def _open(
    connection: Connection, before: datetime, *, what: str
) -> list[dict[str, Any]]:
    rows = await connection.fetch(query("refusal", what), before)
    return [dict(row) for row in rows]
