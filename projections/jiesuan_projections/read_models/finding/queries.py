"""What may be asked of the findings."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query


async def listed(
    connection: Connection,
    *,
    psn_no: str | None = None,
    rule: str | None = None,
    severity: str | None = None,
) -> list[dict[str, Any]]:
    """Return the findings of a person, a rule or a severity, or all of them."""
    rows = await connection.fetch(query("finding", "listed"), psn_no, rule, severity)
    return [dict(row) for row in rows]
