"""Forks: ledger records that are nobody's next entry, kept with the reason."""

from typing import Final

from jiesuan_events.words.instants import appended_at
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.reader import person_of
from jiesuan_projections.engine.model import (
    Connection,
    LogRecord,
    ReadModel,
    Row,
    storable,
)
from jiesuan_projections.engine.reading.ledger import LedgerBatch, PlacedFork
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


def row(placed: PlacedFork) -> Row:
    """Return the row of one fork; what has no envelope has the type it claims."""
    record, entry = placed.record, placed.fork.entry
    said: Row = (person_of(record), storable(_claimed_type(record)), None, None, None)
    if entry is not None:
        words = (entry.type, entry.cause, entry.writer)
        type_, cause, writer = map(storable, words)
        said = (entry.person_id, type_, entry.version, cause, writer)
    return (
        record.partition,
        record.offset,
        placed.fork.reason.value,
        *said,
        appended_at(record.timestamp),
        record.value,
    )


def _claimed_type(record: LogRecord) -> str:
    return (dict(record.headers).get("ce_type") or b"").decode("utf-8", "replace")


async def apply(connection: Connection, batch: LedgerBatch) -> None:
    """Append the forks of a batch."""
    rows = [row(fork) for fork in batch.forks]
    await append(connection, "fork", columns=COLUMNS, rows=rows)


MODEL: Final = ReadModel("fork", LEDGER, ("fork",), apply)
