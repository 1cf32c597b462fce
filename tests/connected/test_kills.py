"""kill -9 of deciders, broker and database under load, at random moments."""

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from jiesuan_domain.answer.render import total_fields
from jiesuan_embedded import Machine
from jiesuan_ledger.parts.block import Totals
from jiesuan_projections import compare_with_log, connect

pytestmark = pytest.mark.connected

ROUNDS = int(os.environ.get("JIESUAN_KILLS", "10")) // 5
KILLS = {"decider": 3 * ROUNDS, "kafka": ROUNDS, "postgres": ROUNDS}
"""`make kills` has twenty times as many."""
AT_ONCE = 60
PAUSE = 0.15
YEARS = "SELECT psn_no, insuplc_admdvs, insutype, year, {names} FROM person_year"


@dataclass
class Storm:
    """Kills at random moments, in a random order; the seed repeats the order."""

    machine: Machine
    deciders: list[Any]
    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)

    async def blow(self) -> None:
        """Kill everything as often as it is to be killed."""
        victims = [name for name, times in KILLS.items() for _ in range(times)]
        self.chance.shuffle(victims)
        for victim in victims:
            await asyncio.sleep(self.chance.uniform(0.2, 1.8))
            await self._kill(victim)
            self.killed[victim] += 1

    async def _kill(self, victim: str) -> None:
        if victim == "kafka":
            await asyncio.to_thread(self.machine.kill_kafka)
            await asyncio.sleep(self.chance.uniform(0, 1))
            await asyncio.to_thread(self.machine.start_kafka)
        elif victim == "postgres":
            await asyncio.to_thread(self.machine.kill_postgres)
            await asyncio.sleep(self.chance.uniform(0, 1))
            await asyncio.to_thread(self.machine.start_postgres)
        else:
            await self._kill_one(self.chance.choice(self.deciders))

    async def _kill_one(self, decider: Any) -> None:
        """Kill a decider as soon as it runs."""

        async with asyncio.timeout(10):
            while True:
                if decider.kill():
                    return
                await asyncio.sleep(0.05)


async def keep_asking(town: Any, day: Any, stop: asyncio.Event) -> None:
    """Send requests as they come at the counter, whatever is down."""
    while not stop.is_set():
        await town.ask(day.more(AT_ONCE))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE)


async def weather(town: Any, day: Any, storm: Storm) -> None:
    """Ask under the storm until it is over."""
    over = asyncio.Event()
    asking = asyncio.create_task(keep_asking(town, day, over))
    try:
        await storm.blow()
    finally:
        over.set()
        await asking


async def accumulators(town: Any) -> dict[tuple[str, ...], dict[str, int]]:
    """Read every accumulator of the tables."""
    names = list(total_fields(Totals()))
    connection = await connect(town.servers.pg)
    try:
        rows = await connection.fetch(YEARS.format(names=", ".join(names)))
    finally:
        await connection.close()
    return {
        (row["psn_no"], row["insuplc_admdvs"], row["insutype"], row["year"]): {
            name: row[name] for name in names
        }
        for row in rows
    }


async def hold_answers(town: Any, expected: Any, *, plain: Any) -> None:
    """Hold the answers against what one decider, never killed, would answer."""
    answers = await town.answers()
    places = Counter((answer.partition, answer.cause) for answer in answers)
    assert places == Counter(expected.keys()), "one answer to each request"
    for answer in answers:
        assert plain(answer.data) == expected[answer.partition, answer.cause]


async def test_kills_lose_nothing_and_decide_nothing_twice(
    machine: Machine, town: Any, life: Any, plain: Any, capsys: Any
) -> None:
    """After all kills everything is as one decider, never killed, would have it."""
    seed = int(os.environ.get("JIESUAN_SEED") or time.time_ns() % 1_000_000)
    with capsys.disabled():
        print(f" [JIESUAN_SEED={seed}]", end="", flush=True)  # noqa: T201
    deciders = [town.process(f"decider-{n}", decider=f"{n}/2") for n in (0, 1)]
    projector = town.process("projector")
    keeping = [asyncio.create_task(one.keep()) for one in (*deciders, projector)]
    await town.registered()
    day = life(seed)
    await town.ask(day.begin())
    storm = Storm(machine, deciders, random.Random(seed))
    await weather(town, day, storm)
    assert storm.killed == KILLS
    await town.answered()
    report = await town.verified()
    await town.told()
    for task in keeping:
        task.cancel()
    assert max([await one.stop() for one in (*deciders, projector)]) < 5

    trial, expected = town.recomputed()
    await hold_answers(town, expected, plain=plain)
    assert report.is_sound
    persons = trial.persons.known
    assert report.entries == sum(one.head.version for one in persons.values())
    assert await accumulators(town) == {
        (person_id, *key): total_fields(person_year.totals)
        for person_id, person in persons.items()
        for key, person_year in person.years.items()
    }
    for name in ("settlement", "person_year", "clearing_line"):
        retold = await compare_with_log(town.servers.kafka, town.servers.pg, name=name)
        assert retold.agrees
    with capsys.disabled():
        print(f" [{report.entries} entries]", end="", flush=True)  # noqa: T201
