"""Rows go in by COPY; sums and latest states by one statement over their columns."""

from collections.abc import Sequence

from jiesuan_projections.engine.model import Connection, Row
from jiesuan_projections.engine.tables.sql import query


async def append(
    connection: Connection, table: str, *, columns: Sequence[str], rows: list[Row]
) -> None:
    """Append rows that no other row replaces."""
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=columns)


async def merge(
    connection: Connection, table: str, *, rows: list[Row], name: str = "merge"
) -> None:
    """Merge rows into a table with its one statement, which takes their columns.

    A table made for the batch, filled by COPY and read again, is three questions.
    """
    if rows:
        columns = map(list, zip(*rows, strict=True))
        await connection.execute(query(table, name), *columns)
