"""The one place where subscribers are made, each with an explicit ack policy.

FastStream's default acknowledges before processing. Here nothing is acknowledged but
by hand, after the commit in PostgreSQL; and the truth is the checkpoint there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import aiokafka
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage, TopicPartition
from faststream.kafka.subscriber.usecase import BatchSubscriber

from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_ledger.log.fetch.slow import Halt
from jiesuan_projections.engine.follower import MAX_RECORDS
from jiesuan_projections.engine.logs import FETCH_BYTES, FOLLOWED
from jiesuan_projections.engine.model import LogRecord

GROUP: Final = "jiesuan-projections"
POLL_MS: Final = 20
"""How long FastStream rests after an empty poll: the floor of freshness."""
PATIENCE_MS: Final = 500
"""How long an empty poll waits; what comes ends it. Many short ones cost a core 5 %."""
GRACE_SECONDS: Final = 4.0
"""Of the five seconds in which a process stops, what a batch in hand may take."""

HINT_SECONDS: Final = 1.0
"""How long a hint may take: a group whose coordinator is away takes none."""

Handle = Callable[[Sequence[LogRecord]], Awaitable[None]]


def make_broker(kafka: str) -> KafkaBroker:
    """Make the broker of a projector; it neither creates topics nor logs records."""
    return KafkaBroker(
        kafka,
        graceful_timeout=GRACE_SECONDS,
        apply_types=False,
        logger=None,
        allow_auto_create_topics=False,
    )


async def start(
    broker: KafkaBroker, starts: Mapping[aiokafka.TopicPartition, int]
) -> None:
    """Start the subscribers, each on the one reader that nothing in a log can stop.

    They begin where ``starts`` says: the group, which may have no coordinator, is not
    asked.
    """
    await broker.connect()
    config = broker.config.broker_config
    settings = config.builder.keywords  # type: ignore[attr-defined]  # a partial
    known = {**settings, "whole": FOLLOWED, "starts": starts}
    config.builder = partial(LogConsumer, patience_ms=PATIENCE_MS, **known)
    await broker.start()


def subscribe(
    broker: KafkaBroker, topic: str, *, partitions: Sequence[int], handle: Handle
) -> BatchSubscriber:
    """Subscribe to all partitions of a topic, in batches, acknowledged by hand."""
    subscriber = broker.subscriber(
        partitions=[TopicPartition(topic, partition) for partition in partitions],
        batch=True,
        max_records=MAX_RECORDS,
        batch_timeout_ms=POLL_MS,
        group_id=GROUP,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        parser=_as_received,
        decoder=_undecoded,
    )
    assert isinstance(subscriber, BatchSubscriber), (
        "batch=True makes a batch subscriber"
    )

    @subscriber
    async def received(records: Any) -> None:
        # FastStream would build a validator from a narrower annotation.
        await handle(records)

    return subscriber


def seek(subscriber: BatchSubscriber, topic: str, *, to: Mapping[int, int]) -> None:
    """Read partitions again from these offsets."""
    consumer = subscriber.consumer
    assert consumer is not None, "a subscriber that runs has a consumer"
    for partition, offset in to.items():
        consumer.seek(aiokafka.TopicPartition(topic, partition), offset)


def pause(subscriber: BatchSubscriber, topic: str, *, partition: int) -> None:
    """Read no further in a partition."""
    consumer = subscriber.consumer
    assert consumer is not None, "a subscriber that runs has a consumer"
    consumer.pause(aiokafka.TopicPartition(topic, partition))


def halts(subscriber: BatchSubscriber) -> dict[int, Halt]:
    """Return the partitions that the reader stands in, and why."""
    consumer = subscriber.consumer
    if not isinstance(consumer, LogConsumer):
        return {}
    return {place.partition: halt for place, halt in consumer.halts.items()}


async def acknowledge(
    subscriber: BatchSubscriber, topic: str, *, following: Mapping[int, int]
) -> None:
    """Commit the checkpoints to the group: a hint for Kafka's own tools.

    Bounded: aiokafka asks for ever for a coordinator that is away.
    """
    consumer = subscriber.consumer
    if consumer is not None:
        async with asyncio.timeout(HINT_SECONDS):
            await consumer.commit(
                {
                    aiokafka.TopicPartition(topic, partition): at
                    for partition, at in following.items()
                }
            )


async def _as_received(records: Any) -> KafkaMessage:
    # FastStream's parser decodes every header as UTF-8, so that one rogue header
    # would fail the whole batch for ever. Ours looks at nothing.
    return KafkaMessage(body=b"", raw_message=records, consumer=_Unused())


async def _undecoded(message: KafkaMessage) -> Any:
    return message.raw_message


class _Unused:
    """Stands where FastStream wants a consumer to acknowledge through."""

    async def commit(self) -> None:
        raise AssertionError("acknowledge() is the way")

    def seek(self, partition: aiokafka.TopicPartition, offset: int) -> None:
        raise AssertionError("seek() is the way")
