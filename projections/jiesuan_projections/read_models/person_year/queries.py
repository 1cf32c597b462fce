"""What may be asked of the accumulators."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def of_person(connection: Connection, psn_no: str) -> list[dict[str, Any]]:
    """Return a person's accumulators, scheme by scheme and year by year."""
    rows = await connection.fetch(query("person_year", "of_person"), psn_no)
    return [dict(row) for row in rows]
