"""One partition read as bytes, batch by batch, until it is past what does not read."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaError
from aiokafka.protocol.fetch import FetchRequest

from jiesuan_ledger.log.fetch.batches import RawBatch, RawRecord, read_batches

FETCH_BYTES: Final = 1024 * 1024
TRY_AGAIN_SECONDS: Final = 5.0
"""How long a broken batch is left alone: its broker may get it back from a replica."""
BROKEN: Final = "a batch is not what its checksum says: restore it from a replica"
SILENT: Final = "the broker has records here and gives none: restore the topic"
_NO_ERROR: Final = 0
OUT_OF_RANGE: Final = 1


class Marker(ConsumerRecord):  # type: ignore[misc]  # aiokafka has no types
    """An offset without a record: a transaction ended there, or a batch that holds
    fewer records than it takes offsets does not read to its end.
    """


@dataclass(frozen=True, slots=True)
class Halt:
    """Why a partition is not read on, where, and since when (seconds of the epoch)."""

    offset: int
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a broker gave from an offset on, and which transactions were given up."""

    end: int
    """Where the log ends for its reader."""
    batches: Sequence[RawBatch]
    aborted: Sequence[tuple[int, int]]
    """Producer and first offset of each."""

    def sound(self) -> Iterator[RawBatch]:
        """Return the batches before the first broken one."""
        for batch in self.batches:
            if not batch.is_intact:
                return
            yield batch

    def committed(self) -> Iterator[RawBatch]:
        """Return the same without what was given up."""
        waiting = sorted(self.aborted, key=lambda one: one[1], reverse=True)
        producers: set[int] = set()
        for batch in self.sound():
            while waiting and waiting[-1][1] <= batch.base:
                producers.add(waiting.pop()[0])
            if batch.is_abort:
                producers.discard(batch.producer)
            if not (batch.is_transactional and batch.producer in producers):
                yield batch


async def fetch(
    client: Any, place: TopicPartition, *, offset: int, committed: bool
) -> Fetched | None:
    """Fetch the bytes that stand at an offset; None while no broker gives them."""
    node = client.cluster.leader_for_partition(place)
    wanted = [(place.topic, [(place.partition, offset, FETCH_BYTES)])]
    request = FetchRequest(0, 1, FETCH_BYTES, int(committed), wanted)
    try:
        # Beside the fetch that may be waiting at the broker, not behind it.
        response = await client.send(node, request, group=ConnectionGroup.COORDINATION)
    except KafkaError:
        client.force_metadata_update()
        return None
    ((_, ((_, error, high, stable, *rest),)),) = response.topics
    if error == OUT_OF_RANGE:
        return Fetched(offset, (), ())
    if error != _NO_ERROR:
        client.force_metadata_update()
        return None
    aborted = next((part for part in rest if isinstance(part, list)), ())
    end = stable if committed else high
    return Fetched(
        end,
        tuple(read_batches(rest[-1] or b"", end=end)),
        tuple((producer, first) for producer, first in aborted),
    )


class SlowReader:
    """Hands out what stands from an offset on, whatever it is.

    It is done when all that was fetched is handed out. A batch whose checksum is
    wrong is never passed: the reader stands before it, and tries again.
    """

    def __init__(
        self, place: TopicPartition, position: int, *, committed: bool
    ) -> None:
        self.position = position
        self.halt: Halt | None = None
        self.unreadable = 0
        self.is_done = False
        self._place = place
        self._committed = committed
        self._records: Iterator[Any] | None = None
        self._try_at = 0.0
        self._is_doubted = False

    async def draw(self, client: Any, most: int) -> list[Any]:
        """Return the next records, none if there are none now."""
        if self._records is None and time.monotonic() >= self._try_at:
            fetched = await fetch(
                client, self._place, offset=self.position, committed=self._committed
            )
            if fetched is not None:
                self._look_at(fetched)
        if self._records is None:
            return []
        drawn = list(islice(self._records, most))
        if len(drawn) < most:
            self._records = None
            self.is_done = True
        return drawn

    def _look_at(self, fetched: Fetched) -> None:
        """Stand before what is broken, or begin to hand out what comes before it.

        A broker looks where the log ends before it reads: what came in between seems to
        stand beyond the end. So what is broken is fetched a second time at once.
        """
        wrong: str | None = None
        if not fetched.batches:
            wrong = SILENT if self.position < fetched.end else None
        elif not fetched.batches[0].is_intact:
            wrong = BROKEN
        if wrong is None:
            self.halt = None
            self._records = self._hand_out(fetched)
            return
        if not self._is_doubted:
            self._is_doubted = True
            return
        self._try_at = time.monotonic() + TRY_AGAIN_SECONDS
        if self.halt is None:
            self.halt = Halt(self.position, wrong, time.time())

    def _hand_out(self, fetched: Fetched) -> Iterator[Any]:
        batches = fetched.committed() if self._committed else fetched.sound()
        for batch in batches:
            for record in () if batch.is_marker else batch.records():
                if record.offset >= self.position:
                    self.position = record.offset + 1
                    self.unreadable += record.fault is not None
                    yield received(self._place, record)
            self.position = max(self.position, batch.last + 1)
        for batch in fetched.sound():
            self.position = max(self.position, batch.last + 1)


def received(place: TopicPartition, record: RawRecord) -> Any:
    """Write a record as aiokafka would; names that are no text keep their bytes."""
    return ConsumerRecord(
        place.topic,
        place.partition,
        record.offset,
        record.timestamp,
        0,
        record.key,
        record.value,
        None,
        -1 if record.key is None else len(record.key),
        -1 if record.value is None else len(record.value),
        tuple(
            (name.decode("utf-8", "surrogateescape"), value)
            for name, value in record.headers
        ),
    )


def marker(place: TopicPartition, batch: RawBatch, *, offset: int) -> Marker:
    """Stand in for a record at an offset of a batch that has none there."""
    return Marker(
        place.topic,
        place.partition,
        offset,
        batch.max_timestamp,
        0,
        None,
        None,
        None,
        -1,
        -1,
        (),
    )


def empty_offsets(batch: RawBatch) -> set[int]:
    """Return the offsets of a batch at which no record stands.

    What of it does not read is one record, however many it says that there are.
    """
    offsets = set(range(batch.base, batch.last + 1))
    return offsets if batch.is_marker else offsets - {r.offset for r in batch.records()}


async def markers_between(
    client: Any, place: TopicPartition, *, start: int, stop: int
) -> list[Marker] | None:
    """Return a mark for each offset in [start, stop) at which batches have no record;
    none for what no batch holds: that is missing. None while no broker can say.
    """
    found: list[Marker] = []
    at = start
    while at < stop:
        fetched = await fetch(client, place, offset=at, committed=False)
        if fetched is None:
            return None
        batches = list(fetched.sound())
        if not batches:
            return found
        found += [
            marker(place, batch, offset=offset)
            for batch in batches
            if batch.base < stop
            for offset in sorted(empty_offsets(batch))
            if start <= offset < stop
        ]
        at = batches[-1].last + 1
    return found
