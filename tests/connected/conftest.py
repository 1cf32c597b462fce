"""The stack on real parts: deciders and a projector as processes, to be killed."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.connected.life import Life, institutions

from jiesuan_embedded import Machine, Servers
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import ANSWERS, DEAD_LETTERS, LEDGER, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_ledger.log.record import Record
from jiesuan_services.audit.verifying.report import Report
from jiesuan_services.audit.verifying.verify import verify
from jiesuan_services.clerk.trial import Trial
from jiesuan_services.cli.auditors.tables import compare
from jiesuan_services.client.sending import to_record
from jiesuan_services.runtime.heartbeat import beats
from jiesuan_services.runtime.packs import load_packs
from jiesuan_services.supervisor.stack import prepare

PARTITIONS = 8
PLACES = ("partition", "offset")


async def until(holds: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
    """Ask again and again, bounded, until something holds."""
    async with asyncio.timeout(seconds):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.05)


class Kept:
    """A process of the stack: started, killed, started again."""

    def __init__(self, name: str, *, env: dict[str, str], folder: Path) -> None:
        self.name = name
        self._env = env
        self._log = folder / f"{name}.log"
        self._beats = Path(env["JIESUAN_DATA"]) / "beats"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start the process."""
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "jiesuan_services",
                self.name.partition("-")[0],
                env=self._env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def serving(self) -> None:
        """Wait until the process says that it decides."""
        await until(self._decides, seconds=30)

    async def _decides(self) -> bool:
        said = beats(self._beats).values()
        return any(one["state"] == "deciding" for one in said)

    def pause(self) -> None:
        """Stop the process where it stands."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let the process go on as if nothing had happened."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def keep(self) -> None:
        """Start the process again whenever it ends."""
        while True:
            if self.process is None or self.process.returncode is not None:
                await self.start()
            assert self.process is not None
            await self.process.wait()

    def kill(self) -> bool:
        """kill -9, if it runs; tell whether it did."""
        if self.process is None or self.process.returncode is not None:
            return False
        self.process.kill()
        return True

    async def stop(self) -> float:
        """SIGTERM; give the seconds it took, at most ten."""
        assert self.process is not None
        began = asyncio.get_running_loop().time()
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.process.wait(), 10)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        return asyncio.get_running_loop().time() - began

    def said(self) -> str:
        """Return what the process wrote last."""
        return self._log.read_text()[-3_000:] if self._log.exists() else ""


@dataclass
class Answered:
    """An answer, and the request that it names as its cause."""

    partition: int
    cause: int
    record: Record

    @property
    def data(self) -> Any:
        """Return the answer's data."""
        return json.loads(self.record.value)


