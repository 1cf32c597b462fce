"""Figures of those who wait and read: latency, freshness, verify, rebuild."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, nullcontext, suppress
from itertools import chain, islice
from statistics import median, quantiles
from typing import Any, Final

from aiokafka import TopicPartition

from jiesuan_events.words.topics import ANSWERS, LEDGER, REQUESTS
from jiesuan_ledger.log.kafka import make_consumer
from jiesuan_ledger.log.record import Record
from jiesuan_projections import connect, rebuild
from jiesuan_projections.engine.positions import read_positions
from jiesuan_services.bench.deciding import RUNS, Decider
from jiesuan_services.bench.figure import Figure, at_least, at_most
from jiesuan_services.bench.load import settle
from jiesuan_services.bench.rig import Rig
from jiesuan_services.runtime.garbage import collected_by_the_clock

LATENCY_RATE: Final = 1_000
LATENCY_SECONDS: Final = 10.0
TICK_SECONDS: Final = 0.01
LOOK_SECONDS: Final = 0.05
SETTLING_SECONDS: Final = 4.0
CATCH_UP_SECONDS: Final = 600.0
TURNS: Final = 6
"""Alone and beside a rebuild, so often in all."""


def percentile(values: list[float], hundredth: int) -> float:
    """Return a percentile of many values."""
    return quantiles(values, n=100)[hundredth - 1]


async def paced(
    rate: float, seconds: float, *, send: Callable[[int], Awaitable[None]]
) -> None:
    """Call `send(n)` every tick so that n adds up to the rate, whatever comes back."""
    began = time.perf_counter()
    sent = 0
    while (passed := time.perf_counter() - began) < seconds:
        due = int(passed * rate) - sent
        if due > 0:
            await send(due)
            sent += due
        await asyncio.sleep(TICK_SECONDS)


class Offered:
    """Settlements offered at a rate, made beforehand, and when each was sent."""

    def __init__(self, decider: Decider, rate: float) -> None:
        self._rig = decider.rig
        self._ready = _made(decider, math.ceil(rate * LATENCY_SECONDS))
        self.sent: dict[str, float] = {}

    async def send(self, count: int) -> None:
        """Send some settlements and note when."""
        by_place: dict[int, list[Record]] = {}
        now = time.perf_counter()
        for name, place, record in islice(self._ready, count):
            by_place.setdefault(place, []).append(record)
            self.sent[name] = now
        for place, records in by_place.items():
            await self._rig.log.append(REQUESTS, place, records)


def _made(decider: Decider, count: int) -> Iterator[tuple[str, int, Record]]:
    """Make so many settlements now: whoever offers them shares the cores."""
    first, people = time.time_ns(), decider.people
    made = []
    for number in range(first, first + count):
        person = people[number % len(people)]
        name, place = f"S-{person}-{number}", decider.loader.place(person)
        made.append((name, place, settle(person, number)))
    return iter(made)


async def latency(decider: Decider, rate: int = LATENCY_RATE) -> list[Figure]:
    """Request to answer at a fixed rate offered, in requests a second."""
    rig = decider.rig
    for index in range(decider.cores):
        rig.start("decider", index=index, of=decider.cores)
    halves, tails = [], []
    try:
        await decider.all_answer()
        await _waits(decider, rate)  # What has just started is not what is measured.
        for _ in range(RUNS):
            waits = await _waits(decider, rate)
            halves.append(percentile(waits, 50) * 1000)
            tails.append(percentile(waits, 99) * 1000)
    finally:
        rig.stop()
    offered = f"每秒送入 {rate:,} 条，{rig.partitions} 个分区"
    return [
        at_most("latency p50", halves, unit="ms", bound=15.0, baseline=offered),
        at_most("latency p99", tails, unit="ms", bound=100.0, baseline=offered),
    ]


async def _waits(decider: Decider, rate: int) -> list[float]:
    rig = decider.rig
    offered = Offered(decider, rate)
    consumer = make_consumer(rig.kafka)
    await consumer.start()
    ends = await rig.log.end_offsets(ANSWERS, rig.partitions)
    places = [TopicPartition(ANSWERS, number) for number in range(rig.partitions)]
    # Nothing may come between these: without a position the client backs off, and
    # what it measures then is itself.
    consumer.assign(places)
    for place, end in zip(places, ends, strict=True):
        consumer.seek(place, end)
    waits: list[float] = []

    async def listen() -> None:
        while True:
            got = await consumer.getmany(timeout_ms=100)
            now = time.perf_counter()
            for message in chain.from_iterable(got.values()):
                name = dict(message.headers)["ce_id"].decode().rpartition(":")[2]
                at = offered.sent.pop(name, None)
                if at is not None:
                    waits.append(now - at)

    listening = asyncio.create_task(listen())
    await paced(rate, LATENCY_SECONDS, send=offered.send)
    deadline = time.perf_counter() + SETTLING_SECONDS
    while offered.sent and time.perf_counter() < deadline:  # noqa: ASYNC110 - a poll
        await asyncio.sleep(TICK_SECONDS)
    listening.cancel()
    await consumer.stop()
    if offered.sent:
        raise TimeoutError(f"{len(offered.sent)} requests have no answer")
    return waits


async def visible(decider: Decider, full_rate: float) -> Figure:
    """How long an entry waits to be seen in the tables, at half the full rate."""
    rig = decider.rig
    for index in range(decider.cores):
        rig.start("decider", index=index, of=decider.cores)
    rig.start("projector")
    tails = []
    try:
        await caught_up(rig)
        for _ in range(RUNS):
            tails.append(percentile(await _freshness(decider, full_rate / 2), 99))
            await caught_up(rig)
    finally:
        rig.stop()
    return at_most(
        "visible p99",
        tails,
        unit="s",
        bound=1.0,
        baseline=f"每秒送入 {full_rate / 2:,.0f} 条，投影跟随",
    )


async def caught_up(rig: Rig) -> None:
    """Wait until the tables have taken over what the ledger holds now."""
    connection = await connect(rig.pg)
    deadline = time.monotonic() + CATCH_UP_SECONDS
    try:
        wanted = await _ends(rig)
        while True:
            seen = await _seen(connection)
            if all(seen.get(place, 0) >= end for place, end in wanted.items()):
                return
            if time.monotonic() > deadline:
                raise TimeoutError("the projections do not catch up")
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


async def _ends(rig: Rig) -> dict[int, int]:
    return dict(enumerate(await rig.log.end_offsets(LEDGER, rig.partitions)))


async def _seen(connection: Any) -> dict[int, int]:
    positions = await read_positions(connection, LEDGER)
    return {partition: offset + 1 for partition, offset in positions.items()}


async def _freshness(decider: Decider, rate: float) -> list[float]:
    """Sample where the ledger ends and what is visible; match the two afterwards."""
    rig = decider.rig
    ends: list[tuple[float, dict[int, int]]] = []
    seen: list[tuple[float, dict[int, int]]] = []
    connection = await connect(rig.pg)

    async def look() -> None:
        while True:
            ends.append((time.perf_counter(), await _ends(rig)))
            seen.append((time.perf_counter(), await _seen(connection)))
            await asyncio.sleep(LOOK_SECONDS)

    offered = Offered(decider, rate)
    looking = asyncio.create_task(look())
    await paced(rate, LATENCY_SECONDS, send=offered.send)
    last = len(ends) - 1
    await caught_up(rig)
    await asyncio.sleep(2 * LOOK_SECONDS)
    looking.cancel()
    await connection.close()
    return [
        wait
        for at, wanted in ends[:last]
        for place, end in wanted.items()
        if (wait := _wait_for(seen, place, end=end, since=at)) is not None
    ]


def _wait_for(
    seen: list[tuple[float, dict[int, int]]], place: int, *, end: int, since: float
) -> float | None:
    for at, offsets in seen:
        if at >= since and offsets.get(place, 0) >= end:
            return at - since
    return None


async def live_rate(decider: Decider) -> tuple[float, Figure]:
    """The rate at which the projections take over a ledger that is there.

    Alone, and while a read model is rebuilt beside them: the two take turns.
    """
    rig = decider.rig
    before = await _total_seen(rig)
    total = sum((await _ends(rig)).values())
    rig.start("projector")
    alone: list[float] = []
    beside: list[float] = []
    try:
        while await _total_seen(rig) == before:  # noqa: ASYNC110 - the table is polled
            await asyncio.sleep(LOOK_SECONDS)
        each = (total - await _total_seen(rig)) // TURNS
        for turn in range(TURNS):
            until = total - (TURNS - 1 - turn) * each
            async with _rebuilding(rig) if turn % 2 else nullcontext():
                rate = await _rate_until(rig, until)
            (beside if turn % 2 else alone).append(rate)
    finally:
        rig.stop()
    live = median(alone)
    figure = at_least(
        "live-beside",
        beside,
        unit="entries/s",
        baseline="没有重建时的实时投影",
        over=live,
        ratio=0.95,
    )
    return live, figure


async def _rate_until(rig: Rig, until: int) -> float:
    began, start = time.perf_counter(), await _total_seen(rig)
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while (seen := await _total_seen(rig)) < until:
        if time.monotonic() > deadline:
            raise TimeoutError("the projections do not catch up")
        await asyncio.sleep(LOOK_SECONDS)
    return (seen - start) / (time.perf_counter() - began)


@asynccontextmanager
async def _rebuilding(rig: Rig) -> AsyncIterator[None]:
    """Rebuild a read model meanwhile; if it is done before, another time."""

    async def again() -> None:
        while True:
            await rebuild(rig.kafka, rig.pg, name="person_year")

    rebuilding = asyncio.create_task(again())
    try:
        yield
    finally:
        rebuilding.cancel()
        with suppress(asyncio.CancelledError):
            await rebuilding


async def _total_seen(rig: Rig) -> int:
    connection = await connect(rig.pg)
    try:
        return sum((await _seen(connection)).values())
    finally:
        await connection.close()


async def rebuild_rate(decider: Decider, live: float) -> Figure:
    """Rebuild `person_year` from the log, against the live rate."""
    rates = []
    for _ in range(RUNS):
        began = time.perf_counter()
        async with collected_by_the_clock():  # as the command does
            rebuilt = await rebuild(
                decider.rig.kafka, decider.rig.pg, name="person_year"
            )
        if not rebuilt.swapped:
            raise RuntimeError("the rebuilt table was not swapped in")
        rates.append(rebuilt.records / (time.perf_counter() - began))
    return at_least(
        "rebuild",
        rates,
        unit="entries/s",
        baseline="实时投影",
        over=live,
        ratio=1.5,
    )
