"""Columns written as text: PostgreSQL reads of them what was meant."""

from datetime import date
from random import Random
from typing import Any

from jiesuan_projections.engine.tables.copy import array

ODD = (
    "",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "{",
    "}",
    ",",
    " a ",
    "\n",
    "名",
    "'",
    "$1",
)


def texts(seed: int) -> list[str]:
    """Draw texts of odd pieces."""
    chance = Random(seed)
    return ["".join(chance.choices(ODD, k=chance.randint(0, 4))) for _ in range(20)]


COLUMNS: tuple[tuple[str, list[Any]], ...] = (
    ("bigint", [0, -1, 2**63 - 1, -(2**63)]),
    ("date", [date(1, 1, 1), date(2022, 2, 28), date(9999, 12, 31)]),
    ("bytea", [b"", bytes(range(256)), b"\\x00"]),
    ("text", [None, *texts(1), None]),
    *(("text", texts(seed)) for seed in range(2, 52)),
)


async def test_a_column_is_read_as_it_was_meant(retold: Any) -> None:
    """Numbers, days, bytes and any text come back as they were."""
    for type_, column in COLUMNS:
        statement = f"SELECT unnest($1::text::{type_}[])"
        rows = await retold.connection.fetch(statement, array(column))
        assert [row[0] for row in rows] == column
