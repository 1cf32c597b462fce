"""The log on Kafka: batches in, batches out, every acknowledgement read."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from jiesuan_events.words.topics import (
    COMPRESSED,
    FOREVER,
    LEDGER,
    MAX_RECORD_BYTES,
)
from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_ledger.log.fetch.slow import Marker
from jiesuan_ledger.log.port import Appended, LogError, Parcel, Stored
from jiesuan_ledger.log.record import MARKER, Record, TimedRecord

BATCH_BYTES: Final = 900_000
UNCOMPRESSED: Final = 0
ZSTD: Final = 4
"""The number of the codec in the format of a batch."""
READ_SECONDS: Final = 30.0
READ_RECORDS: Final = 5_000
RANGE_WAIT_MS: Final = 10
REQUEST_TIMEOUT_MS: Final = 30_000


@dataclass(slots=True)
class KafkaPending:
    """Batches handed to the producer, in order."""

    futures: list[tuple["asyncio.Future[Any]", int]]

    async def done(self) -> Appended:
        """Wait for every acknowledgement; an unknown offset is an error."""
        batches: list[tuple[int, int]] = []
        for future, count in self.futures:
            base = (await future).offset
            if base < 0:
                raise LogError("写入得到确认，但没有偏移：请查看集群日志")
            batches.append((base, count))
        return Appended(tuple(batches))


def make_producer(bootstrap: str) -> AIOKafkaProducer:
    """Make the one idempotent producer of a process."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
        max_request_size=MAX_RECORD_BYTES,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )


def make_consumer(
    bootstrap: str, *, wait_ms: int = 500, committed: bool = False
) -> LogConsumer:
    """Make a consumer without a group: positions are ours to keep.

    A fetch that waits at the broker delays the next seek: readers of ranges wait
    little, followers as long as Kafka does by default. What others write is read
    ``committed``, what must not wait for a stranger's open transaction is not.
    """
    return LogConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        fetch_max_wait_ms=wait_ms,
        isolation_level="read_committed" if committed else "read_uncommitted",
        whole=FOREVER,
        max_partition_fetch_bytes=4 * 1024 * 1024,
        fetch_max_bytes=32 * 1024 * 1024,
    )


async def count_partitions(bootstrap: str) -> int:
    """Ask how many partitions the ledger has."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics([LEDGER])
    finally:
        await admin.close()
    count = len(described[0]["partitions"])
    if not count:
        raise OSError(f"没有主题{LEDGER}：请先运行jiesuan up")
    return count


def record_of(message: Any) -> Record:
    """Take a consumed message as a record."""
    return Record(message.key, message.value, list(message.headers))


def stored(messages: Sequence[Any], expected: int, *, markers: bool) -> list[Stored]:
    """Take consumed messages as records, and count what is missing between them."""
    found: list[Stored] = []
    for one in messages:
        is_marker = isinstance(one, Marker)
        if markers or not is_marker:
            record = MARKER if is_marker else record_of(one)
            missing = one.offset - expected
            found.append(Stored(one.offset, record, one.timestamp, missing))
        expected = one.offset + 1
    return found


class KafkaParcel:
    """Records packed into the batches that they will be sent in."""

    def __init__(self, codec: int) -> None:
        self._codec = codec
        self._count = 0
        self.builders: list[BatchBuilder] = []

    def __len__(self) -> int:
        return self._count

    def append(self, record: Record, /) -> None:
        """Pack a record; what no batch can hold is an error."""
        try:
            self._pack(record)
        except UnicodeEncodeError:
            # An empty batch is never sent: aiokafka gives no offset for it.
            if self.builders and not self.builders[-1].record_count():
                self.builders.pop()
            self.builders.append(_AnyNames())
            self._pack(_with_raw_names(record))
        self._count += 1

    def _pack(self, record: Record) -> None:
        if not self.builders or not _add(self.builders[-1], record):
            self.builders.append(BatchBuilder(BATCH_BYTES, self._codec))
            if not _add(self.builders[-1], record):
                raise LogError("一条记录大到任何批次都放不下")


class _RawName(str):
    """A header's name of any bytes, which a record that was read kept."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> bytes:
        """Return the bytes back."""
        return super().encode(encoding, "surrogateescape")


class _AnyNames(BatchBuilder):  # type: ignore[misc]  # aiokafka has no types
    """A batch that takes names that are no text: aiokafka's fast builder does not."""

    def __init__(self) -> None:
        super().__init__(BATCH_BYTES, 0)
        self._builder = _DefaultRecordBatchBuilderPy(
            2, 0, 0, -1, -1, 0, batch_size=BATCH_BYTES
        )

    def _set_producer_state(self, *state: int) -> None:
        # aiokafka insists on its own kind, and ends its producer over any other.
        self._builder.set_producer_state(*state)


def _with_raw_names(record: Record) -> Record:
    headers = [(_RawName(name), value) for name, value in record.headers]
    if isinstance(record, TimedRecord):
        return TimedRecord(record.key, record.value, headers, record.timestamp)
    return Record(record.key, record.value, headers)


