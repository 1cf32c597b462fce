"""Rows go in by COPY; sums and latest states by one statement over a stage."""

from collections.abc import Sequence

from jiesuan_projections.engine.model import Connection, Row
from jiesuan_projections.engine.tables.sql import query


async def append(
    connection: Connection, table: str, *, columns: Sequence[str], rows: list[Row]
) -> None:
    """Append rows that no other row replaces."""
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=columns)


async def merge(connection: Connection, table: str, *, rows: list[Row]) -> None:
    """Copy rows into the stage of a table and merge them with its one statement."""
    if not rows:
        return
    # One stage a session, emptied at every commit: no table is made for a batch.
    await connection.execute(query(table, "stage"))
    await connection.copy_records_to_table(f"stage_{table}", records=rows)
    await connection.execute(query(table, "merge"))
