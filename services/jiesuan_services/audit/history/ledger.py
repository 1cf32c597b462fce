"""A ledger whose past can be asked: its log, its index, and where it ends."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.port import Log
from jiesuan_ledger.reader import accepted
from jiesuan_projections.engine.reading.ledger import PlacedEntry, placed
from jiesuan_services.audit.index.follow import EntryIndex, indexed
from jiesuan_services.audit.index.states import StateStore
from jiesuan_services.audit.index.store import IndexedRecord
from jiesuan_services.audit.points import AsOf, as_of, read_point

INDEX_FOLDER: Final = "index"
STATES_FOLDER: Final = "states"
STATE_EVERY: Final = 100_000
"""Records of a partition between two kept states: some seconds of reading."""
BROKEN_INDEX: Final = (
    "本机索引与条目的哈希链不符：请删除数据目录下的 index 后重试，索引会从账本重建"
)


class HistoryRefused(RuntimeError):
    """A past that cannot be shown: why, and what to do."""


class PastLedger(Struct, frozen=True):
    """A ledger, indexed to where it ended when it was asked."""

    log: Log
    index: EntryIndex
    ends: Mapping[int, int]
    states: StateStore

    @property
    def partitions(self) -> int:
        """How many partitions the ledger has."""
        return self.index.partitions

    def at(self, point: str) -> AsOf:
        """Return the last offset of each partition that a point keeps."""
        return as_of(read_point(point), self.ends, index=self.index.store)

    async def records(
        self, partition: int, *, first: int, last: int
    ) -> AsyncIterator[IndexedRecord]:
        """Return the accepted records with offsets in [first, last], in order."""
        forks = self.index.store.forks(partition, first=first, last=last)
        reading = self.log.read(LEDGER, partition, start=first, stop=last + 1)
        async for batch in reading:
            for stored in batch:
                if stored.offset not in forks:
                    yield indexed(partition, stored)

    async def entries(
        self, partition: int, *, first: int, last: int
    ) -> AsyncIterator[PlacedEntry]:
        """Return the accepted entries with offsets in [first, last], in order."""
        async for record in self.records(partition, first=first, last=last):
            yield placed(accepted(record), record)


@asynccontextmanager
async def past_ledger(
    log: Log,
    data: Path,
    *,
    ledger_id: str,
    partitions: int,
    state_every: int = STATE_EVERY,
) -> AsyncIterator[PastLedger]:
    """Open the index of a data directory and follow the log to its end."""
    index = EntryIndex(data / INDEX_FOLDER, ledger_id=ledger_id, partitions=partitions)
    states = StateStore(data / STATES_FOLDER / ledger_id, every=state_every)
    try:
        yield PastLedger(log, index, await index.follow(log), states)
    finally:
        index.close()
