"""Clearing as a process: the ledger followed, requests served until it must stop."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from jiesuan_domain.policy.document import PackError
from jiesuan_events.words.topics import CLEARING_REQUESTS
from jiesuan_ledger.clearing.reader import CLEARING_PARTITION
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
from jiesuan_services.clearing.serving.guarded import GuardedClearing
from jiesuan_services.clearing.serving.server import ClearingServer
from jiesuan_services.clearing.serving.store import ClearingStore
from jiesuan_services.runtime.bootstrap import Settings, now, packs_of
from jiesuan_services.runtime.garbage import collected_by_the_clock
from jiesuan_services.runtime.heartbeat import Heartbeat
from jiesuan_services.runtime.stopping import BrokerWait, let_go, run_until_signal

POLL_MS: Final = 300
MOST_RECORDS: Final = 100
_PLACE: Final = TopicPartition(CLEARING_REQUESTS, CLEARING_PARTITION)

log = structlog.get_logger()


@dataclass(slots=True)
class Clearing:
    """What a started process holds."""

    consumer: LogConsumer
    log: KafkaLog
    store: ClearingStore
    guarded: GuardedClearing

    @property
    def server(self) -> ClearingServer:
        """The server that is guarded."""
        return self.guarded.server


async def run_clearing(settings: Settings, *, kafka: str, stop: asyncio.Event) -> None:
    """Serve until asked to stop; a broker that is away, or a topic, is waited for."""
    heartbeat = Heartbeat(settings.data / "beats", "clearing")
    with heartbeat.naming(LedgerRefused, PackError):
        await _keep_serving(settings, kafka, heartbeat=heartbeat, stop=stop)
    heartbeat.gone()


async def _keep_serving(
    settings: Settings, kafka: str, *, heartbeat: Heartbeat, stop: asyncio.Event
) -> None:
    broker = BrokerWait(heartbeat, stop)
    while not stop.is_set():
        try:
            await _run(settings, kafka, heartbeat=heartbeat, stop=stop)
        except (KafkaError, OSError, LogError) as away:
            await broker.after(away)


async def _run(
    settings: Settings, kafka: str, *, heartbeat: Heartbeat, stop: asyncio.Event
) -> None:
    running = await _start(settings, kafka)
    serving = asyncio.create_task(_serve(running, heartbeat=heartbeat, stop=stop))
    stopping = asyncio.create_task(stop.wait())
    try:
        async with collected_by_the_clock():
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
    finally:
        # What was begun is the last request: a start finds it in the logs.
        serving.cancel()
        stopping.cancel()
        await asyncio.gather(serving, stopping, return_exceptions=True)
        await _stop(running)


async def _start(settings: Settings, kafka: str) -> Clearing:
    store = ClearingStore(settings.data / "store" / "clearing")
    consumer = make_consumer(kafka, committed=True)
    source = KafkaLog(kafka, producer=make_producer(kafka))
    try:
        await consumer.start()
        await source.start()
        server = ClearingServer(
            source,
            store=store,
            packs=packs_of(settings),
            partitions=await count_partitions(kafka),
            writer=settings.writer,
            now=now,
        )
        running = Clearing(consumer, source, store, GuardedClearing(server))
        await running.guarded.start()
    except BaseException:
        await let_go(consumer, source)
        store.close()
        raise
    consumer.assign([_PLACE])
    consumer.seek(_PLACE, await _first(running))
    return running


async def _first(running: Clearing) -> int:
    """Begin where no answer was given; what was deleted before can only be passed."""
    begin = await running.log.begin_offset(CLEARING_REQUESTS, CLEARING_PARTITION)
    return max(begin, running.server.position)


async def _serve(
    running: Clearing, *, heartbeat: Heartbeat, stop: asyncio.Event
) -> None:
    guarded = running.guarded
    while not stop.is_set():
        if not running.server.is_serving:
            running.consumer.pause(_PLACE)
        got = await running.consumer.getmany(
            timeout_ms=POLL_MS, max_records=MOST_RECORDS
        )
        await guarded.follow()
        for message in got.get(_PLACE, ()):
            if not await guarded.serve(Incoming.of(message)):
                running.consumer.seek(_PLACE, await _first(running))
                break
            # A hundred requests may take longer than a process may be silent.
            heartbeat.beat("clearing", **_progress(running))
            if stop.is_set():
                return
        heartbeat.beat("clearing", **_progress(running))


def _progress(running: Clearing) -> dict[str, Any]:
    """Say how far it is, what stands and why, and how many strangers were passed."""
    halt = running.consumer.halts.get(_PLACE)
    standing = running.guarded.standing()
    return {
        "partitions": {
            CLEARING_PARTITION: {
                "requests": running.server.position,
                "clearing": running.server.clearing_next,
                "dead_letters": running.server.dead_letters,
                "standing": None if halt is None else asdict(halt),
            }
        },
        "standing": {place: asdict(one) for place, one in standing.items()},
        "strangers": running.server.strangers,
    }


async def _stop(running: Clearing) -> None:
    """Let go of everything; a broker that is away does not keep us."""
    await let_go(running.consumer, running.log)
    running.store.close()


def main(settings: Settings, kafka: str) -> None:
    """Run clearing until SIGTERM or SIGINT."""
    run_until_signal(lambda stop: run_clearing(settings, kafka=kafka, stop=stop))
