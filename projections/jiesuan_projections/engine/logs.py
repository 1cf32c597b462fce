"""Bounded reads of Kafka: where logs begin and end, and what lies between."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from jiesuan_events.words.topics import ANSWERS, CLEARING, DEAD_LETTERS, LEDGER
from jiesuan_ledger.genesis import Ledger, LedgerRefused, ledger_of
from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_projections.engine.follower import MAX_RECORDS
from jiesuan_projections.engine.model import LogRecord
from jiesuan_projections.engine.reading.ledger import check_ledger

FOLLOWED: Final = (LEDGER, ANSWERS, DEAD_LETTERS, CLEARING)
"""The logs that are projected, without a hole: marks of transactions are handed out."""
READ_SECONDS: Final = 30
"""How long a record that must be there may take to come."""
POLL_MS: Final = 500
FETCH_BYTES: Final = 4 * 1024 * 1024


class LogUnreadable(RuntimeError):
    """A record that must be in the log did not come."""


@asynccontextmanager
async def opened(kafka: str) -> AsyncIterator[LogConsumer]:
    """Open a reader that belongs to no group and remembers nothing."""
    reader = LogConsumer(
        whole=FOLLOWED,
        bootstrap_servers=kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    await reader.start()
    try:
        yield reader
    finally:
        await reader.stop()


async def partitions_of(kafka: str, topic: str) -> tuple[int, ...]:
    """Return the partitions of a topic, or raise if there is no such topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        described = await admin.describe_topics([topic])
    finally:
        await admin.close()
    found = sorted(part["partition"] for part in described[0]["partitions"])
    if not found:
        raise LogUnreadable(f"没有主题{topic}：请先运行jiesuan up")
    return tuple(found)


async def bounds(
    reader: LogConsumer, topic: str, *, partitions: Sequence[int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Return where each partition begins and where it ends now."""
    places = [TopicPartition(topic, partition) for partition in partitions]
    first = await reader.beginning_offsets(places)
    after = await reader.end_offsets(places)
    return (
        {place.partition: offset for place, offset in first.items()},
        {place.partition: offset for place, offset in after.items()},
    )


async def read_between(
    reader: LogConsumer,
    topic: str,
    *,
    start: Mapping[int, int],
    end: Mapping[int, int],
) -> AsyncIterator[Sequence[LogRecord]]:
    """Return every record from `start` up to, not including, `end`; bounded waits."""
    left = {p: at for p, at in start.items() if at < end[p]}
    places = [TopicPartition(topic, partition) for partition in left]
    reader.assign(places)
    for place in places:
        reader.seek(place, left[place.partition])
    heard = time.monotonic()
    while left:
        found = await reader.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        records = [
            record
            for batch in found.values()
            for record in batch
            if record.offset < end[record.partition]
        ]
        if records:
            heard = time.monotonic()
            yield records
        elif time.monotonic() - heard > READ_SECONDS:
            raise LogUnreadable(f"{topic}的分区{sorted(left)}没有读到末尾")
        for place, halt in reader.halts.items():
            raise LogUnreadable(
                f"{topic}/{place.partition} 停在 {halt.offset}：{halt.reason}"
            )
        for place, batch in found.items():
            if batch[-1].offset + 1 >= end[place.partition]:
                left.pop(place.partition, None)
                reader.pause(place)


async def identify(
    reader: LogConsumer, known: Ledger | None, *, partitions: Sequence[int]
) -> Ledger:
    """Read the genesis of every partition of the ledger; refuse a foreign one."""
    first, after = await bounds(reader, LEDGER, partitions=partitions)
    for partition, offset in first.items():
        if offset > 0 or after[partition] == 0:
            raise LedgerRefused(
                f"账本分区{partition}没有首条记录，或开头已丢失："
                "账本须永久保留全部记录，请恢复它"
            )
    found = known
    genesis = dict.fromkeys(first, 1)
    start = dict.fromkeys(first, 0)
    async with asyncio.timeout(READ_SECONDS):
        async for records in read_between(reader, LEDGER, start=start, end=genesis):
            for record in records:
                ledger = ledger_of(record, record.partition)
                check_ledger(ledger, found)
                found = ledger
    assert found is not None, "every partition has said its ledger"
    if found.partitions != len(first):
        raise LedgerRefused(
            f"账本建账时有{found.partitions}个分区，现为{len(first)}个："
            "建账后不能增加分区，请改回"
        )
    return found