def _add(builder: BatchBuilder, record: Record) -> bool:
    appended = builder.append(
        key=record.key,
        value=record.value,
        timestamp=record.timestamp if isinstance(record, TimedRecord) else None,
        headers=record.headers,
    )
    return appended is not None


class KafkaLog:
    """A log on one cluster; the producer is absent where nothing may be written.

    Read ``committed``, it ends where the first open transaction begins.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        producer: AIOKafkaProducer | None,
        committed: bool = False,
    ) -> None:
        self._bootstrap = bootstrap
        self._producer = producer
        self._reader = make_consumer(
            bootstrap, wait_ms=RANGE_WAIT_MS, committed=committed
        )
        self._reading = asyncio.Lock()

    async def start(self) -> None:
        """Connect; raises at once when no broker answers."""
        try:
            await self._reader.start()
            if self._producer is not None:
                await self._producer.start()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Disconnect; what is on its way is finished first."""
        if self._producer is not None:
            await self._producer.stop()
        await self._reader.stop()

    async def begin_offset(self, topic: str, partition: int) -> int:
        """Return the offset of the first record that is still there."""
        place = TopicPartition(topic, partition)
        offsets: dict[TopicPartition, int] = await self._reader.beginning_offsets(
            [place]
        )
        return offsets[place]

    async def end_offset(self, topic: str, partition: int) -> int:
        """Return the offset that the next record will have."""
        place = TopicPartition(topic, partition)
        offsets: dict[TopicPartition, int] = await self._reader.end_offsets([place])
        return offsets[place]

    async def end_offsets(self, topic: str, partitions: int) -> list[int]:
        """Return where every partition of a topic ends, asked for at once."""
        places = [TopicPartition(topic, number) for number in range(partitions)]
        offsets = await self._reader.end_offsets(places)
        return [offsets[place] for place in places]

    async def read(
        self,
        topic: str,
        partition: int,
        *,
        start: int,
        stop: int,
        markers: bool = False,
    ) -> AsyncIterator[Sequence[Stored]]:
        """Read [start, stop) in batches; raise LogError if one comes too late."""
        if start >= stop:
            return
        async with self._reading:
            place = TopicPartition(topic, partition)
            self._reader.assign([place])
            self._reader.seek(place, start)
            at = start
            while at < stop:
                messages = await self._next(place, at, stop=stop)
                if found := stored(messages, at, markers=markers):
                    yield found
                at = messages[-1].offset + 1 if messages else stop

    async def _next(
        self, place: TopicPartition, at: int, *, stop: int
    ) -> Sequence[Any]:
        """Return what comes next of a range, nothing where its end is reached."""
        until = time.monotonic() + READ_SECONDS
        # What was fetched beyond the range is not even unpacked.
        most = min(READ_RECORDS, stop - at)
        while True:
            got = await self._reader.getmany(place, timeout_ms=500, max_records=most)
            messages = [one for one in got.get(place, ()) if one.offset < stop]
            if messages:
                return messages
            if got or await self._reader.position(place) >= stop:
                if place.topic in FOREVER:
                    raise self._lost(place, at, stop=stop)
                return ()
            if time.monotonic() > until or place in self._reader.halts:
                raise self._lost(place, at, stop=stop)

    def _lost(self, place: TopicPartition, at: int, *, stop: int) -> LogError:
        name = f"{place.topic}/{place.partition}"
        halt = self._reader.halts.get(place)
        if halt is not None:
            return LogError(f"{name}停在偏移{halt.offset}：{halt.reason}")
        return LogError(f"{name}止于{at}，应到{stop}：记录缺失，请从副本恢复主题")

    def parcel(self, topic: str) -> KafkaParcel:
        """Return an empty parcel, compressed where the topic is."""
        return KafkaParcel(ZSTD if topic in COMPRESSED else UNCOMPRESSED)

    async def append(
        self, topic: str, partition: int, records: Sequence[Record] | Parcel
    ) -> KafkaPending:
        """Write records in order, in batches that the broker takes."""
        assert self._producer is not None, "a log without a producer is read only"
        parcel = records
        if not isinstance(parcel, KafkaParcel):
            parcel = self._packed(topic, records)
        pending = [
            await self._send(builder, topic, partition) for builder in parcel.builders
        ]
        return KafkaPending(pending)

    def _packed(self, topic: str, records: Sequence[Record] | Parcel) -> KafkaParcel:
        assert isinstance(records, Sequence), "a parcel of another log"
        parcel = self.parcel(topic)
        for record in records:
            parcel.append(record)
        return parcel

    async def _send(
        self, builder: BatchBuilder, topic: str, partition: int
    ) -> tuple["asyncio.Future[Any]", int]:
        builder.close()
        assert self._producer is not None
        count = builder.record_count()
        sent = await self._producer.send_batch(builder, topic, partition=partition)
        return sent, count
