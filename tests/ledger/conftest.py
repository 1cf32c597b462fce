"""Topics of one's own, and what lies in them."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tests.ledger.raw import Raw, RawProducer, batch

from jiesuan_ledger.log.fetch.consumer import LogConsumer

LARGEST = "16777216"


async def create_topic(bootstrap: str, *, partitions: int = 1, **settings: str) -> str:
    """Make a topic of a name that nobody else has.

    It keeps what it is given: the times of `raw` are years ago, and a broker deletes
    what is older than a week half a minute after its start, and every five minutes.
    """
    name = f"t-{uuid.uuid4().hex}"
    made = {"max.message.bytes": LARGEST, "retention.ms": "-1", **settings}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=made)])
        while name not in await admin.list_topics():
            pass
    finally:
        await admin.close()
    return name


async def opened(
    bootstrap: str, topic: str, *, partitions: int = 1, **settings: Any
) -> LogConsumer:
    """Open a reader at the beginning of a topic."""
    consumer = LogConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        max_partition_fetch_bytes=4 * 1024 * 1024,
        **{"auto_offset_reset": "none", "fetch_max_wait_ms": 50, **settings},
    )
    await consumer.start()
    places = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(places)
    for place in places:
        consumer.seek(place, 0)
    return consumer


async def drained(
    consumer: LogConsumer, *, most: int | None = None, patience_ms: int = 50
) -> dict[int, list[Any]]:
    """Read until each partition is at its end or stands, and no more comes; by
    partition."""
    found: dict[int, list[Any]] = {}
    async with asyncio.timeout(60):
        while True:
            got = await consumer.getmany(timeout_ms=patience_ms, max_records=most)
            for place, records in got.items():
                found.setdefault(place.partition, []).extend(records)
            if not got and await _is_read(consumer):
                return found


async def _is_read(consumer: LogConsumer) -> bool:
    """Whether a reader is at the end of every partition that it can read on."""
    places = consumer.assignment() - consumer.halts.keys()
    ends = await consumer.end_offsets(places)
    return all([await consumer.position(one) >= ends[one] for one in places])


async def transaction(
    bootstrap: str, topic: str, values: list[bytes], *, commit: bool
) -> None:
    """Write records in a transaction, and end it: its mark stands when this returns."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        transactional_id=uuid.uuid4().hex,
        transaction_timeout_ms=10_000,
    )
    await producer.start()
    try:
        await producer.begin_transaction()
        for value in values:
            last = await producer.send_and_wait(topic, value, partition=0)
        if commit:
            await producer.commit_transaction()
        else:
            await producer.abort_transaction()
    finally:
        await producer.stop()
    await _ends(bootstrap, TopicPartition(topic, 0), after=last.offset + 1)


async def _ends(bootstrap: str, place: TopicPartition, *, after: int) -> None:
    """Wait until a partition ends after an offset."""
    consumer = LogConsumer(bootstrap_servers=bootstrap, auto_offset_reset="none")
    await consumer.start()
    try:
        while True:
            if (await consumer.end_offsets([place]))[place] > after:
                return
            await asyncio.sleep(0.01)
    finally:
        await consumer.stop()


@pytest.fixture
async def raw(servers: Any) -> AsyncIterator[RawProducer]:
    """Somebody who sends bytes."""
    async with RawProducer(servers.kafka) as producer:
        yield producer


@pytest.fixture
async def reading(
    servers: Any,
) -> AsyncIterator[Callable[..., Awaitable[LogConsumer]]]:
    """Open readers that are closed in the end."""
    made: list[LogConsumer] = []

    async def read(topic: str, **settings: Any) -> LogConsumer:
        made.append(await opened(servers.kafka, topic, **settings))
        return made[-1]

    yield read
    for one in made:
        await one.stop()


def good(number: int, **batch_settings: Any) -> bytes:
    """Make a batch of one record that says its number."""
    return batch([Raw(b"k", b"%d" % number, [(b"h", b"x")])], **batch_settings)
