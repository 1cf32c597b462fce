"""The rig of the benchmarks: one cluster, and the processes that are measured."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError

from jiesuan_events.words.topics import ANSWERS, LEDGER
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_services.runtime.bootstrap import environment_for

ECHO_TOPICS: Final = ("bench.entries", "bench.answers")
SAMPLE_HEADERS: Final = [(f"header-{number}", b"x" * 24) for number in range(9)]
POLL_SECONDS: Final = 0.1
PATIENCE_SECONDS: Final = 900.0


@dataclass(slots=True)
class Rig:
    """Where the cluster is, and what runs against it."""

    kafka: str
    pg: str
    data: Path
    log: KafkaLog
    partitions: int
    broker: int
    """The pid of the one broker."""
    database: int
    """The pid of the process that forked PostgreSQL's others."""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    commands: dict[str, int] = field(default_factory=dict)
    """The pid of each command that was started, of several the last."""

    async def prepare(self) -> None:
        """Make the topics that the echo writes to."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            await admin.create_topics(
                [NewTopic(topic, self.partitions, 1) for topic in ECHO_TOPICS]
            )
        except TopicAlreadyExistsError:
            return
        finally:
            await admin.close()

    def start(
        self, command: str, *, index: int = 0, of: int = 1, **settings: str
    ) -> int:
        """Start one process of the stack and give its pid."""
        env = environment_for(
            JIESUAN_KAFKA=self.kafka,
            JIESUAN_PG=self.pg,
            JIESUAN_DATA=str(self.data),
            JIESUAN_DECIDER=f"{index}/{of}",
            **settings,
        )
        with (self.data / f"{command}-{index}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "jiesuan_services", command],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        self.commands[command] = process.pid
        return process.pid

    def spent(self) -> dict[str, float]:
        """Return the seconds of a core that each part has used so far, by its name.

        Without what connections of PostgreSQL used that have ended.
        """
        parts = {name: cpu_seconds(pid) for name, pid in self.commands.items()}
        parts["Kafka"] = cpu_seconds(self.broker)
        parts["PostgreSQL"] = family_seconds(self.database)
        parts["load"] = cpu_seconds(os.getpid())
        return parts

    def stop(self) -> None:
        """Stop every process."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(30)
        self.processes.clear()
        self.commands.clear()

    async def ends(self, topic: str) -> int:
        """Add up the end offsets of a topic."""
        return sum(await self.log.end_offsets(topic, self.partitions))

    async def rate_of_answers(self, until: int) -> float:
        """Time the answers from the first that comes to the one that ends it."""
        before = await self.ends(ANSWERS)
        started = 0.0
        now_at = before
        deadline = time.monotonic() + PATIENCE_SECONDS
        while now_at < until:
            await asyncio.sleep(POLL_SECONDS)
            now_at = await self.ends(ANSWERS)
            if not started and now_at > before:
                started, before = time.perf_counter(), now_at
            if time.monotonic() > deadline:
                raise TimeoutError(f"answers stopped at {now_at} of {until}")
        return (until - before) / (time.perf_counter() - started)

    async def entries(self) -> int:
        """Count the entries of the ledger."""
        return await self.ends(LEDGER) - self.partitions

    def echo(self, total: int, *, entry: int, answer: int) -> float:
        """Run the baseline in a process of its own."""
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "jiesuan_services.bench.echo",
                self.kafka,
                str(entry),
                str(answer),
                str(total),
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE_SECONDS,
        )
        return float(done.stdout)


async def open_rig(
    kafka: str, pg: str, *, data: Path, broker: int, database: int
) -> Rig:
    """Open a rig on a prepared cluster."""
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await log.start()
    rig = Rig(kafka, pg, data, log, await count_partitions(kafka), broker, database)
    await rig.prepare()
    return rig


def resident(pid: int) -> tuple[int, int]:
    """Ask the kernel for a process's memory, in bytes: all of it, and its own part."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("VmRSS", "RssAnon"):
            found[name] = int(rest.split()[0]) * 1024
    return found["VmRSS"], found["RssAnon"]


def cpu_seconds(pid: int) -> float:
    """Ask the kernel how long a process has run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_seconds(pid: int) -> float:
    """Ask the kernel how long a process and its children have run."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    seconds = cpu_seconds(pid)
    for child in children.split():
        # One that has ended since is not there any more.
        with contextlib.suppress(FileNotFoundError):
            seconds += cpu_seconds(int(child))
    return seconds


def beat(data: Path, name: str) -> dict[str, Any]:
    """Read what a process last said of itself."""
    said: dict[str, Any] = json.loads((data / "beats" / f"{name}.json").read_text())
    return said
