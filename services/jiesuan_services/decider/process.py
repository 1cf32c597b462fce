"""The decider as a process: its partitions, fed from Kafka until it must stop."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from jiesuan_domain.in_force import InForce
from jiesuan_domain.policy.document import PackError
from jiesuan_domain.policy.model import Packs
from jiesuan_events.words.topics import REQUESTS
from jiesuan_ledger.genesis import LedgerRefused
from jiesuan_ledger.log.fetch.consumer import LogConsumer
from jiesuan_ledger.log.kafka import (
    KafkaLog,
    count_partitions,
    make_consumer,
    make_producer,
)
from jiesuan_ledger.log.port import LogError
from jiesuan_ledger.log.record import Incoming
from jiesuan_services.decider.guarded import GuardedPartition
from jiesuan_services.decider.partition import PartitionDecider
from jiesuan_services.decider.store.cache import Store
from jiesuan_services.runtime.bootstrap import Settings, now, packs_of
from jiesuan_services.runtime.garbage import collected_by_the_clock
from jiesuan_services.runtime.heartbeat import Heartbeat
from jiesuan_services.runtime.reference import Reference
from jiesuan_services.runtime.stopping import (
    BrokerWait,
    let_go,
    run_until_signal,
    wait_or_stop,
)

MOST_RECORDS: Final = 400
"""Requests taken at once for one partition: the unit of deciding and of writing."""
POLL_MS: Final = 100
PAUSE_SECONDS: Final = 0.004
"""Between two fetches: a few requests cost hardly more than one."""
BEAT_SECONDS: Final = 1.0
STOP_SECONDS: Final = 3.0
SILENT_SECONDS: Final = 3.0
FOLLOW_SECONDS: Final = 1.0

log = structlog.get_logger()


@dataclass(slots=True)
class Running:
    """What a started decider holds."""

    consumer: LogConsumer
    log: KafkaLog
    requests: KafkaLog
    guarded: dict[int, GuardedPartition]
    stores: list[Store]
    reference: Reference
    heard_at: float = 0.0


async def run_decider(settings: Settings, *, kafka: str, stop: asyncio.Event) -> None:
    """Decide until asked to stop; a broker that is away is waited for."""
    heartbeat = Heartbeat(settings.data / "beats", f"decider-{settings.decider}")
    with heartbeat.naming(LedgerRefused, PackError):
        await _keep_deciding(settings, kafka, heartbeat=heartbeat, stop=stop)
    heartbeat.gone()


async def _keep_deciding(
    settings: Settings, kafka: str, *, heartbeat: Heartbeat, stop: asyncio.Event
) -> None:
    broker = BrokerWait(heartbeat, stop)
    while not stop.is_set():
        try:
            running = await _start(settings, kafka)
        except (KafkaError, OSError, LogError) as away:
            await broker.after(away)
            continue
        try:
            async with collected_by_the_clock():
                await _serve(running, heartbeat=heartbeat, stop=stop)
        finally:
            await _stop(running)


async def _start(settings: Settings, kafka: str) -> Running:
    consumer = make_consumer(kafka, committed=True)
    source = KafkaLog(kafka, producer=make_producer(kafka))
    nothing = Reference(source, InForce(Packs({}), {}), partitions=0)
    requests = KafkaLog(kafka, producer=None, committed=True)
    running = Running(consumer, source, requests, {}, [], nothing)
    try:
        await consumer.start()
        await source.start()
        await requests.start()
        await _open_partitions(running, settings, kafka=kafka)
    except BaseException:
        await _stop(running)
        raise
    return running


async def _open_partitions(running: Running, settings: Settings, *, kafka: str) -> None:
    packs = packs_of(settings)
    in_force = InForce(packs, {})
    count = await count_partitions(kafka)
    reference = Reference(running.log, in_force, partitions=count)
    running.reference = reference
    await reference.catch_up()
    await reference.archive_packs(packs)
    for partition in range(settings.decider, count, settings.deciders):
        store = Store(settings.data / "store" / str(partition))
        running.stores.append(store)
        decider = PartitionDecider(
            partition,
            log_=running.log,
            requests=running.requests,
            store=store,
            in_force=in_force,
            reference=reference,
            partitions=count,
            writer=settings.writer,
            now=now,
        )
        guarded = running.guarded[partition] = GuardedPartition(decider)
        await guarded.start()
    _assign(running)


def _assign(running: Running) -> None:
    running.consumer.assign([TopicPartition(REQUESTS, p) for p in running.guarded])
    for partition, guarded in running.guarded.items():
        position = guarded.decider.position
        running.consumer.seek(TopicPartition(REQUESTS, partition), position)


async def _serve(
    running: Running, *, heartbeat: Heartbeat, stop: asyncio.Event
) -> None:
    """Feed the partitions; each finishes its own batches while the next are decided."""
    feeder = asyncio.create_task(_feed(running, stop=stop))
    tasks = [feeder, asyncio.create_task(_follow(running, stop=stop))]
    tasks += [
        asyncio.create_task(guarded.finish()) for guarded in running.guarded.values()
    ]
    tasks.append(asyncio.create_task(_beat(running, heartbeat=heartbeat)))
    # Feeding and following may both be waiting for a broker that hangs.
    tasks.append(asyncio.create_task(_until_set(stop)))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            _raise_what_failed(tasks)
        await _finish(running, feeder)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until_set(stop: asyncio.Event) -> None:
    await stop.wait()


def _raise_what_failed(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done():
            task.result()


async def _finish(running: Running, feeder: asyncio.Task[None]) -> None:
    """Finish the batches on their way within a bound; the log tells the rest."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await feeder
            for guarded in running.guarded.values():
                await guarded.settle()
    except TimeoutError:
        log.warning("stopped.unfinished")


