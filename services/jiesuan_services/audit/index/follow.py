"""The index is fed from the log by the rule of all readers, batch by batch."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import lmdb

from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import Fact, GapRefunded
from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.port import Log, Stored
from jiesuan_ledger.parts.block import Block
from jiesuan_ledger.reader import (
    NO_HEAD,
    AcceptedEntry,
    Ahead,
    ChainHead,
    Fork,
    accept,
    each_ahead,
)
from jiesuan_ledger.reader import person_of as person_of_record
from jiesuan_services.audit.index.instants import nanoseconds
from jiesuan_services.audit.index.store import (
    About,
    IndexedHead,
    IndexedRecord,
    IndexStore,
    Progress,
    encode,
    entry_key,
    fork_key,
    head_in,
    head_key,
    offset_value,
    place_value,
    progress_in,
    progress_key,
    settlement_key,
    time_key,
)


class EntryIndex:
    """The index of one ledger; it follows the log to a given offset."""

    def __init__(self, folder: Path, *, ledger_id: str, partitions: int) -> None:
        self.store = IndexStore(folder)
        self.partitions = partitions
        wanted = About(ledger_id, partitions)
        found = self.store.about()
        if found is not None and found != wanted:
            raise LedgerRefused(
                f"{folder} 是账本 {found.ledger_id} 的索引，而集群上是 {ledger_id}："
                "请检查所连的集群，或为每个账本使用各自的数据目录"
            )
        if found is None:
            self.store.clear(wanted)

    def close(self) -> None:
        """Close the files."""
        self.store.close()

    async def follow(self, log: Log) -> dict[int, int]:
        """Index to the end of the log as of now; return the last offsets."""
        ends = {}
        for partition in range(self.partitions):
            end = await log.end_offset(LEDGER, partition)
            await self._follow(log, partition, end=end)
            ends[partition] = end - 1
        return ends

    async def _follow(self, log: Log, partition: int, *, end: int) -> None:
        start = self.store.progress(partition).next_offset
        if start > end:
            raise LedgerRefused(
                f"账本分区 {partition} 止于 {end}，而此前已读到 {start}："
                "末尾的记录丢失，请从副本恢复 jiesuan.ledger"
            )
        async for batch in log.read(LEDGER, partition, start=start, stop=end):
            self.take(partition, batch)

    def take(self, partition: int, batch: Sequence[Stored]) -> None:
        """Index a batch, all of it or nothing; what was indexed before is left out."""
        with self.store.writing() as writing:
            progress = progress_in(writing, partition)
            fresh = [one for one in batch if one.offset >= progress.next_offset]
            all_ahead = each_ahead([stored.record for stored in fresh])
            for stored, ahead in zip(fresh, all_ahead, strict=True):
                at = self._take(writing, partition, stored=stored, ahead=ahead)
                latest = progress.latest
                if at is not None and at > latest:
                    latest = at
                    writing.put(time_key(partition, at), offset_value(stored.offset))
                progress = Progress(stored.offset + 1, latest)
            writing.put(progress_key(partition), encode(progress))

    def _take(
        self, writing: lmdb.Transaction, partition: int, *, stored: Stored, ahead: Ahead
    ) -> int | None:
        """Index a record; return when it was recorded, None for a fork."""
        person = person_of_record(stored.record)
        head = None if person is None else head_in(writing, person)
        known = (
            NO_HEAD if head is None else ChainHead(head.version, head.hash, partition)
        )
        one = accept(
            stored.record,
            known,
            partition=partition,
            partitions=self.partitions,
            ahead=ahead,
        )
        if isinstance(one, Fork):
            writing.put(fork_key(partition, stored.offset), b"")
            return None
        return _add(writing, partition, stored=stored, one=one)


def _add(
    writing: lmdb.Transaction, partition: int, *, stored: Stored, one: AcceptedEntry
) -> int:
    """Write what an accepted entry adds; return when it was recorded."""
    version = one.entry.version
    kept = encode(indexed(partition, stored))
    writing.put(entry_key(one.person_id, version), kept)
    writing.put(head_key(one.person_id), encode(IndexedHead(version, one.hash)))
    place = place_value(partition, stored.offset)
    for settlement_id in settlements_of(one.fact):
        writing.put(settlement_key(settlement_id), place)
    return nanoseconds(one.entry.recorded_at, otherwise=stored.timestamp)


def indexed(partition: int, stored: Stored) -> IndexedRecord:
    """Return a stored record with its partition, as the index keeps it."""
    record = stored.record
    return IndexedRecord(
        partition,
        stored.offset,
        stored.timestamp,
        record.key,
        record.value,
        list(record.headers),
    )


def settlements_of(fact: Fact) -> Iterator[str]:
    """Return the ids of the settlements and mirrors that a fact makes."""
    if isinstance(fact, GapRefunded):
        for block in fact.reversed + fact.resettled:
            yield block.settlement_id
    elif isinstance(fact, Block):
        yield fact.settlement_id
