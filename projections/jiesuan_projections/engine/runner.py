"""The projector: follows every log, retells it into PostgreSQL, and says how far."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from aiokafka import TopicPartition
from faststream.kafka import KafkaBroker

from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_ledger.genesis import Ledger, LedgerRefused
from jiesuan_ledger.log.failures import FailedPartitions
from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_ledger.parts.checked import NO_CHECKS, Checker
from jiesuan_projections.engine import messaging
from jiesuan_projections.engine.follower import Follower
from jiesuan_projections.engine.following.line import Followed, LogFollower
from jiesuan_projections.engine.following.patience import Stopped, patiently
from jiesuan_projections.engine.logs import (
    FOLLOWED,
    bounds,
    identify,
    opened,
    partitions_of,
)
from jiesuan_projections.engine.model import Connection
from jiesuan_projections.engine.models import following
from jiesuan_projections.engine.positions import (
    known_ledger,
    lock_positions,
    read_positions,
    remember_ledger,
)
from jiesuan_projections.engine.tables.database import connect, migrate
from jiesuan_projections.engine.tables.sql import query

log = structlog.get_logger()

ENTERED: Final = (LEDGER, CLEARING)
"""The logs of entries: what is lost of them before it was read is never passed over."""
HEARTBEAT_SECONDS: Final = 1.0
HEARTBEAT_PATIENCE_SECONDS: Final = 10.0
"""How long a heartbeat may hang on a rebuild's swap before it is tried again."""


async def run_projector(
    kafka: str,
    dsn: str,
    *,
    stop: asyncio.Event,
    checker: Checker = NO_CHECKS,
    followed: Followed | None = None,
) -> None:
    """Follow the logs until asked to stop; dead servers are waited for.

    ``checker`` looks over what was settled, for the read model `finding`;
    ``followed`` says meanwhile which partitions stand.

    Raises LedgerRefused if the ledger is not the one projected here, or has lost
    what was read from it.
    """
    try:
        await patiently(lambda: migrate(dsn), stop=stop, what="postgresql")
        ledger, partitions = await patiently(
            lambda: _look(kafka, dsn), stop=stop, what="kafka"
        )
    except Stopped:
        return
    failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    lines = [
        LogFollower(
            dsn,
            topic,
            partitions[topic],
            Follower(topic, following(topic), ledger, checker),
            stop,
            failed,
            FailedPartitions(log.error),
        )
        for topic in FOLLOWED
    ]
    if followed is not None:
        followed.lines = lines
    await _follow(kafka, lines, stop=stop, failed=failed)


async def _look(kafka: str, dsn: str) -> tuple[Ledger, dict[str, tuple[int, ...]]]:
    """Return which ledger this is; refuse one that lost what was applied."""
    partitions = {topic: await partitions_of(kafka, topic) for topic in FOLLOWED}
    connection = await connect(dsn)
    try:
        async with opened(kafka) as reader:
            known = await known_ledger(connection)
            ledger = await identify(reader, known, partitions=partitions[LEDGER])
            await remember_ledger(connection, ledger)
            for topic in FOLLOWED:
                begins, ends = await bounds(reader, topic, partitions=partitions[topic])
                await _prepare(connection, topic, begins=begins, ends=ends)
    finally:
        await connection.close()
    return ledger, partitions


async def _prepare(
    connection: Connection,
    topic: str,
    *,
    begins: Mapping[int, int],
    ends: Mapping[int, int],
) -> None:
    """Make checkpoints; refuse a log shorter than they say; pass what was forgotten."""
    async with connection.transaction():
        positions = await lock_positions(connection, topic, partitions=sorted(begins))
        check_tails(topic, positions, ends=ends)
        await _forget(connection, topic, positions=positions, begins=begins)