@dataclass
class Town:
    """One machine with a ledger; what was asked of it, in order."""

    servers: Servers
    folder: Path
    log: KafkaLog
    asked: dict[tuple[int, int], dict] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)

    def process(
        self,
        name: str,
        *,
        data: str = "data",
        decider: str = "0/1",
        kafka: str | None = None,
    ) -> Kept:
        """Make a process of the stack, not yet started."""
        env = {
            **os.environ,
            "JIESUAN_KAFKA": kafka or self.servers.kafka,
            "JIESUAN_PG": self.servers.pg,
            "JIESUAN_DATA": str(self.folder / data),
            "JIESUAN_DECIDER": decider,
        }
        kept = Kept(name, env=env, folder=self.folder)
        self.kept.append(kept)
        return kept

    async def ask(self, messages: list[dict]) -> None:
        """Send requests in their order; each partition's stand as they came."""
        lots: dict[int, list[dict]] = {}
        for one in messages:
            partition = partition_of(one["subject"], PARTITIONS)
            lots.setdefault(partition, []).append(one)
        for partition, lot in lots.items():
            offsets = await self.put(partition, [to_record(one) for one in lot])
            for offset, one in zip(offsets, lot, strict=True):
                self.asked[partition, offset] = one

    async def put(self, partition: int, records: list[Record]) -> list[int]:
        """Send any records to a partition of the requests; give their offsets."""
        pending = await self.log.append(REQUESTS, partition, records)
        batches = (await pending.done()).batches
        return [base + at for base, count in batches for at in range(count)]

    async def registered(self) -> None:
        """Register the hospitals and wait until everybody may know it."""
        await self.ask(institutions())
        await self.answered()

    async def answered(self, *, seconds: float = 90) -> None:
        """Wait until the last request of every partition has its answer."""
        last = dict(sorted(self.asked))

        async def all_answered() -> bool:
            for partition, offset in last.items():
                if await self._last_cause(partition) < offset:
                    return False
            return True

        await until(all_answered, seconds=seconds)

    async def _last_cause(self, partition: int) -> int:
        end = await self.log.end_offset(ANSWERS, partition)
        if not end:
            return -1
        found = await self.records(ANSWERS, partition, start=end - 1)
        return cause_of(found[-1])

    async def records(
        self, topic: str, partition: int, *, start: int = 0
    ) -> list[Record]:
        """Read a partition from an offset to where it ends now."""
        end = await self.log.end_offset(topic, partition)
        read = self.log.read(topic, partition, start=start, stop=end)
        return [one.record async for batch in read for one in batch]

    async def answers(self) -> list[Answered]:
        """Read all answers, partition by partition."""
        return [
            Answered(partition, cause_of(record), record)
            for partition in range(PARTITIONS)
            for record in await self.records(ANSWERS, partition)
        ]

    async def entries(self) -> list[Record]:
        """Read the whole ledger, its first records aside."""
        found: list[Record] = []
        for partition in range(PARTITIONS):
            found += await self.records(LEDGER, partition, start=1)
        return found

    async def dead_letters(self) -> list[Record]:
        """Read the dead letters."""
        return await self.records(DEAD_LETTERS, 0)

    def recomputed(self) -> tuple[Trial, dict[tuple[int, int], Any]]:
        """Decide everything again in memory, alone: each request's answer."""
        trial = Trial(load_packs())
        trial_answers: dict[tuple[int, int], Any] = {}
        first = [place for place, one in self.asked.items() if is_reference(one)]
        rest = [place for place, one in self.asked.items() if not is_reference(one)]
        for place in [*sorted(first), *sorted(rest)]:
            line = trial.answer(json.dumps(self.asked[place]), 1)
            trial_answers[place] = json.loads(line)["data"]
        return trial, trial_answers

    async def verified(self) -> Report:
        """Audit the ledger."""
        return await verify(self.servers.kafka)

    async def projected(self, *, seconds: float = 90) -> None:
        """Wait until the tables agree with the ledger."""
        report = await self.verified()

        async def agree() -> bool:
            return not (await compare(self.servers.pg, report))["differences"]

        await until(agree, seconds=seconds)


def is_reference(one: dict) -> bool:
    """Whether a message registers an institution."""
    return bool(one["type"] == "jiesuan.institution.v1")


def cause_of(record: Record) -> int:
    """Return the offset of the request that a record answers."""
    return int(dict(record.headers)["cause"].rsplit(b"/", 1)[-1])


def without_places(data: Any) -> Any:
    """Leave out where entries stand: only the real log has places."""
    if isinstance(data, dict):
        entry = data.get("entry")
        kept = {key: without_places(value) for key, value in data.items()}
        for name, found in (("entry", entry), ("first_entry", data.get("first_entry"))):
            if found is not None:
                kept[name] = {k: v for k, v in found.items() if k not in PLACES}
        return kept
    return [without_places(one) for one in data] if isinstance(data, list) else data


@pytest.fixture
def machine(fresh_machine: Machine) -> Machine:
    """A machine of one's own, running."""
    fresh_machine.start()
    return fresh_machine


@pytest.fixture
async def town(machine: Machine, tmp_path: Path) -> AsyncIterator[Town]:
    """A machine with a ledger and tables, and no process yet."""
    servers = machine.servers
    await asyncio.to_thread(asyncio.run, prepare(servers))
    log = KafkaLog(servers.kafka, producer=make_producer(servers.kafka))
    await log.start()
    town = Town(servers, tmp_path, log)
    yield town
    for one in town.kept:
        one.kill()
    for one in town.kept:
        if one.process is not None:
            await one.process.wait()
    await log.stop()


@pytest.fixture
def fresh_ledger(servers: Servers) -> str:
    """Another cluster with a ledger of its own."""
    asyncio.run(prepare(servers))
    return servers.kafka


@pytest.fixture
def life() -> type[Life]:
    """The maker of lives."""
    return Life


@pytest.fixture
def plain() -> Any:
    """Compare answers without places."""
    return without_places
