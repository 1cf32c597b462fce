"""Rows of read models made from entries, as PostgreSQL would give them back."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final

from jiesuan_projections.engine.tables.sql import tables

_TABLE: Final = r"EXISTS {name} \(\n(.*?)\n\);"
_COLUMN: Final = re.compile(r'^  "?([a-z_0-9]+)"?\s+([a-z]+)', re.MULTILINE)
_AS_STORED: Final[dict[str, Callable[[Any], Any]]] = {
    "timestamptz": lambda at: at.astimezone(UTC) if isinstance(at, datetime) else at,
    "numeric": lambda ratio: f"{Decimal(ratio):.4f}",
}
Row = dict[str, Any]


@cache
def columns(folder: str, table: str) -> dict[str, str]:
    """Return the columns of a table in its order, each with its type."""
    found = re.search(_TABLE.format(name=table), tables(folder), re.DOTALL)
    assert found is not None, f"{folder} has a table {table}"
    return dict(_COLUMN.findall(found[1]))


def as_stored(
    folder: str, table: str, *, rows: Iterable[Sequence[Any]], names: Sequence[str] = ()
) -> list[Row]:
    """Return rows as a query gives them: the table's order, the database's types.

    ``names`` says the order of the values where it is not the table's.
    """
    kinds = columns(folder, table)
    order = names or tuple(kinds)
    return [_row(dict(zip(order, row, strict=True)), kinds) for row in rows]


def _row(said: Row, kinds: dict[str, str]) -> Row:
    return {
        name: said[name]
        if said[name] is None
        else _AS_STORED.get(kind, _unchanged)(said[name])
        for name, kind in kinds.items()
    }


def _unchanged(value: Any) -> Any:
    return value
