"""The sums of a bulletin: of its months, and of the same months a year before."""

from collections.abc import Sequence
from typing import Any, Final

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query

FOLDER: Final = "settlement"
BY: Final = ("places", "diseases", "months")


async def sums(
    connection: Connection, months: Sequence[str], *, before: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return counts and amounts by institution, by disease and by month."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in BY}
    for row in await connection.fetch(query(FOLDER, "bulletin"), months, before):
        found[row["made_by"]].append(dict(row))
    return found


async def spent(
    connection: Connection, first: str, *, last: str
) -> list[dict[str, Any]]:
    """Return what the funds of each insured region and scheme paid in some months."""
    rows = await connection.fetch(query(FOLDER, "spent"), first, last)
    return [dict(row) for row in rows]
