"""Forks: ledger records that are nobody's next entry, kept with the reason."""

from typing import Final

from jiesuan_projections.engine.model import LEDGER, Connection, ReadModel, Row, instant
from jiesuan_projections.engine.reading.ledger import Fork, LedgerBatch
from jiesuan_projections.engine.tables.copy import append

COLUMNS: Final = (
    "partition",
    "offset",
    "reason",
    "psn_no",
    "type",
    "version",
    "cause",
    "writer",
    "appended_at",
    "value",
)


def row(fork: Fork) -> Row:
    """Give the row of one fork."""
    record = fork.record
    return (
        record.partition,
        record.offset,
        fork.reason,
        fork.person_id,
        fork.type,
        fork.version,
        fork.cause,
        fork.writer,
        instant(record.timestamp),
        record.value,
    )


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Append the forks of a batch."""
    rows = [row(fork) for fork in batch.forks]
    await append(connection, "fork", columns=COLUMNS, rows=rows)


MODEL: Final = ReadModel("fork", LEDGER, ("fork",), apply)
