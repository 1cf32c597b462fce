"""Several deciders on one partition, with no coordination: the chain decides."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from jiesuan_events.words.topics import LEDGER, REQUESTS
from jiesuan_ledger.log.memory import MemoryLog, MemoryPending
from jiesuan_ledger.log.port import Pending
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.verifying.verify import verify_log

SEEDS = range(40)


class Hesitant(MemoryPending):
    """An acknowledgement that takes its time."""

    def __init__(self, pending: MemoryPending, turns: int) -> None:
        self._pending = pending
        self._turns = turns

    async def done(self) -> Any:
        """Let others go first, then acknowledge."""
        for _ in range(self._turns):
            await asyncio.sleep(0)
        return await self._pending.done()


class HesitantLog(MemoryLog):
    """The log in memory, where others may go first before and after every append."""

    def __init__(self, shared: MemoryLog, seed: int) -> None:
        self.partitions = shared.partitions
        self._random = random.Random(seed)

    async def end_offset(self, topic: str, partition: int) -> int:
        """Look, and let others go on before telling."""
        end = await super().end_offset(topic, partition)
        for _ in range(self._random.randrange(6)):
            await asyncio.sleep(0)
        return end

    async def append(self, topic: str, partition: int, records: Any) -> Pending:
        """Let others go first, then write."""
        for _ in range(self._random.randrange(6)):
            await asyncio.sleep(0)
        pending = await super().append(topic, partition, records)
        return Hesitant(pending, self._random.randrange(12))


def busy_day(ask: Any, seed: int) -> list[dict]:
    """Make a day of settlements, refunds good and bad, and repetitions."""
    chance = random.Random(seed)
    asked = [ask.settle("P0", "S0")]
    asked += [ask.enrol(f"P{n}") for n in range(4)]
    bills = []
    for n in range(60):
        person = f"P{chance.randrange(4)}"
        asked.append(ask.settle(person, f"S{n}", fen=chance.randrange(1, 90_000)))
        bills.append((person, f"S{n}"))
        if chance.random() < 0.6:
            person, of = chance.choice(bills[-4:])
            asked.append(ask.refund(person, f"R{n}", of=of))
        if chance.random() < 0.2:
            asked.append(chance.choice(asked))
    return asked


async def trickle(town: Any, asked: list[dict], chance: random.Random) -> None:
    """Let requests arrive one by one while others are decided."""
    for one in asked:
        town.ask(one)
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)


def placeless(answer: Record) -> bytes:
    """Return an answer's data without the offsets, which forks move."""
    return re.sub(rb'"offset":\d+', b"", answer.value)


@pytest.mark.parametrize("seed", SEEDS)
async def test_two_deciders_never_decide_twice(town: Any, ask: Any, seed: int) -> None:
    """Whoever loses re-reads: one entry a name, and all answers to it are the same."""
    asked = busy_day(ask, seed)
    deciders = [
        await town.decider(name, log=HesitantLog(town.log, 2 * seed + index))
        for index, name in enumerate("ab")
    ]
    arriving = asyncio.create_task(trickle(town, asked, random.Random(seed)))
    await town.run(*deciders, at_once=7, until=len(asked) + 1)
    await arriving
    report = await verify_log(town.log, partitions=1)
    assert report.wrong == []
    assert report.entries + len(report.forks) == len(town.entries())
    assert report.forks, "the two were meant to collide"
    by_cause: dict[int, set[bytes]] = {}
    for cause, answer in zip(town.causes(), town.answers(), strict=True):
        by_cause.setdefault(cause, set()).add(placeless(answer))
    town.close()
    town.log.partitions.clear()
    await town.found()
    town.ask(ask.institution(), *asked)
    await town.decide(name="alone")
    alone = town.answers()
    assert by_cause == {
        cause: {placeless(answer)} for cause, answer in enumerate(alone)
    }
    assert report.entries == len(town.entries())


async def test_a_stranger_between_two_batches_is_noticed(town: Any, ask: Any) -> None:
    """A foreign record in the ledger makes the decider read again, and go on."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    decider = await town.decider()
    await town.run(decider)
    town.log.partitions[LEDGER, 0].append(Record(b"?", b"?", []))
    town.ask(ask.settle("P1", "S2"), ask.settle("P1", "S3"))
    await town.run(decider)
    assert town.outcomes() == ["recorded"] + ["decided"] * 4
    assert max((await town.names()).values()) == 1


class OvertakenLog(MemoryLog):
    """The log in memory, where something happens right after the n-th look."""

    def __init__(
        self, shared: MemoryLog, *, after: int, happens: Callable[[], Awaitable[None]]
    ) -> None:
        self.partitions = shared.partitions
        self._left = after
        self._happens = happens

    async def end_offset(self, topic: str, partition: int) -> int:
        """Look; what is told may be old already."""
        end = await super().end_offset(topic, partition)
        self._left -= 1
        if not self._left:
            await self._happens()
        return end


@pytest.mark.parametrize("after", range(1, 8))
async def test_a_decider_that_is_overtaken_while_it_reads_says_the_same(
    town: Any, ask: Any, after: int
) -> None:
    """What was refused before an enrolment stays refused to whoever comes late."""
    town.ask(ask.settle("P1", "S1"))

    async def overtake() -> None:
        town.ask(ask.enrol("P1"), ask.settle("P1", "S2"))
        other = await town.decider("other")
        await town.run(other)

    late = OvertakenLog(town.log, after=after, happens=overtake)
    decider = await town.decider("late", log=late)
    await town.run(decider, until=4)
    said: dict[int, set[str]] = {}
    for cause, outcome in zip(town.causes(), town.outcomes(), strict=True):
        said.setdefault(cause, set()).add(outcome)
    assert said == {
        0: {"recorded"},
        1: {"not-enrolled"},
        2: {"decided"},
        3: {"decided"},
    }


@pytest.mark.parametrize("after", range(1, 12))
async def test_what_the_reader_passes_while_the_log_is_read_again_comes_again(
    town: Any, ask: Any, after: int
) -> None:
    """After a conflict nothing is skipped, however far the reader had come."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    deciders: list[Any] = []

    async def passed() -> None:
        if deciders:
            deciders[0].passed(len(town.log.partitions[REQUESTS, 0]))

    log = OvertakenLog(town.log, after=after, happens=passed)
    deciders.append(await town.decider(log=log))
    town.log.partitions[LEDGER, 0].append(Record(b"?", b"?", []))
    town.ask(ask.settle("P1", "S2"), ask.settle("P1", "S3"))
    await town.run(*deciders)
    assert town.outcomes() == ["recorded"] + ["decided"] * 4
