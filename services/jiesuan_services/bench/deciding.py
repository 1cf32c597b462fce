"""Figures of the decider: decide, hot person, memory, restart, growth."""

import asyncio
import os
import time
from dataclasses import dataclass
from statistics import median
from typing import Final

from jiesuan_events.words.topics import ANSWERS
from jiesuan_services.bench.figure import Figure, at_least, at_most, within
from jiesuan_services.bench.load import Loader, enrol, persons, settle
from jiesuan_services.bench.rig import Rig, resident

RUNS: Final = 3
LIVES: Final = (10_000, 100_000)
"""So many settlements a person has who is held against one of `NEW_LIFE`."""
NEW_LIFE: Final = 1_000
LIFE_TURN: Final = 20_000
"""Settlements of one person that are timed at once: of fewer the noise is a fifth."""
ENTRY_BYTES: Final = 1_450
ANSWER_BYTES: Final = 2_600
START_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Costs:
    """What a settlement cost in each run, in microseconds, after so many entries."""

    entries: int
    costs: list[float]


class Decider:
    """Measures deciders on a rig; sizes are scaled for a quick look."""

    def __init__(self, rig: Rig, *, scale: float) -> None:
        self.rig = rig
        self.scale = scale
        self.loader = Loader(rig.log, rig.partitions)
        self.cores = os.cpu_count() or 1
        self.people = persons(self._size(100_000), prefix="B")
        self.many_rate = 0.0
        self._number = 0

    def _size(self, full: int) -> int:
        return max(3_000, int(full * self.scale))

    async def open(self) -> None:
        """Register the hospital."""
        await self.loader.register()
        await self._decided(1, extra=1)

    async def enrol_all(self) -> None:
        """Enrol everybody; not timed."""
        await self.loader.write((one, enrol(one)) for one in self.people)
        await self._decided(self.cores, extra=len(self.people))

    async def _decided(self, processes: int, *, extra: int) -> float:
        until = await self.rig.ends(ANSWERS) + extra
        for index in range(processes):
            self.rig.start("decider", index=index, of=processes)
        try:
            return await self.rig.rate_of_answers(until)
        finally:
            self.rig.stop()

    async def _backlog(self, people: list[str], times: int) -> int:
        first = self._number
        self._number += times
        return await self.loader.write(
            (one, settle(one, number))
            for number in range(first, first + times)
            for one in people
        )

    async def decide(self) -> Figure:
        """A backlog over many persons, as many processes as cores, against echo."""
        rates, echoes = [], []
        for _ in range(RUNS):
            backlog = await self._backlog(self.people, 2)
            rates.append(await self._decided(self.cores, extra=backlog))
            echoes.append(
                self.rig.echo(backlog, entry=ENTRY_BYTES, answer=ANSWER_BYTES)
            )
        return at_least(
            "decide",
            rates,
            unit="requests/s",
            baseline="只转写不计算（echo）",
            over=sorted(echoes)[len(echoes) // 2],
            ratio=0.40,
        )

    async def fill(self, times: int) -> None:
        """Let the ledger grow by so many settlements of everybody; not timed."""
        await self._decided(self.cores, extra=await self._backlog(self.people, times))

    async def many(self) -> float:
        """The rate of one process over many persons: a baseline for the others."""
        backlog = await self._backlog(self.people, 1)
        self.many_rate = await self._decided(1, extra=backlog)
        return self.many_rate

    async def hot_person(self) -> Figure:
        """One person with 20,000 settlements, against many persons."""
        rates = []
        for run in range(RUNS):
            person = f"HOT{run}-{time.time_ns()}"
            await self.loader.write(iter([(person, enrol(person))]))
            await self._decided(1, extra=1)
            backlog = await self._backlog([person], self._size(20_000))
            rates.append(await self._decided(1, extra=backlog))
        return at_least(
            "hot-person",
            rates,
            unit="requests/s",
            baseline="一个进程，许多人",
            over=self.many_rate,
            ratio=0.5,
        )

    async def hot_lives(self) -> list[Figure]:
        """A settlement of one person, however many he has, against one of few."""
        old = {
            life: await self._lived(max(NEW_LIFE, int(life * self.scale)))
            for life in LIVES
        }
        few: list[float] = []
        costs: dict[int, list[float]] = {life: [] for life in LIVES}
        for _ in range(RUNS):
            few.append(await self._cost_of(await self._lived(NEW_LIFE)))
            for life, person in old.items():
                costs[life].append(await self._cost_of(person))
        return [
            within(
                f"hot-life {life}",
                costs[life],
                unit="us/settlement",
                baseline=f"同一人从{NEW_LIFE:,}笔起，现从{life:,}笔起",
                over=median(few),
                ratio=1.15,
            )
            for life in LIVES
        ]

    async def _lived(self, settlements: int) -> str:
        """Return a person who has so many settlements; not timed."""
        person = f"HL{settlements}-{time.time_ns()}"
        await self.loader.write(iter([(person, enrol(person))]))
        await self._decided(1, extra=1 + await self._backlog([person], settlements))
        return person

    async def _cost_of(self, person: str) -> float:
        rate = await self._decided(1, extra=await self._backlog([person], LIFE_TURN))
        return 1e6 / rate

    async def restart(self) -> Figure:
        """From the start of a process to its first answer, with the log behind it."""
        seconds = []
        for _ in range(RUNS):
            await self._backlog(self.people[:1], 1)
            until = await self.rig.ends(ANSWERS) + 1
            began = time.perf_counter()
            self.rig.start("decider")
            await self._until(until)
            seconds.append(time.perf_counter() - began)
            self.rig.stop()
        entries = await self.rig.entries()
        return at_most(
            "restart",
            seconds,
            unit="s",
            bound=10.0,
            baseline=f"其前有 {entries:,} 条账目",
        )

    async def all_answer(self) -> None:
        """Wait until every partition has answered a request."""
        people = {self.loader.place(one): one for one in self.people}
        until = await self.rig.ends(ANSWERS)
        await self._until(until + await self._backlog(list(people.values()), 1))

    async def _until(self, answers: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while await self.rig.ends(ANSWERS) < answers:
            await asyncio.sleep(0.02)
            if time.monotonic() > deadline:
                raise TimeoutError("no answer after the restart")

    async def memory(self) -> Figure:
        """One process over a million persons: what it occupies at the end."""
        crowd = persons(self._size(1_000_000), prefix=f"M{time.time_ns()}-")
        await self.loader.write((one, enrol(one)) for one in crowd)
        until = await self.rig.ends(ANSWERS) + len(crowd)
        pid = self.rig.start("decider")
        try:
            await self.rig.rate_of_answers(until)
            whole, own = resident(pid)
        finally:
            self.rig.stop()
        return at_most(
            "memory",
            [own / 2**20],
            unit="MiB",
            bound=1024.0,
            baseline=f"{len(crowd):,} 人；"
            f"连同系统缓存的存储页 {whole / 2**20:,.0f} MiB",
        )

    async def costs(self) -> Costs:
        """What a settlement of a newcomer costs one process, at this many entries.

        The first run is not counted: a broker just started is slow for a while.
        """
        entries = await self.rig.entries()
        costs = []
        for _ in range(1 + RUNS):
            newcomers = persons(self._size(10_000), prefix=f"G{time.time_ns()}-")
            await self.loader.write((one, enrol(one)) for one in newcomers)
            await self._decided(1, extra=len(newcomers))
            backlog = await self._backlog(newcomers, 3)
            costs.append(1e6 / await self._decided(1, extra=backlog))
        return Costs(entries, costs[1:])


def growth(early: Costs, late: Costs) -> Figure:
    """The cost of a settlement with a long ledger behind it, against a short one."""
    return within(
        "growth",
        late.costs,
        unit="us/settlement",
        baseline=f"账目 {early.entries:,} 条时，现为 {late.entries:,} 条",
        over=median(early.costs),
        ratio=1.15,
    )
