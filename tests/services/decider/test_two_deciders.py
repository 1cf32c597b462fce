"""Several deciders on one partition, with no coordination: the chain decides."""

import asyncio
import random
from typing import Any

import pytest

from jiesuan_services.audit.verify import verify_log
from jiesuan_services.desk import Record
from jiesuan_services.log.memory import MemoryLog, MemoryPending
from jiesuan_services.log.port import Pending
from jiesuan_services.topics import LEDGER

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

    async def append(self, topic: str, partition: int, records: Any) -> Pending:
        """Let others go first, then write."""
        for _ in range(self._random.randrange(6)):
            await asyncio.sleep(0)
        pending = await super().append(topic, partition, records)
        return Hesitant(pending, self._random.randrange(12))


def busy_day(town: Any, ask: Any, seed: int) -> int:
    """Ask for a day of settlements, refunds and repetitions; give how many names."""
    chance = random.Random(seed)
    asked = [ask.enrol(f"P{n}") for n in range(4)]
    for n in range(60):
        person = f"P{chance.randrange(4)}"
        asked.append(ask.settle(person, f"S{n}", fen=chance.randrange(1, 90_000)))
        if chance.random() < 0.3:
            asked.append(ask.refund(person, f"R{n}", of=f"S{n}"))
        if chance.random() < 0.3:
            asked.append(chance.choice(asked))
    town.ask(*asked)
    return len({(one["source"], one["id"]) for one in asked})


@pytest.mark.parametrize("seed", SEEDS)
async def test_two_deciders_never_decide_twice(town: Any, ask: Any, seed: int) -> None:
    """Whoever loses re-reads: one entry a name, and all answers to it are the same."""
    names = busy_day(town, ask, seed)
    lanes = [
        await town.lane(name, log=HesitantLog(town.log, 2 * seed + index))
        for index, name in enumerate("ab")
    ]
    await town.run(*lanes, at_once=7)
    report = await verify_log(town.log, partitions=1)
    assert report.wrong == []
    assert report.entries == names
    assert report.forks, "the two were meant to collide"
    assert report.entries + len(report.forks) == len(town.entries())
    by_cause: dict[int, set[bytes]] = {}
    for cause, answer in zip(town.causes(), town.answers(), strict=True):
        by_cause.setdefault(cause, set()).add(answer.value)
    assert sorted(by_cause) == list(range(lanes[0].position))
    assert {len(values) for values in by_cause.values()} == {1}


async def test_a_stranger_between_two_batches_is_noticed(town: Any, ask: Any) -> None:
    """A foreign record in the ledger makes the decider read again, and go on."""
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    lane = await town.lane()
    await town.run(lane)
    town.log.partitions[LEDGER, 0].append(Record(b"?", b"?", []))
    town.ask(ask.settle("P1", "S2"), ask.settle("P1", "S3"))
    await town.run(lane)
    assert town.outcomes() == ["recorded"] + ["decided"] * 4
    assert max((await town.names()).values()) == 1
