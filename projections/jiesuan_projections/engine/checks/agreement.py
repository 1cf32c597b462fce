"""Whether the read models agree: the totals of facts against the sums of rows."""

from dataclasses import dataclass
from typing import Any, Final

from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query

CHECKED: Final = ("person_year", "clearing_line")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row that is not what its parts add up to."""

    name: str
    row: dict[str, Any]


async def disagreements(connection: Connection) -> list[Disagreement]:
    """Return the rows that do not add up, at most a hundred of each kind."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return [
            Disagreement(name, dict(row))
            for name in CHECKED
            for row in await connection.fetch(query(name, "disagreements"))
        ]
