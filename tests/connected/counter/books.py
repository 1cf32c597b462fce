"""Books as a HIS keeps them, from replies alone, and what the ledger holds instead."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.connected.counter.conftest import Site

from jiesuan_projections import connect
from jiesuan_services.demo.counter.his import NoReply, SaidNo, Till

AGAIN = "用同一报文"
"""What every sentence says after which the same message is to be sent again."""
DENIED = ("未受理", "未作任何处理")
"""What a sentence says of a message of which nothing comes unless it is sent again."""
PATIENCE = 180.0
AMOUNTS = ("medfee_sumamt", "fund_pay_sumamt", "acct_pay", "psn_cash_pay")
STANDING = """
SELECT setl_id, medfee_sumamt_fen, fund_pay_sumamt_fen, acct_pay_fen, psn_cash_pay_fen
FROM settlement_effective WHERE psn_no = ANY($1::text[])
"""
Books = dict[str, dict[str, Any]]
"""Of each settlement that stands who pays what, in yuan as they were told."""


@dataclass
class InsistentClerk:
    """Sends a message again, anywhere, until it is answered."""

    tills: list[Till]
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    last: str = ""
    """What was said last of a message that is to be sent again."""

    def insist(self, infno: str, input_: Any, *, msgid: str) -> dict[str, Any]:
        """Send a message until it is answered."""
        return self.insist_on(self.tills[0].envelope(infno, input_, msgid=msgid))

    def insist_on(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a message as it is until it is answered."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            said = self.once(message)
            if said is not None:
                return said
            self.counts["again"] += 1
            time.sleep(self.chance.uniform(0.05, 0.5))
        raise AssertionError(
            f"{message['infno']}: {self.last} still after {PATIENCE} s"
        )

    def once(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """Send a message; None where it must be asked again."""
        try:
            reply = self.chance.choice(self.tills).send(message)
        except NoReply as none:
            self.last = repr(none)
            return None
        return self.understood(reply)

    def understood(self, reply: dict[str, Any]) -> dict[str, Any] | None:
        """Return what a reply tells; None where the message must be asked again."""
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


class InsistentTill:
    """A till that insists: what a visit's steps need."""

    def __init__(self, clerk: InsistentClerk) -> None:
        self._clerk = clerk

    def call(self, infno: str, input_: Any) -> dict[str, Any]:
        """Send a message until it is answered."""
        name = self._clerk.tills[0].name()
        return self._clerk.insist(infno, input_, msgid=name)


def entry_of(said: dict[str, Any]) -> Books:
    """Return what a settlement's reply puts into the books."""
    info = said["setlinfo"]
    return {info["setl_id"]: {one: info[one] for one in AMOUNTS}}


async def standing(site: Site, persons: list[str]) -> dict[str, tuple[int, ...]]:
    """Read what stands in the ledger for these persons."""
    on = await connect(site.machine.servers.pg)
    try:
        rows = await on.fetch(STANDING, persons)
    finally:
        await on.close()
    return {row["setl_id"]: tuple(row)[1:] for row in rows}


def fen(entry: dict[str, Any]) -> tuple[int, ...]:
    """Return a book's amounts in fen."""
    return tuple(int(entry[one] * 100) for one in AMOUNTS)


async def keep_running(site: Site, name: str) -> None:
    """Start a process again whenever it ends."""
    while True:
        await site.processes[name].wait()
        await site.start(name)
