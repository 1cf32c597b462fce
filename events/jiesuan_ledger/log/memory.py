"""The log in memory: the same behaviour, for tests of what stands on a log."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

from jiesuan_ledger.log.port import Appended, LogError, Parcel, Stored
from jiesuan_ledger.log.record import MARKER, Record, TimedRecord


class MemoryPending:
    """An append that is done already."""

    def __init__(self, appended: Appended) -> None:
        self._appended = appended

    async def done(self) -> Appended:
        """Return where the records stand."""
        return self._appended


class MemoryLog:
    """Topics and partitions as lists; shared by whoever holds it."""

    def __init__(self) -> None:
        self.partitions: dict[tuple[str, int], list[Record]] = defaultdict(list)

    async def begin_offset(self, topic: str, partition: int) -> int:
        """Return the offset of the first record: nothing is ever forgotten."""
        return 0

    async def end_offset(self, topic: str, partition: int) -> int:
        """Return the offset that the next record will have."""
        return len(self.partitions[topic, partition])

    async def read(
        self,
        topic: str,
        partition: int,
        *,
        start: int,
        stop: int,
        markers: bool = False,
    ) -> AsyncIterator[Sequence[Stored]]:
        """Read [start, stop) in one batch."""
        records = self.partitions[topic, partition]
        if stop > len(records):
            raise LogError(f"{topic}/{partition}止于{len(records)}，应到{stop}")
        found = [
            _stored(at, records[at])
            for at in range(start, stop)
            if markers or records[at] is not MARKER
        ]
        if found:
            yield found

    def parcel(self, topic: str) -> list[Record]:
        """Return an empty parcel: a list."""
        return []

    async def append(
        self, topic: str, partition: int, records: Sequence[Record] | Parcel
    ) -> MemoryPending:
        """Write records in order."""
        assert isinstance(records, Sequence), "a parcel of this log is a list"
        have = self.partitions[topic, partition]
        base = len(have)
        have.extend(records)
        batches = ((base, len(records)),) if records else ()
        return MemoryPending(Appended(batches))


def _stored(offset: int, record: Record) -> Stored:
    if isinstance(record, TimedRecord):
        plain = Record(record.key, record.value, record.headers)
        return Stored(offset, plain, record.timestamp)
    return Stored(offset, record)
