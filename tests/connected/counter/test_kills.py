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
from tests.connected.counter.conftest import HOSPITAL, Site
from tests.connected.counter.visits import Visit

from jiesuan_projections import connect
from jiesuan_services.demo.counter.his import NoReply, SaidNo, Till

pytestmark = pytest.mark.connected

KILLS = int(os.environ.get("JIESUAN_KILLS", "5"))
"""`make kills`: 200."""
EACH = ("gateway-a", "gateway-b", "decider", "kafka", "postgres")
TURN = (*EACH, "gateway-a", "gateway-b", "decider", "gateway-a", "gateway-b")
"""Five kills are one of each."""
TILLS = 4
AGAIN = "用同一报文"
"""What every sentence says after which the same message is to be sent again."""
DENIED = ("未受理", "未作任何处理")
"""What a sentence says of a message of which nothing comes unless it is sent again."""
PATIENCE = 180.0
AMOUNTS = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
STANDING = """
SELECT setl_id, medfee_sumamt_fen, fund_pay_sumamt_fen, acct_pay_fen, psn_cash_pay_fen
FROM settlement_effective WHERE fixmedins_code = $1 AND psn_no = ANY($2::text[])
"""


@dataclass
class Clerk:
    """One till's clerk: keeps books from replies alone, insists where none came."""

    tills: list[Till]
    persons: list[str]
    chance: random.Random
    books: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    last: str = ""
    """What was said last of a message that is to be sent again."""

    def insist(self, infno: str, input_: Any, *, msgid: str) -> dict[str, Any]:
        """Send the same message again, anywhere, until it is answered."""
        until = time.monotonic() + PATIENCE
        message = self.tills[0].envelope(infno, input_, msgid=msgid)
        while time.monotonic() < until:
            said = self.once(message)
            if said is not None:
                return said
            self.counts["again"] += 1
            time.sleep(self.chance.uniform(0.05, 0.5))
        raise AssertionError(f"{infno}: {self.last} still after {PATIENCE} s")

    def once(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Send a message; None where it must be asked again."""
        try:
            reply = self.chance.choice(self.tills).send(message)
        except NoReply as none:
            self.last = repr(none)
            return None
        if reply["infcode"] == "0":
            return reply["output"]  # type: ignore[no-any-return]
        if AGAIN in reply["err_msg"]:
            self.last = reply["err_msg"]
            return None
        raise SaidNo(reply["err_msg"])

    def is_taken_at_its_word(self) -> bool:
        """Whether the platform said that nothing came of it, and that is left so."""
        if not any(word in self.last for word in DENIED):
            return False
        is_left = self.chance.random() < 0.5
        self.counts["left"] += is_left
        return is_left

    def work(self, stop: threading.Event) -> None:
        """Treat one person after the other until told to stop."""
        while not stop.is_set():
            try:
                self._treat(self.chance.choice(self.persons))
            except (SaidNo, AssertionError, pytest.fail.Exception) as wrong:
                self.failed.append(str(wrong))
                return

    def _treat(self, psn_no: str) -> None:
        visit = Visit(_Insistent(self), psn_no).open()  # type: ignore[arg-type]
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
        self.books[info["setl_id"]] = {one: info[one] for one in AMOUNTS}
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


class _Insistent:
    """A till that insists: what a visit's steps need."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    def call(self, infno: str, input_: Any) -> dict[str, Any]:
        """Send a message until it is answered."""
        name = self._clerk.tills[0].name()
        return self._clerk.insist(infno, input_, msgid=name)


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


async def keep_projecting(site: Site) -> None:
    """Start the projector again whenever it ends."""
    while True:
        await site.processes["projector"].wait()
        await site.start("projector")


async def standing(site: Site, persons: list[str]) -> dict[str, tuple[int, ...]]:
    """Read what stands in the ledger for these persons."""
    on = await connect(site.machine.servers.pg)
    try:
        rows = await on.fetch(STANDING, HOSPITAL, persons)
    finally:
        await on.close()
    return {row["setl_id"]: tuple(row)[1:] for row in rows}


def fen(entry: dict[str, Any]) -> tuple[int, ...]:
    """Return a book's amounts in fen."""
    return tuple(int(entry[one] * 100) for one in AMOUNTS)


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
            persons[5 * n : 5 * n + 5],
            random.Random(f"{seed}-{n}"),
        )
        for n in range(TILLS)
    ]
    for clerk in clerks:
        for till in clerk.tills:
            till.log_in()
    stop = threading.Event()
    projecting = asyncio.create_task(keep_projecting(site))
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
