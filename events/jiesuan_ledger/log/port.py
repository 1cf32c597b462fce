"""What the decider and the auditor need of a log; Kafka and memory both give it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from jiesuan_ledger.log.record import Record


class LogError(RuntimeError):
    """The log could not do what was asked; the message says what to do."""


@dataclass(slots=True, frozen=True)
class Stored:
    """A record at its place in a partition."""

    offset: int
    record: Record
    timestamp: int = -1
    """Kafka's own, in milliseconds: informative; a log in memory has none."""
    missing: int = 0
    """How many records that must be there are missing right before it."""


@dataclass(slots=True, frozen=True)
class Appended:
    """Where a run of records was written: base offset and count of each batch."""

    batches: tuple[tuple[int, int], ...]

    def is_contiguous(self, first: int) -> bool:
        """Whether the records follow each other from the offset expected.

        This is the compare-and-append: a gap means that somebody else wrote.
        """
        at = first
        for base, count in self.batches:
            if base != at:
                return False
            at += count
        return True


class Pending(Protocol):
    """Records on their way; the outcome is known when the log acknowledges."""

    async def done(self) -> Appended:
        """Wait for the acknowledgement."""
        ...


class Parcel(Protocol):
    """Records for one partition, in order; a list is one."""

    def append(self, record: Record, /) -> None:
        """Add a record."""
        ...

    def __len__(self) -> int:
        """Count the records."""
        ...


class Log(Protocol):
    """A log of topics and partitions."""

    async def begin_offset(self, topic: str, partition: int) -> int:
        """Return the offset of the first record that is still there."""
        ...

    async def end_offset(self, topic: str, partition: int) -> int:
        """Return the offset that the next record will have."""
        ...

    def read(
        self,
        topic: str,
        partition: int,
        *,
        start: int,
        stop: int,
        markers: bool = False,
    ) -> AsyncIterator[Sequence[Stored]]:
        """Read [start, stop) in batches, or raise LogError if a record does not arrive.

        Where a transaction of somebody ended nothing is said: with ``markers`` that
        too is given, as `MARKER`, to who counts every offset.
        """
        ...

    def parcel(self, topic: str) -> Parcel:
        """Return an empty parcel for a topic; what is added is encoded, not kept."""
        ...

    async def append(
        self, topic: str, partition: int, records: Sequence[Record] | Parcel
    ) -> Pending:
        """Write records, or a parcel of this log, in order.

        Returns when they are on their way.
        """
        ...


async def read_one(log: Log, topic: str, partition: int, *, offset: int) -> Record:
    """Read one record, or raise LogError when the log does not give it."""
    found: Record | None = None
    async for batch in log.read(topic, partition, start=offset, stop=offset + 1):
        found = batch[0].record
    if found is None:
        raise LogError(f"{topic}/{partition}读不到偏移{offset}的记录")
    return found
