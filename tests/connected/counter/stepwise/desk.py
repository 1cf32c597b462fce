"""One kill at one step, and what a HIS makes of it."""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.connected.counter.books import Books, InsistentClerk
from tests.connected.counter.interleaved.conftest import TwoGateways
from tests.connected.counter.stepwise.kafka_wire import KafkaWire
from tests.connected.counter.stepwise.kinds import AskedOnce, Kind, Message, prepared
from tests.connected.counter.stepwise.on_its_way import OnItsWay, ReplyWire
from tests.connected.counter.stepwise.steps import Step

from jiesuan_services.demo.counter.his import SaidNo, Till

VICTIMS = ("gateway", "decider", "kafka", "postgres")


@dataclass(frozen=True)
class StepKill:
    """Which message is stopped where, what is killed then, and what its sender does."""

    step: Step
    victim: str
    kind: Kind
    gives_up: bool
    """Whether its sender hangs up and undoes it, or sends it again."""
    seed: str

    def __str__(self) -> str:
        """Say it in one line."""
        then = "undone" if self.gives_up else "sent again"
        return (
            f"{self.kind.name}, {self.step.name}, {self.victim} killed, {then}, "
            f"chance {self.seed}"
        )


def is_lost(kill: StepKill, chance: random.Random) -> bool:
    """Whether what was stopped is lost: with its end that was killed, but for what a
    gateway said last, which by chance arrives."""
    if kill.victim not in kill.step.between:
        return False
    return kill.victim != "gateway" or chance.random() < 0.5


@dataclass
class HospitalDesk:
    """A HIS at two gateways: the messages go through the first, by a wire."""

    gateways: TwoGateways
    replies: ReplyWire
    kafka: KafkaWire
    bootstrap: str
    """Where the wire to Kafka begins."""
    tills: dict[str, list[Till]]
    """Of each institution one at each gateway."""
    over_the_wire: dict[str, Till]
    books: Books = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    async def live(self, kill: StepKill, psn_no: str) -> bool:
        """Send a message, kill at its step, go on; return whether it settled."""
        kind, chance = kill.kind, random.Random(kill.seed)
        clerk = InsistentClerk(list(self.tills[kind.code]), chance, self.counts)
        asked = await asyncio.to_thread(
            prepared, kind, psn_no, clerk=clerk, books=self.books
        )
        till = self.over_the_wire[kind.code]
        way = OnItsWay(self.gateways, asked, till, self.replies, self.kafka)
        await way.begin()
        way.is_lost = is_lost(kill, chance)
        is_late = kill.step.is_free(kind) and chance.random() < 0.4
        # The first gateway, where it lives, waits for what is stopped.
        is_same = chance.random() < 0.5 and (kill.victim == "gateway" or not is_late)
        clerk.tills = clerk.tills[:1] if is_same else clerk.tills[1:]
        came = None
        async with kill.step.stopped(way):
            if kill.gives_up or is_late:
                await way.hang_up()
            await self._strike(kill.victim)
            if is_late:
                came = await self._go_on(kill, way, clerk=clerk)
        outcome, said = came or await self._go_on(kill, way, clerk=clerk)
        self.counts[outcome] += 1
        self.counts["late"] += is_late
        await self._check(asked, outcome, said=said, clerk=clerk)
        await self._check_ledger(way, outcome)
        return kind.settles and outcome == "done"

    async def _strike(self, victim: str) -> None:
        """kill -9, and start it again."""
        site, gateway = self.gateways.site, self.gateways.both[0]
        if victim == "kafka":
            await asyncio.to_thread(site.machine.kill_kafka)
            await asyncio.to_thread(site.machine.start_kafka)
        elif victim == "postgres":
            await asyncio.to_thread(site.machine.kill_postgres)
            await asyncio.to_thread(site.machine.start_postgres)
        elif victim == "gateway":
            await site.kill(gateway.name)
            await gateway.start()
        else:
            await site.kill(victim)
            await site.start(victim, JIESUAN_KAFKA=self.bootstrap)

    async def _go_on(
        self, kill: StepKill, way: OnItsWay, *, clerk: InsistentClerk
    ) -> tuple[str, Message]:
        """Do what a HIS does whose message was answered, or was not; return what came
        of it, and what was said."""
        assert way.posting is not None
        reply, asked = await way.posting, way.asked
        said = None if reply is None else clerk.understood(reply)
        if said is None and kill.gives_up:
            undoing = asked.undoing(clerk.tills[0])
            return "undone", await asyncio.to_thread(clerk.insist_on, undoing)
        is_denied = said is None and reply is not None and asked.before is None
        if is_denied and clerk.is_taken_at_its_word():
            return "left", {}
        said = said or await asyncio.to_thread(clerk.insist_on, asked.message)
        asked.enter(said, self.books)
        return "done", said

    async def _check(
        self, asked: AskedOnce, outcome: str, *, said: Message, clerk: InsistentClerk
    ) -> None:
        """Check that each gateway tells what came of it when it is asked again."""
        if outcome == "left":
            return
        undone = asked.message if outcome == "undone" else asked.before
        for till in self.tills[asked.kind.code]:
            clerk.tills = [till]
            if outcome == "done":
                again = await asyncio.to_thread(clerk.insist_on, asked.message)
                assert again == said, (said, again)
            if undone is not None:
                refusal = await self._refusal(undone, clerk)
                assert "冲正" in refusal, refusal

    async def _refusal(self, message: Message, clerk: InsistentClerk) -> str:
        """Send a message until it is answered; return why not."""
        try:
            said = await asyncio.to_thread(clerk.insist_on, message)
        except SaidNo as no:
            return str(no)
        return f"none: {said}"

    async def _check_ledger(self, way: OnItsWay, outcome: str) -> None:
        """Check that the ledger has of the message what may be there, and no more."""
        psn_no = way.asked.psn_no
        facts = await self.gateways.facts(psn_no, start=way.ledger_end)
        made = [type(fact) for fact in facts if fact.person_id == psn_no]
        assert made in way.asked.made(outcome), made