async def _feed(running: Running, *, stop: asyncio.Event) -> None:
    """Return the partitions their next requests.

    All partitions are emptied at once: a fetch for one of them alone would keep the
    others waiting at the broker.
    """
    loop = asyncio.get_running_loop()
    soon = loop.time()
    while not stop.is_set():
        await asyncio.sleep(max(0.0, soon - loop.time()))
        soon = loop.time() + PAUSE_SECONDS
        _rewind(running)
        got = await running.consumer.getmany(
            timeout_ms=POLL_MS, max_records=MOST_RECORDS * len(running.guarded)
        )
        for place, messages in got.items():
            for at in range(0, len(messages), MOST_RECORDS):
                requests = [
                    Incoming.of(one) for one in messages[at : at + MOST_RECORDS]
                ]
                await running.guarded[place.partition].take(requests)
        for partition, guarded in running.guarded.items():
            place = TopicPartition(REQUESTS, partition)
            guarded.passed(await running.consumer.position(place))


def _rewind(running: Running) -> None:
    """Go back where a partition must; read no further for one that is set aside."""
    for partition, guarded in running.guarded.items():
        place = TopicPartition(REQUESTS, partition)
        if guarded.aside is not None:
            running.consumer.pause(place)
        elif guarded.decider.must_rewind:
            running.consumer.seek(place, guarded.decider.rewound())


async def _follow(running: Running, *, stop: asyncio.Event) -> None:
    """Follow the institutions: what others register is known here within a second.

    Before what does not read, what is known goes on being decided.
    """
    loop = asyncio.get_running_loop()
    while not stop.is_set():
        try:
            await running.reference.catch_up()
            running.heard_at = loop.time()
        except LogError as unread:
            running.heard_at = loop.time()
            log.warning("reference.unread", error=str(unread))
        except KafkaError as away:
            log.warning("kafka.away", error=repr(away))
        await wait_or_stop(stop, FOLLOW_SECONDS)


async def _beat(running: Running, *, heartbeat: Heartbeat) -> None:
    """Say once a second how far it is, or that the broker does not answer."""
    loop = asyncio.get_running_loop()
    running.heard_at = loop.time()
    while True:
        silent = loop.time() - running.heard_at > SILENT_SECONDS
        state = "waiting for Kafka" if silent else "deciding"
        heartbeat.beat(
            state,
            partitions=_progress(running),
            strangers=running.reference.strangers,
            standing={
                place: asdict(halt)
                for place, halt in running.reference.standing.items()
            },
        )
        await asyncio.sleep(BEAT_SECONDS)


def _progress(running: Running) -> dict[int, dict[str, Any]]:
    """Say of each partition how far it is, and what it stands before."""
    halts = running.consumer.halts
    progress: dict[int, dict[str, Any]] = {}
    for partition, guarded in running.guarded.items():
        guarded.look()
        standing = guarded.aside or halts.get(TopicPartition(REQUESTS, partition))
        progress[partition] = {
            "requests": guarded.decider.answered,
            "ledger": guarded.decider.ledger_next,
            "moved_at": guarded.moved_at,
            "strangers": guarded.decider.strangers,
            "dead_letters": guarded.decider.dead_letters,
            "standing": None if standing is None else asdict(standing),
        }
    return progress


async def _stop(running: Running) -> None:
    """Close everything within a bound, also if the broker does not answer."""
    await let_go(running.consumer, running.requests, running.log)
    for store in running.stores:
        store.close()


def main(settings: Settings, kafka: str) -> None:
    """Run the decider until SIGTERM or SIGINT."""
    run_until_signal(lambda stop: run_decider(settings, kafka=kafka, stop=stop))
