"""How a process runs until it is asked to stop, and how it waits and lets go."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import structlog
import uvloop

from jiesuan_ledger.log.port import LogError
from jiesuan_services.runtime.heartbeat import Heartbeat

FIRST_WAIT: Final = 0.2
LONGEST_WAIT: Final = 5.0
CLOSE_SECONDS: Final = 1.0

log = structlog.get_logger()


class KafkaClient(Protocol):
    """What is stopped when a process ends: a consumer, a log."""

    async def stop(self) -> None:
        """Close the connections."""


def run_until_signal(serve: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run a process until SIGTERM or SIGINT.

    On uvloop: one request to Kafka goes six times through the loop, and costs a sixth
    less (`docs/performance/levers.md`).
    """

    async def run() -> None:
        await serve(stop_by_signal())

    uvloop.run(run())


def stop_by_signal() -> asyncio.Event:
    """Return an event of the running loop that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, stop.set)
    return stop


async def wait_or_stop(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until asked to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def waits_for(away: Exception) -> str:
    """Say in a word what a process waits for that cannot go on without it."""
    is_there = isinstance(away, LogError)
    return "waiting for a topic" if is_there else "waiting for Kafka"


class BrokerWait:
    """Waits for a broker that is away, or for a topic that does not read until it is
    restored; longer each time, and says so.
    """

    def __init__(self, heartbeat: Heartbeat, stop: asyncio.Event) -> None:
        self._heartbeat = heartbeat
        self._stop = stop
        self._wait = FIRST_WAIT

    async def after(self, away: Exception) -> None:
        """Wait, or until asked to stop; the next wait is twice as long."""
        self._heartbeat.beat(waits_for(away), error=str(away) or repr(away))
        log.warning("kafka.away", error=repr(away), wait=self._wait)
        await wait_or_stop(self._stop, self._wait)
        self._wait = min(2 * self._wait, LONGEST_WAIT)


async def let_go(*clients: KafkaClient) -> None:
    """Stop clients of Kafka within a bound; a broker that is away keeps nobody."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            for client in clients:
                await client.stop()
    except TimeoutError:
        log.warning("stopped.without-broker")
