"""Rows of read models made from entries, as PostgreSQL would give them back."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from jiesuan_projections.engine.tables.sql import tables

_TABLE: Final = r"EXISTS {name} \(\n(.*?)\n\);"
_COLUMN: Final = re.compile(r'^  "?([a-z_0-9]+)"?\s+([a-z]+)', re.MULTILINE)
_AS_STORED: Final[dict[str, Callable[[Any], Any]]] = {
    "timestamptz": lambda at: at.astimezone(UTC),
    "numeric": lambda ratio: f"{Decimal(ratio):.4f}",
}
Row = dict[str, Any]


@cache
def columns(folder: str, table: str) -> dict[str, str]:
    """Return the columns of a table in its order, each with its type."""
    found = re.search(_TABLE.format(name=table), tables(folder), re.DOTALL)
    assert found is not None, f"{folder} has a table {table}"
    return dict(_COLUMN.findall(found[1]))


class RowPlan(NamedTuple):
    """How a tuple of values becomes a row: its names in order, and what to convert."""

    names: tuple[str, ...]
    in_order: Callable[[Sequence[Any]], tuple[Any, ...]]
    converted: tuple[tuple[str, Callable[[Any], Any]], ...]


@cache
def plan(folder: str, table: str, names: tuple[str, ...]) -> RowPlan:
    """Return how the rows of a table are made from values in an order of their own."""
    kinds = columns(folder, table)
    order = names or tuple(kinds)
    assert set(order) == set(kinds), f"a row of {table} has all of its columns"
    return RowPlan(
        tuple(kinds),
        itemgetter(*(order.index(name) for name in kinds)),
        tuple(
            (name, _AS_STORED[kind])
            for name, kind in kinds.items()
            if kind in _AS_STORED
        ),
    )


def as_stored(
    folder: str, table: str, *, rows: Iterable[Sequence[Any]], names: Sequence[str] = ()
) -> list[Row]:
    """Return rows as a query gives them: the table's order, the database's types.

    ``names`` says the order of the values where it is not the table's.
    """
    made = plan(folder, table, tuple(names))
    return [_row(made, values) for values in rows]


def _row(made: RowPlan, values: Sequence[Any]) -> Row:
    row = dict(zip(made.names, made.in_order(values), strict=True))
    for name, convert in made.converted:
        if row[name] is not None:
            row[name] = convert(row[name])
    return row
