"""What may be asked of the months."""

from typing import Any

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query

FOLDER = "clearing"


async def of_month(connection: Connection, clr_ym: str) -> list[dict[str, Any]]:
    """Return the statements of a month, by id."""
    rows = await connection.fetch(query(FOLDER, "statements"), clr_ym)
    return [dict(row) for row in rows]


async def by_id(connection: Connection, statement_id: str) -> dict[str, Any] | None:
    """Return a statement, its rows, deductions and fines; none if there is none."""
    found = await connection.fetchrow(query(FOLDER, "by_id"), statement_id)
    if found is None:
        return None
    rows = await connection.fetch(query(FOLDER, "rows_of"), statement_id)
    deductions = await connection.fetch(query(FOLDER, "deductions_of"), statement_id)
    fines = await connection.fetch(query(FOLDER, "fines_of"), statement_id)
    return {
        "statement": dict(found),
        "rows": [dict(row) for row in rows],
        "deductions": [dict(row) for row in deductions],
        "fines": [dict(row) for row in fines],
    }


async def unfinished(connection: Connection) -> list[dict[str, Any]]:
    """Return the statements that are not cleared, with their deadlines."""
    return [dict(row) for row in await connection.fetch(query(FOLDER, "unfinished"))]


async def owed(connection: Connection, months: list[str]) -> list[dict[str, Any]]:
    """Return what each pair of regions owes for some months."""
    return [dict(row) for row in await connection.fetch(query(FOLDER, "owed"), months)]


async def balance(connection: Connection, months: list[str]) -> list[dict[str, Any]]:
    """Return what each region is owed and owes for some months."""
    rows = await connection.fetch(query(FOLDER, "balance"), months)
    return [dict(row) for row in rows]


async def unbalanced(connection: Connection) -> int:
    """Count the postings whose debits are not their credits."""
    count: int = await connection.fetchval(query(FOLDER, "unbalanced"))
    return count


async def limits(connection: Connection, year: str) -> list[dict[str, Any]]:
    """Return the prepayments of a year that have a quota, and what is used of each."""
    return [dict(row) for row in await connection.fetch(query(FOLDER, "limits"), year)]


async def found_in(connection: Connection, statement_id: str) -> list[dict[str, Any]]:
    """Return the findings about rows of a statement, in the order of its rows."""
    rows = await connection.fetch(query(FOLDER, "found_in"), statement_id)
    return [dict(row) for row in rows]


async def to_top_up(
    connection: Connection, year: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a year's prepayment accounts, and the cleared statements not paid yet."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        accounts = await connection.fetch(query(FOLDER, "accounts"), year)
        cleared = await connection.fetch(query(FOLDER, "cleared"), year)
    return [dict(row) for row in accounts], [dict(row) for row in cleared]