async def _forget(
    connection: Connection,
    topic: str,
    *,
    positions: Mapping[int, int],
    begins: Mapping[int, int],
) -> None:
    """Pass over what is no more in front of a checkpoint; refuse it of entries.

    A reader that is sent back to such a checkpoint goes on where its partition begins,
    which is a hole as long as the checkpoint stands before it.
    """
    for partition, offset in positions.items():
        begin = begins.get(partition, 0)
        if begin <= offset + 1:
            continue
        if topic in ENTERED:
            raise LedgerRefused(
                f"{topic}分区{partition}始于{begin}，而只读到过{offset}："
                "其间的记录丢失，请从副本恢复主题"
            )
        # Answers are kept for weeks.
        await connection.execute(
            query("progress", "forget"), topic, partition, begin - 1
        )
        log.warning("projections.history-lost", topic=topic, partition=partition)


def check_tails(
    topic: str, positions: Mapping[int, int], *, ends: Mapping[int, int]
) -> None:
    """Refuse a log that ends before what was already read from it."""
    for partition, offset in positions.items():
        if partition in ends and offset >= ends[partition]:
            raise LedgerRefused(
                f"{topic}分区{partition}止于{ends[partition]}，而此前读到过{offset}："
                "末尾的记录丢失，请恢复主题，或在新的数据库中重建各表"
            )


async def _follow(
    kafka: str,
    lines: Sequence[LogFollower],
    *,
    stop: asyncio.Event,
    failed: asyncio.Future[None],
) -> None:
    broker = messaging.make_broker(kafka)
    for line in lines:
        line.subscriber = messaging.subscribe(
            broker, line.topic, partitions=line.partitions, handle=line.handle
        )
    heartbeat = asyncio.create_task(_heartbeat(kafka, lines, stop=stop))
    stopping = asyncio.create_task(stop.wait())
    try:
        await patiently(lambda: _start(broker, lines), stop=stop, what="kafka")
        waiting: set[asyncio.Future[Any]] = {failed, stopping, heartbeat}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    except Stopped:
        pass
    finally:
        stop.set()
        await broker.stop()
        await asyncio.gather(heartbeat, stopping, return_exceptions=True)
        for line in lines:
            await line.close()
    if failed.done():
        failed.result()
    failed.cancel()
    heartbeat.result()


async def _start(broker: KafkaBroker, lines: Sequence[LogFollower]) -> None:
    """Start the subscribers where the checkpoints are, all of them or none."""
    starts = await _checkpoints(lines)
    try:
        await messaging.start(broker, starts)
    except BaseException:
        # What is started already would be started a second time by the next try.
        await broker.stop()
        raise
    log.info("projections.following", topics=[line.topic for line in lines])


async def _checkpoints(lines: Sequence[LogFollower]) -> dict[TopicPartition, int]:
    """Read where to go on, of all partitions that have a checkpoint."""
    connection = await connect(lines[0].dsn)
    try:
        return {
            TopicPartition(line.topic, partition): offset + 1
            for line in lines
            for partition, offset in (
                await read_positions(connection, line.topic)
            ).items()
        }
    finally:
        await connection.close()


async def _heartbeat(
    kafka: str, lines: Sequence[LogFollower], *, stop: asyncio.Event
) -> None:
    """Write every second where the logs end; look whether log or tables lost a tail."""

    async def beat_in_time(connection: Connection, reader: LogConsumer) -> None:
        async with asyncio.timeout(HEARTBEAT_PATIENCE_SECONDS):
            await _beat(connection, reader, lines=lines)

    async def beating() -> None:
        connection = await connect(lines[0].dsn)
        try:
            async with opened(kafka) as reader:
                while not stop.is_set():
                    await beat_in_time(connection, reader)
                    await _pause(stop)
        finally:
            await connection.close()

    try:
        await patiently(beating, stop=stop, what="heartbeat")
    except Stopped:
        return


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), HEARTBEAT_SECONDS)
    except TimeoutError:
        return


async def _beat(
    connection: Connection, reader: LogConsumer, *, lines: Sequence[LogFollower]
) -> None:
    for line in lines:
        left = dict(line.left_at)
        positions = await read_positions(connection, line.topic)
        line.read_again(left, positions)
        begins, ends = await bounds(reader, line.topic, partitions=line.partitions)
        check_tails(line.topic, positions, ends=ends)
        await _forget(connection, line.topic, positions=positions, begins=begins)
        line.read_on(positions, ends=ends)
        await connection.execute(
            query("progress", "heartbeat"), line.topic, list(ends), list(ends.values())
        )
