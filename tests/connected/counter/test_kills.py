"""Exactly once at the counter: kill -9 of everything, at every step of a morning."""

import asyncio
import os
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.connected.conftest import until
from tests.connected.counter.books import (
    AMOUNTS,
    Books,
    InsistentClerk,
    InsistentTill,
    entry_of,
    fen,
    keep_running,
    standing,
)
from tests.connected.counter.conftest import Site
from tests.connected.counter.visits import Visit

from jiesuan_services.demo.counter.his import SaidNo

pytestmark = pytest.mark.connected

KILLS = int(os.environ.get("JIESUAN_KILLS", "5"))
"""`make kills`: 200."""
EACH = ("gateway-a", "gateway-b", "decider", "kafka", "postgres")
TURN = (*EACH, "gateway-a", "gateway-b", "decider", "gateway-a", "gateway-b")
"""Five kills are one of each."""
TILLS = 4


@dataclass
class Clerk(InsistentClerk):
    """One till's clerk: keeps books from replies alone, insists where none came."""

    persons: list[str] = field(default_factory=list)
    books: Books = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def work(self, stop: threading.Event) -> None:
        """Treat one person after the other until told to stop."""
        while not stop.is_set():
            try:
                self._treat(self.chance.choice(self.persons))
            except (SaidNo, AssertionError, pytest.fail.Exception) as wrong:
                self.failed.append(str(wrong))
                return

    def _treat(self, psn_no: str) -> None:
        visit = Visit(InsistentTill(self), psn_no).open()  # type: ignore[arg-type]
        amount = self.chance.randrange(100, 500_000) / 100
        line = visit.line(det_item_fee_sumamt=amount, pric=amount)
        visit.upload(line)
        # Of those that use the account what they rest on is held, of others it is not.
        flag = self.chance.choice("01")
        charge = visit.charge(medfee_sumamt=amount, acct_used_flag=flag)
        if self.chance.random() < 0.5:
            self.insist("2206", charge, msgid=self.tills[0].name())
        name = self.tills[0].name()
        said = self.once(self.tills[0].envelope("2207", charge, msgid=name))
        if said is None and self.is_taken_at_its_word():
            return
        if said is None and self.chance.random() < 0.4:
            self._give_up(psn_no, name, charge=charge)
            return
        said = said or self.insist("2207", charge, msgid=name)
        info = said["setlinfo"]
        self.books |= entry_of(said)
        self.counts["settled"] += 1
        if self.chance.random() < 0.4:
            key = {"psn_no": psn_no, "setl_id": info["setl_id"]}
            name = self.tills[0].name()
            said = self.once(self.tills[0].envelope("2208", {"data": key}, msgid=name))
            if said is None and self.is_taken_at_its_word():
                return
            back = said or self.insist("2208", {"data": key}, msgid=name)
            for one in AMOUNTS:
                assert back["setlinfo"][one] == -info[one]
            del self.books[info["setl_id"]]
            self.counts["refunded"] += 1

    def _give_up(self, psn_no: str, name: str, *, charge: Any) -> None:
        """Undo a message whose reply never came; it is not performed afterwards."""
        data = {"psn_no": psn_no, "omsgid": name, "oinfno": "2207"}
        self.insist("2601", {"data": data}, msgid=self.tills[0].name())
        self.counts["compensated"] += 1
        with pytest.raises(SaidNo, match="冲正"):
            self.insist("2207", charge, msgid=name)


@dataclass
class Storm:
    """Kills at random moments, in a random order; the seed repeats the order."""

    site: Site
    chance: random.Random

    async def blow(self, kills: int) -> Counter[str]:
        """Kill one thing after the other; each is started again."""
        victims = [TURN[number % len(TURN)] for number in range(kills)]
        self.chance.shuffle(victims)
        for victim in victims:
            await asyncio.sleep(self.chance.uniform(0.1, 1.2))
            await self._strike(victim)
        return Counter(victims)

    async def _strike(self, victim: str) -> None:
        machine = self.site.machine
        if victim == "kafka":
            await asyncio.to_thread(machine.kill_kafka)
            # One that begins without it can send nothing, and says so.
            await self.site.kill("gateway-a")
            await self.site.start("gateway-a")
            await asyncio.sleep(self.chance.uniform(1, 3))
            await asyncio.to_thread(machine.start_kafka)
        elif victim == "postgres":
            await asyncio.to_thread(machine.kill_postgres)
            await asyncio.sleep(self.chance.uniform(0, 1))
            await asyncio.to_thread(machine.start_postgres)
        else:
            await self.site.kill(victim)
            await self.site.start(victim)


async def test_the_books_equal_the_ledger_whatever_is_killed(
    site: Site, capsys: Any, figures: list[str]
) -> None:
    """After the kills the tills' books, kept from replies alone, are the ledger's."""
    seed = int(os.environ.get("JIESUAN_SEED") or time.time_ns() % 1_000_000)
    with capsys.disabled():
        print(f" [JIESUAN_SEED={seed}]", end="", flush=True)  # noqa: T201
    persons = [f"P8{n:03}" for n in range(5 * TILLS)]
    await site.admit(persons, balance="3000.00")
    clerks = [
        Clerk(
            [site.till("gateway-a"), site.till("gateway-b")],
            random.Random(f"{seed}-{n}"),
            persons=persons[5 * n : 5 * n + 5],
        )
        for n in range(TILLS)
    ]
    for clerk in clerks:
        for till in clerk.tills:
            till.log_in()
    stop = threading.Event()
    projecting = asyncio.create_task(keep_running(site, "projector"))
    working = [asyncio.create_task(asyncio.to_thread(one.work, stop)) for one in clerks]
    try:
        killed = await Storm(site, random.Random(seed)).blow(KILLS)
    finally:
        stop.set()
        await asyncio.gather(*working)
        projecting.cancel()
    assert [clerk.failed for clerk in clerks] == [[] for _ in clerks]
    books = {key: fen(entry) for one in clerks for key, entry in one.books.items()}

    async def agree() -> bool:
        return await standing(site, persons) == books

    await until(agree, seconds=60)
    counts = sum((clerk.counts for clerk in clerks), Counter[str]())
    assert counts["settled"] > TILLS
    figures.append(f"counter: {dict(killed)} killed, {dict(counts)}, seed {seed}")
