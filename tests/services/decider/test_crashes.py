"""A decider that dies at any moment: what the next one makes of what is left."""

import asyncio
import random
import shutil
from collections import Counter
from typing import Any

import pytest

from jiesuan_ledger.log.memory import MemoryLog, MemoryPending
from jiesuan_ledger.log.port import Appended, Pending
from jiesuan_services.audit.verifying.verify import verify_log


class Died(BaseException):
    """The end of a process."""


class MortalLog(MemoryLog):
    """The log in memory, whose user dies at the n-th append, part of it written."""

    def __init__(self, shared: MemoryLog, *, dies_at: int, written: float) -> None:
        self.partitions = shared.partitions
        self._left = dies_at
        self._written = written

    async def append(self, topic: str, partition: int, records: Any) -> Pending:
        """Write, unless this is the append at which the process dies."""
        if not self._left:
            part = records[: round(len(records) * self._written)]
            await super().append(topic, partition, part)
            raise Died
        self._left -= 1
        return await super().append(topic, partition, records)


def day(ask: Any) -> list[dict]:
    """Make a day with refunds, repetitions, a refusal and a second hospital."""
    asked = [ask.settle("P2", "T0"), ask.enrol("P1"), ask.enrol("P2")]
    for n in range(12):
        asked.append(ask.settle(f"P{n % 2 + 1}", f"S{n}", fen=10_000 + n))
        if n % 3 == 2:
            # Refused as long as a later one stands, accepted when it is gone.
            asked.append(ask.refund(f"P{n % 2 + 1}", f"Q{n}", of=f"S{n - 2}"))
            asked.append(ask.refund(f"P{n % 2 + 1}", f"R{n}", of=f"S{n}"))
    asked += [ask.institution("H42010090002"), asked[4]]
    asked.append(ask.settle("P1", "T1", at="H42010090002"))
    asked.append(ask.refund("P1", "R1", of="S0"))
    return asked


async def die(town: Any, *, at: int, written: float, at_once: int) -> bool:
    """Decide until death; tell whether it came before the work was done."""
    try:
        decider = await town.decider(
            log=MortalLog(town.log, dies_at=at, written=written)
        )
        await town.run(decider, at_once=at_once)
    except Died:
        return True
    finally:
        town.close()
    return False


@pytest.mark.parametrize("keeps_store", [True, False], ids=["store", "no store"])
@pytest.mark.parametrize("written", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("at", range(20))
async def test_after_any_death_nothing_is_lost_or_doubled(
    town: Any, ask: Any, at: int, written: float, keeps_store: bool
) -> None:
    """Every request has one answer and at most one entry, whenever one died."""
    asked = day(ask)
    town.ask(*asked)
    assert await die(town, at=at, written=written, at_once=3)
    if not keeps_store:
        shutil.rmtree(town.folder / "a")
    await town.decide()
    assert town.causes() == list(range(len(asked) + 1))
    assert max((await town.names()).values()) == 1
    assert Counter(town.outcomes()) == {
        "recorded": 2,
        "decided": 20,
        "not-enrolled": 1,
        "later-settlements-first": 5,
    }
    report = await verify_log(town.log, partitions=1)
    assert report.is_sound
    assert report.entries == 19


@pytest.mark.parametrize("seed", range(30))
async def test_many_deaths_leave_the_log_of_a_quiet_day(
    town: Any, ask: Any, seed: int
) -> None:
    """Dying over and over gives the same facts and answers as never dying."""
    chance = random.Random(seed)
    town.ask(*day(ask))
    while await die(
        town,
        at=chance.randrange(1, 6),
        written=chance.random(),
        at_once=chance.randrange(1, 9),
    ):
        if chance.random() < 0.3:
            shutil.rmtree(town.folder / "a")
    stormy = [answer.value for answer in town.answers()]
    ledger = [(entry.key, entry.value) for entry in town.entries()]
    town.log.partitions.clear()
    await town.found()
    town.ask(ask.institution(), *day(ask))
    await town.decide(name="quiet")
    assert ledger == [(entry.key, entry.value) for entry in town.entries()]
    assert stormy == [answer.value for answer in town.answers()]


class Waiting(MemoryPending):
    """An acknowledgement that comes when it is let."""

    def __init__(self, pending: MemoryPending, acknowledged: asyncio.Event) -> None:
        self._pending = pending
        self._acknowledged = acknowledged

    async def done(self) -> Appended:
        """Wait until let, then acknowledge."""
        await self._acknowledged.wait()
        return await self._pending.done()


class PatientLog(MemoryLog):
    """The log in memory, acknowledging nothing until it is let."""

    def __init__(self, shared: MemoryLog, acknowledged: asyncio.Event) -> None:
        self.partitions = shared.partitions
        self._acknowledged = acknowledged

    async def append(self, topic: str, partition: int, records: Any) -> Pending:
        """Write, and keep silent about it."""
        pending = await super().append(topic, partition, records)
        return Waiting(pending, self._acknowledged)


async def test_no_answer_goes_out_before_the_entry_is_durable(
    town: Any, ask: Any
) -> None:
    """While an append waits for its acknowledgement nobody is told anything."""
    acknowledged = asyncio.Event()
    decider = await town.decider(log=PatientLog(town.log, acknowledged))
    town.ask(ask.enrol("P1"))
    running = asyncio.create_task(town.run(decider))
    for _ in range(50):
        await asyncio.sleep(0)
    assert (len(town.entries()), len(town.answers())) == (1, 0)
    acknowledged.set()
    await running
    assert len(town.answers()) == 2
