"""What every log does, in memory and on Kafka: one suite for both."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    DEAD_LETTERS,
    LEDGER,
    REFERENCE,
)
from jiesuan_ledger.log import kafka
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.port import Appended, Log, LogError, read_one
from jiesuan_ledger.log.record import Record


def record(n: int, *, size: int = 10) -> Record:
    """Make a record that says who it is."""
    return Record(f"k{n}".encode(), b"v" * size, [("b", b"2"), ("a", str(n).encode())])


async def all_of(log: Log, topic: str, *, start: int, stop: int) -> list[Any]:
    """Read a range as pairs of offset and record."""
    read = log.read(topic, 0, start=start, stop=stop)
    return [(one.offset, one.record) async for batch in read for one in batch]


async def appended(log: Log, topic: str, records: list[Record]) -> int:
    """Write records within a bound; tell how many the log has taken."""
    async with asyncio.timeout(10):
        pending = await log.append(topic, 0, records)
        return sum(count for _, count in (await pending.done()).batches)


class TheLog:
    """What is promised of both."""

    async def test_an_empty_log_begins_and_ends_at_zero(
        self, log: Log, topic: str
    ) -> None:
        """Before the first record both bounds are zero, and there is nothing."""
        assert await log.begin_offset(topic, 0) == 0
        assert await log.end_offset(topic, 0) == 0
        assert await all_of(log, topic, start=0, stop=0) == []

    async def test_records_come_back_as_they_were_written(
        self, log: Log, topic: str
    ) -> None:
        """Key, value and the order of headers are kept; a key may be absent."""
        written = [record(1), Record(None, b"", []), record(3)]
        pending = await log.append(topic, 0, written)
        assert (await pending.done()).batches == ((0, 3),)
        read = await all_of(log, topic, start=0, stop=3)
        assert read == list(enumerate(written))

    async def test_names_that_are_no_text_are_written_as_they_were(
        self, log: Log, topic: str
    ) -> None:
        """A header's name of any bytes comes back, and the log is written to after."""
        odd = Record(b"k", b"v", [("\udcff\udcfe", b"1"), ("h", None)])
        written = [[odd], [record(1), odd, odd, record(3)], [record(4)]]
        for some in written:
            assert await appended(log, topic, some) == len(some)
        read = await all_of(log, topic, start=0, stop=6)
        assert read == list(enumerate([odd, *written[1], record(4)]))

    async def test_a_range_is_read_to_its_end_and_no_further(
        self, log: Log, topic: str
    ) -> None:
        """Reading [start, stop) gives exactly these offsets, again and again."""
        pending = await log.append(topic, 0, [record(n) for n in range(50)])
        await pending.done()
        for start, stop in ((0, 50), (10, 20), (49, 50), (7, 7)):
            read = await all_of(log, topic, start=start, stop=stop)
            assert [offset for offset, _ in read] == list(range(start, stop))
        assert (await read_one(log, topic, 0, offset=33)).key == b"k33"

    async def test_many_records_are_contiguous(self, log: Log, topic: str) -> None:
        """What does not fit into one batch still follows without a gap."""
        written = [record(n, size=30_000) for n in range(100)]
        appended = await (await log.append(topic, 0, written)).done()
        assert appended.is_contiguous(0)
        assert sum(count for _, count in appended.batches) == 100
        read = await all_of(log, topic, start=0, stop=100)
        assert [one.key for _, one in read] == [one.key for one in written]

    async def test_a_second_writer_is_seen_as_a_gap(
        self, log: Log, other: Log, topic: str
    ) -> None:
        """Whoever wrote in between is noticed by the offset of the acknowledgement."""
        first = await (await log.append(topic, 0, [record(1), record(2)])).done()
        await (await other.append(topic, 0, [record(9)])).done()
        second = await (await log.append(topic, 0, [record(3)])).done()
        assert first.is_contiguous(0)
        assert not second.is_contiguous(2)
        assert second.is_contiguous(3)
        assert await log.end_offset(topic, 0) == 4

    async def test_nothing_appended_is_contiguous_anywhere(
        self, log: Log, topic: str
    ) -> None:
        """An append of no records writes none."""
        appended = await (await log.append(topic, 0, [])).done()
        assert appended.is_contiguous(17)
        assert await log.end_offset(topic, 0) == 0

    async def test_what_does_not_come_is_an_error(
        self, log: Log, topic: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A range beyond the end is named, never cut short in silence."""
        monkeypatch.setattr(kafka, "READ_SECONDS", 0.5)
        await (await log.append(topic, 0, [record(1)])).done()
        with pytest.raises(LogError, match="止于1"):
            await all_of(log, topic, start=0, stop=2)

    async def test_a_large_record_travels_alone(self, log: Log, topic: str) -> None:
        """A fact of several megabytes is written and read like any other."""
        written = [record(1), record(2, size=5_000_000), record(3)]
        appended = await (await log.append(topic, 0, written)).done()
        assert appended.is_contiguous(0)
        read = await all_of(log, topic, start=0, stop=3)
        assert [len(one.value) for _, one in read] == [10, 5_000_000, 10]


class TestMemoryLog(TheLog):
    """The log in memory."""

    @pytest.fixture
    def topic(self) -> str:
        """Any name will do."""
        return "t"

    @pytest.fixture
    def log(self) -> MemoryLog:
        """A log of one's own."""
        return MemoryLog()

    @pytest.fixture
    def other(self, log: MemoryLog) -> MemoryLog:
        """Somebody else on the same log."""
        return log


@pytest.mark.connected
class TestKafkaLog(TheLog):
    """The log on Kafka."""

    @pytest.fixture
    async def topic(self, servers: Any) -> str:
        """A topic of this test alone."""
        name = f"log-{uuid.uuid4().hex}"
        admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
        await admin.start()
        settings = {"max.message.bytes": "16777216"}
        await admin.create_topics([NewTopic(name, 1, 1, topic_configs=settings)])
        await admin.close()
        return name

    @pytest.fixture
    async def log(self, servers: Any, topic: str) -> AsyncIterator[KafkaLog]:
        """A log with a producer of its own."""
        async for one in connected(servers.kafka):
            yield one

    @pytest.fixture
    async def other(self, servers: Any, topic: str) -> AsyncIterator[KafkaLog]:
        """Somebody else on the same log."""
        async for one in connected(servers.kafka):
            yield one


async def connected(bootstrap: str) -> AsyncIterator[KafkaLog]:
    """Connect a log, and disconnect it in the end."""
    log = KafkaLog(bootstrap, producer=make_producer(bootstrap))
    await log.start()
    yield log
    await log.stop()


def test_an_unknown_offset_is_not_contiguous() -> None:
    """Batches that do not follow each other are not contiguous, wherever they begin."""
    assert not Appended(((5, 2), (8, 1))).is_contiguous(5)
    assert Appended(((5, 2), (7, 1))).is_contiguous(5)


def codec_of(log: KafkaLog, topic: str) -> int:
    """Pack a record for a topic, and read from its batch how it is compressed."""
    parcel = log.parcel(topic)
    parcel.append(Record(b"P1", b"0" * 1_000, []))
    attributes = bytes(parcel.builders[0]._build())[21:23]  # as its sender does
    return int.from_bytes(attributes, "big") & 0b111


async def test_what_is_kept_for_ever_is_compressed() -> None:
    """Batches of ledger and clearing are zstd; what hospitals read needs no codec."""
    topics = (LEDGER, CLEARING, ANSWERS, REFERENCE, DEAD_LETTERS)
    log = KafkaLog("nowhere:1", producer=None)
    assert [codec_of(log, one) for one in topics] == [4, 4, 0, 0, 0]
    await log.stop()
