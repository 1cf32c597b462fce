"""Rows held against those of others: streamed, as lines of text."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from jiesuan_events.words.instants import BEIJING
from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.tables.sql import query

FOLDER: Final = "settlement"
BATCH: Final = 10_000
"""Ids of one question."""


def span(begin: date, until: date) -> tuple[datetime, datetime]:
    """Return the moments of Beijing days, the last one included."""
    first = datetime.combine(begin, time(), BEIJING)
    return first, datetime.combine(until, time(), BEIJING) + timedelta(days=1)


class Lines:
    """Takes what COPY hands over, in whatever pieces; gives whole lines."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    async def __call__(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.append(bytes(piece))

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        pieces, self._pieces = self._pieces[::-1], []
        while pieces:
            *lines, rest = (rest + pieces.pop()).split(b"\n")
            yield from lines
        assert not rest, "every row ends in LF"


async def of_days(
    connection: Connection, institution: str, *, begin: date, until: date
) -> Lines:
    """Return an institution's rows of days of recording, in ledger order."""
    lines = Lines()
    await connection.copy_from_query(
        query(FOLDER, "reconciled"), institution, *span(begin, until), output=lines
    )
    return lines


async def elsewhere(
    connection: Connection, institution: str, *, ids: Sequence[str]
) -> AsyncIterator[bytes]:
    """Return an institution's rows by id, or by the id that they take back."""
    for at in range(0, len(ids), BATCH):
        rows = await connection.fetch(
            query(FOLDER, "reconciled_elsewhere"), institution, ids[at : at + BATCH]
        )
        for row in rows:
            yield "\t".join("\\N" if value is None else value for value in row).encode()


async def totals(
    connection: Connection,
    institution: str,
    *,
    kind: tuple[str, str],
    days: tuple[date, date],
) -> dict[str, Any]:
    """Return the sums of an institution's days, of one scheme and category."""
    row = await connection.fetchrow(
        query(FOLDER, "totals"), institution, *kind, *span(*days)
    )
    assert row is not None, "sums are one row"
    return dict(row)


async def of_clearing_month(
    connection: Connection, clr_ym: str, *, region: str | None
) -> list[dict[str, Any]]:
    """Return the rows of a clearing month, of a region if one is named."""
    rows = await connection.fetch(query(FOLDER, "of_clearing_month"), clr_ym, region)
    return [dict(row) for row in rows]


async def monthly_fund_pay(
    connection: Connection, first: str, *, last: str
) -> list[dict[str, Any]]:
    """Return what pairs of regions used, by scheme and month."""
    rows = await connection.fetch(query(FOLDER, "monthly_fund_pay"), first, last)
    return [dict(row) for row in rows]
