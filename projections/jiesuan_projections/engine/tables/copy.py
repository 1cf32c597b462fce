"""Rows go in by COPY; sums and latest states by one statement over their columns."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from jiesuan_projections.engine.model import Connection, Row
from jiesuan_projections.engine.tables.sql import query


def taking(*names: str) -> Callable[[Any], Row]:
    """Return what takes a struct's attributes, or a part's (``policy.pack``), as a row.

    Compiled from their names: half the price of `attrgetter` (`python -m tools.shapes`,
    "columns").
    """
    taken = "".join(f"said.{name}, " for name in names)
    take: Callable[[Any], Row] = eval(f"lambda said: ({taken})")
    return take


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
        columns = map(array, zip(*rows, strict=True))
        await connection.execute(query(table, name), *columns)


def array(column: Sequence[Any]) -> str:
    """Write a column as text that PostgreSQL reads as an array (``$1::text::text[]``).

    Of a list asyncpg asks value by value whether it is a list as well, which costs more
    than writing it (`python -m tools.shapes`, "array"): 9 µs an entry in all.
    """
    return "{" + _written(column) + "}"


def _written(column: Sequence[Any]) -> str:
    match column[0]:
        case int():
            return ",".join(map(str, column))
        case bytes():
            return _joined([f"\\x{one.hex()}" for one in column])
        case date():
            return ",".join(map(date.isoformat, column))
        case _ if None in column:
            return ",".join("NULL" if one is None else _joined([one]) for one in column)
        case _:
            return _joined(column)


def _joined(texts: Sequence[str]) -> str:
    """Put texts in quotes, and a backslash before what would end them."""
    plain = '","'.join(texts)
    if "\\" in plain or plain.count('"') > 2 * (len(texts) - 1):
        escaped = [one.replace("\\", "\\\\").replace('"', '\\"') for one in texts]
        plain = '","'.join(escaped)
    return f'"{plain}"'
