"""Any documented table or view, streamed whole or a month of it."""

from collections.abc import AsyncIterator
from typing import Any, Final

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.models import MODELS
from jiesuan_projections.engine.tables.sql import engine

BATCH: Final = 10_000
MONTH_COLUMNS: Final = ("clr_ym", "month", "since_clr_ym")
"""By which a view is cut into months, the first that it has."""


def names() -> list[str]:
    """Return the tables and views that may be exported."""
    return sorted(
        name for model in MODELS.values() for name in (*model.tables, *model.views)
    )


async def columns(connection: Connection, view: str) -> dict[str, str]:
    """Return the columns of a view with their types, in order."""
    rows = await connection.fetch(engine("view_columns"), view)
    return {row["attname"]: row["type"] for row in rows}


def month_column(columns: dict[str, str]) -> str | None:
    """Return the column that says the month of a row, if there is one."""
    return next((name for name in MONTH_COLUMNS if name in columns), None)


async def batches(
    connection: Connection, view: str, *, by_month: tuple[str, str] | None
) -> AsyncIterator[list[Any]]:
    """Return the rows of a view in batches, of one moment; of one month if wanted."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        if by_month is None:
            cursor = await connection.cursor(engine("view_rows", view=view))
        else:
            month, value = by_month
            statement = engine("view_rows_of_month", view=view, month=month)
            cursor = await connection.cursor(statement, value)
        while rows := await cursor.fetch(BATCH):
            yield rows
