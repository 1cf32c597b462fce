"""Two gateways whose statements a test stops, and what the ledger holds of a visit."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.connected.counter.conftest import Site
from tests.connected.counter.interleaved.wire import PostgresWire, StoppedStatement
from tests.connected.counter.visits import Visit

from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.facts import BlockFact, Fact, Settled, read_fact
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions
from jiesuan_ledger.log.port import Stored
from jiesuan_services.demo.counter.his import Till

PERSON, BUYER = "P7101", "P7102"
TOGETHER = ("store/together", "together")
BY = pytest.mark.parametrize("flag", ["0", "1"], ids=["cash", "account"])
Message = Mapping[str, Any]


@dataclass(frozen=True)
class StoppableGateway:
    """A gateway, by a till at it and by its wire to PostgreSQL."""

    site: Site
    name: str
    till: Till
    wire: PostgresWire
    settings: Mapping[str, str]

    async def start(self) -> None:
        """Start it again."""
        await self.site.start(self.name, **self.settings)

    def at(self, code: str) -> "StoppableGateway":
        """Return the gateway by another institution's till."""
        return replace(self, till=self.site.till(self.name, code=code))

    async def send(self, message: Message) -> dict[str, Any]:
        """Send a message; return the whole reply."""
        return await asyncio.to_thread(self.till.send, message)

    def post(self, message: Message) -> asyncio.Task[dict[str, Any]]:
        """Begin to send a message."""
        return asyncio.create_task(self.send(message))

    async def settled_unheard(
        self, message: Message
    ) -> tuple[asyncio.Task[dict[str, Any]], StoppedStatement]:
        """Send what settles, up to where the ledger has and no reply is kept."""
        stop = self.wire.stop_before(TOGETHER, "reply")
        settling = self.post(message)
        await stop.reached()
        return settling, stop


@dataclass(frozen=True)
class TwoGateways:
    """Two gateways of one counter."""

    site: Site
    both: tuple[StoppableGateway, StoppableGateway]
    log: KafkaLog
    partitions: int

    async def uploaded(self, psn_no: str = PERSON) -> Visit:
        """Make a visit, uploaded by a third gateway: neither of the two has seen it."""
        visit = Visit(self.site.till("gateway-a"), psn_no)
        await asyncio.to_thread(visit.open)
        await asyncio.to_thread(visit.upload)
        return visit

    async def settlements(self, visit: Visit) -> list[str]:
        """Read from the ledger which settlements of a visit stand."""
        blocks = await self._standing(visit.psn_no)
        return [one.settlement_id for one in blocks if one.visit_id == visit.mdtrt_id]

    async def settlements_of(self, psn_no: str) -> list[str]:
        """Read from the ledger which settlements of a person stand."""
        return [one.settlement_id for one in await self._standing(psn_no)]

    async def _standing(self, psn_no: str) -> list[Settled]:
        facts = await self.facts(psn_no)
        blocks = [fact for fact in facts if isinstance(fact, BlockFact)]
        undone = {block.original_settlement_id for block in blocks}
        made = [block for block in blocks if isinstance(block, Settled)]
        return [one for one in made if one.settlement_id not in undone]

    async def end(self, topic: str, psn_no: str) -> int:
        """Return where a person's partition of a topic ends now."""
        place = partition_of(psn_no, self.partitions)
        return await self.log.end_offset(topic, place)

    async def records(self, topic: str, psn_no: str, *, start: int) -> list[Stored]:
        """Read a person's partition of a topic from an offset to its end."""
        place, end = (
            partition_of(psn_no, self.partitions),
            await self.end(topic, psn_no),
        )
        read = self.log.read(topic, place, start=start, stop=end)
        return [one async for batch in read for one in batch]

    async def facts(self, psn_no: str, *, start: int = 1) -> list[Fact]:
        """Read the facts of a person's partition; its first record says whose it is."""
        stored = await self.records(LEDGER, psn_no, start=start)
        records = [one.record for one in stored]
        types = [dict(one.headers)["ce_type"].decode() for one in records]
        return [
            read_fact(type_, one.value)
            for type_, one in zip(types, records, strict=True)
        ]


@asynccontextmanager
async def gateways_behind_wires(
    site: Site, **settings: str
) -> AsyncIterator[TwoGateways]:
    """Start two gateways more of the counter, each behind a wire of its own."""
    kafka = site.machine.servers.kafka
    log = KafkaLog(kafka, producer=None)
    made: list[StoppableGateway] = []
    async with AsyncExitStack() as stack:
        await log.start()
        stack.push_async_callback(log.stop)
        for name in ("gateway-left", "gateway-right"):
            wire = PostgresWire(site.machine.servers.pg)
            own = {"JIESUAN_PG": await wire.open(), **settings}
            stack.push_async_callback(wire.close)
            await site.start(name, **own)
            stack.push_async_callback(site.kill, name)
            made.append(StoppableGateway(site, name, site.till(name), wire, own))
        left, right = made
        yield TwoGateways(site, (left, right), log, await count_partitions(kafka))


@pytest.fixture(scope="module")
async def started_gateways(site: Site) -> AsyncIterator[TwoGateways]:
    """Two gateways more of the counter, and whom they treat."""
    await site.admit([PERSON, BUYER])
    async with gateways_behind_wires(site) as started:
        yield started


@pytest.fixture
def two_gateways(started_gateways: TwoGateways) -> Iterator[TwoGateways]:
    """Two gateways on whose wires nothing is left stopped."""
    yield started_gateways
    for gateway in started_gateways.both:
        gateway.wire.free()
