"""One batch of one log, applied in one transaction with its checkpoint."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.genesis import Ledger, ledger_of
from jiesuan_ledger.log.fetch.slow import Marker
from jiesuan_ledger.parts.checked import NO_CHECKS, Checker
from jiesuan_projections.engine.model import Connection, LogRecord, ReadModel
from jiesuan_projections.engine.positions import (
    Sieved,
    lock_positions,
    move_positions,
    save_heads,
    sieve,
)
from jiesuan_projections.engine.reading.heads import RememberedHeads
from jiesuan_projections.engine.reading.ledger import (
    LedgerBatch,
    check_ledger,
    persons_of,
    read_entries,
)

MAX_RECORDS: Final = 4_000
"""Bound of a batch: a few megabytes of rows, well under a second of work."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch."""

    records: int
    forks: int
    gaps: dict[int, int]
    """Partition → offset to read again from: records are missing there."""


@dataclass(frozen=True, slots=True)
class Follower:
    """Applies the batches of one log to the read models that follow it."""

    topic: str
    models: tuple[ReadModel, ...]
    ledger: Ledger | None = None
    checker: Checker = NO_CHECKS
    heads: RememberedHeads = field(default_factory=RememberedHeads)

    async def apply(
        self, connection: Connection, records: Sequence[LogRecord]
    ) -> Applied:
        """Apply what comes next of these records: all of it, or nothing.

        Seen before: skipped. After a hole: left for when the hole has been read.
        """
        self._check_genesis(records)
        touched = sorted({record.partition for record in records})
        async with connection.transaction():
            positions = await lock_positions(connection, self.topic, partitions=touched)
            self.heads.hold_against(positions)
            sieved = sieve(records, positions)
            batch = LedgerBatch()
            if sieved.fresh:
                batch = await self._write(connection, sieved)
        self.heads.committed(sieved.last, batch.moved)
        return Applied(len(sieved.fresh), len(batch.forks), sieved.gaps)

    def _check_genesis(self, records: Sequence[LogRecord]) -> None:
        if self.topic == LEDGER:
            for record in records:
                if record.offset == 0:
                    check_ledger(ledger_of(record, record.partition), self.ledger)

    async def _write(self, connection: Connection, sieved: Sieved) -> LedgerBatch:
        # Where a transaction of somebody ended an offset is taken, and nothing said.
        said = [one for one in sieved.fresh if not isinstance(one, Marker)]
        batch: LedgerBatch | list[LogRecord] = said
        if self.topic == LEDGER:
            batch = await self._read(connection, said)
        for model in self.models:
            await model.apply(connection, batch)
        await move_positions(connection, self.topic, last=sieved.last)
        return batch if isinstance(batch, LedgerBatch) else LedgerBatch()

    async def _read(
        self, connection: Connection, records: Sequence[LogRecord]
    ) -> LedgerBatch:
        assert self.ledger is not None, "a follower of the ledger knows which"
        heads = await self.heads.of(connection, persons_of(records))
        batch = read_entries(
            records, heads, partitions=self.ledger.partitions, checker=self.checker
        )
        await save_heads(connection, batch.moved)
        return batch
