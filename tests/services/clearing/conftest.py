"""Random months as a log in memory, and a server of clearing over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from tests.domain.clearing.months import packs
from tests.domain.clearing.random_months import RandomMonths

from jiesuan_domain.in_force import InForce
from jiesuan_events.requests import Institution
from jiesuan_events.words.topics import (
    ANSWERS,
    CLEARING,
    CLEARING_REQUESTS,
    DEAD_LETTERS,
    LEDGER,
)
from jiesuan_ledger.genesis import create_ledger
from jiesuan_ledger.log.memory import MemoryLog, MemoryPending
from jiesuan_ledger.log.port import Parcel
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.clearing.read import is_of_clearing
from jiesuan_services.clearing.serving.server import ClearingServer
from jiesuan_services.clearing.serving.store import ClearingStore
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.clerk.handled import NewEntry
from jiesuan_services.clerk.trial import MemoryPersons
from jiesuan_services.client.sending import to_record
from jiesuan_services.intake.read import Malformed, read_line

Json = dict[str, Any]
WRITTEN = (CLEARING, ANSWERS, DEAD_LETTERS)


class Crash(Exception):
    """The process dies here."""


class FaultyLog(MemoryLog):
    """A log whose writer dies before or after a write that is due to fail."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.dies_at: dict[int, str] = {}

    async def append(
        self, topic: str, partition: int, records: Sequence[Record] | Parcel
    ) -> MemoryPending:
        """Write, unless it is this write's turn to fail."""
        if topic not in WRITTEN:
            return await super().append(topic, partition, records)
        self.writes += 1
        dies = self.dies_at.pop(self.writes, "")
        if dies == "before":
            raise Crash
        pending = await super().append(topic, partition, records)
        if dies == "after":
            raise Crash
        return pending


@dataclass
class Served:
    """Months asked of a server: what was asked, and its logs."""

    folder: Path
    log: FaultyLog = field(default_factory=FaultyLog)
    now: str = ""
    starts: int = 0

    async def begin(self) -> None:
        """Make the ledger."""
        created = "2021-12-01T00:00:00+08:00"
        await create_ledger(self.log, partitions=1, created_at=created)
        self.ledger = Clerk(
            in_force=InForce(packs(), {}),
            persons=MemoryPersons(),
            partitions=1,
            writer="test",
        )
        await self.start()

    async def start(self, *, forget: bool = False) -> None:
        """Start a server over the logs, with what its store knows or without."""
        if self.starts:
            self.store.close()
        self.starts += 1
        self.store = ClearingStore(self.folder)
        if forget:
            self.store.clear()
        self.server = ClearingServer(
            self.log,
            store=self.store,
            packs=packs(),
            partitions=1,
            writer="test",
            now=lambda: self.now,
        )
        await self.server.start()

    async def ask(self, message: Json) -> None:
        """Ask as a producer does; what is about a month is served at once."""
        self.now = message["time"]
        if is_of_clearing(message["type"]):
            record = to_record(message)
            await self.log.append(CLEARING_REQUESTS, 0, [record])
            return
        asked = read_line(orjson.dumps(message))
        assert not isinstance(asked, Malformed)
        if isinstance(asked.command, Institution):
            self.ledger.register(asked, recorded_at=asked.time)
            return
        ruled = self.ledger.rule(asked, recorded_at=asked.time)
        if isinstance(ruled, NewEntry):
            await self.log.append(LEDGER, 0, [ruled.record()])

    async def serve(self) -> None:
        """Serve the requests that wait; what dies is raised."""
        requests = self.log.partitions[CLEARING_REQUESTS, 0]
        while self.server.position < len(requests):
            offset = self.server.position
            record = requests[offset]
            await self.server.follow()
            await self.server.serve(
                Incoming(
                    CLEARING_REQUESTS,
                    0,
                    offset,
                    record.key,
                    record.value,
                    record.headers,
                )
            )

    def answers(self) -> dict[int, list[Json]]:
        """Return the answers to each request, in the order in which they came."""
        found: dict[int, list[Json]] = {}
        for record in self.log.partitions[ANSWERS, 0]:
            cause = dict(record.headers)["cause"].decode()
            offset = int(cause.rsplit("/", 1)[-1])
            found.setdefault(offset, []).append(orjson.loads(record.value))
        return found


@pytest.fixture(scope="session")
def lived() -> RandomMonths:
    """Random months that a trial decided."""
    life = RandomMonths(Random(20))
    life.live(250)
    return life


@pytest.fixture
async def served(tmp_path: Path) -> Served:
    """A server over an empty ledger."""
    made = Served(tmp_path / "store")
    await made.begin()
    return made
