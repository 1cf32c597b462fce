"""The whole stack on this machine: servers, topics, tables, and the processes."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import jiesuan_projections
from jiesuan_cluster.roles import provision_database
from jiesuan_cluster.topics import provision, restore
from jiesuan_embedded import Machine, Servers, servers_from_environment
from jiesuan_embedded.ports import free_port
from jiesuan_embedded.process import Process
from jiesuan_ledger.genesis import create_ledger
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_services.gateway.store.database import migrate as migrate_counter
from jiesuan_services.runtime.bootstrap import (
    Misconfigured,
    Settings,
    environment_for,
    now,
)
from jiesuan_services.runtime.stopping import stop_by_signal
from jiesuan_services.supervisor.status import look
from jiesuan_services.supervisor.worker import STOP_SECONDS, Worker, end_runs

PORTS: Final = "ports.json"
NAMES: Final = {"kafka": "Kafka", "postgres": "PostgreSQL"}
GATEWAY_PORT: Final = "gateway.port"
IMPORTING: Final = "importing"
"""A file that lies in a data directory while half a ledger may lie there, too."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What runs, or is to run, under one data directory."""

    settings: Settings
    deciders: int

    @property
    def given(self) -> Servers | None:
        """The servers of the environment, if it names both."""
        return servers_from_environment(
            {
                "JIESUAN_KAFKA": self.settings.kafka or "",
                "JIESUAN_PG": self.settings.pg or "",
            }
        )

    @property
    def supervisor(self) -> Process:
        """The process that keeps the others running."""
        folder = self.settings.data / "processes"
        return Process(folder, "supervisor", mark=f"jiesuan-data={self.settings.data}")

    @property
    def _never_started(self) -> Misconfigured:
        return Misconfigured(
            f"{self.settings.data} 中没有启动过：请运行jiesuan up，"
            "或用--data指明数据目录"
        )

    def be_there(self) -> None:
        """Refuse a directory that is not there: what runs elsewhere is not this."""
        if not self.settings.data.exists():
            raise self._never_started

    def servers(self) -> Servers:
        """Where the servers are, running or not."""
        if self.given is None and not (self.settings.data / PORTS).exists():
            raise self._never_started
        return self.given or Machine(self.settings.data).servers

    def start_servers(
        self, *, restore_topics: bool = False, partitions: int | None = None
    ) -> Servers:
        """Start the servers unless given; make topics, ledger, roles and tables."""
        if (self.settings.data / IMPORTING).exists():
            raise Misconfigured(
                f"{self.settings.data} 中的导入没有完成，账本不完整：请删除这个数据目录"
                "（使用外部集群时连同其主题），重新运行 jiesuan import"
            )
        servers = self.given or Machine(self.settings.data).start()
        if restore_topics:
            asyncio.run(restore(servers.kafka))
        asyncio.run(prepare(servers, partitions=partitions))
        return servers

    def start_supervisor(self) -> None:
        """Start the process that keeps the others running, beside this one."""
        packs = self.settings.packs
        given = {} if packs is None else {"JIESUAN_PACKS": str(packs)}
        mark = f"jiesuan-data={self.settings.data}"
        command = [sys.executable, "-m", "jiesuan_services", "supervise"]
        self.supervisor.start(
            [*command, str(self.deciders), mark],
            env=environment_for(JIESUAN_DATA=str(self.settings.data), **given),
        )

    def dead_servers(self) -> list[str]:
        """Say which servers of ours do not run."""
        if self.given is not None or not (self.settings.data / PORTS).exists():
            return []
        found = Machine(self.settings.data).status()
        return [NAMES[name] for name, one in found.items() if one["pid"] is None]

    def stop(self) -> list[int]:
        """Stop the processes, then the servers that are ours; return who lives on."""
        self.supervisor.stop(signal.SIGTERM, seconds=2 * STOP_SECONDS)
        left = [self.supervisor.pid, *end_runs(self.settings.data)]
        if self.given is None and (self.settings.data / PORTS).exists():
            machine = Machine(self.settings.data)
            machine.stop()
            left += [one.process.pid for one in (machine.kafka, machine.postgres)]
        return [pid for pid in left if pid is not None]

    def status(self) -> dict[str, Any]:
        """Say what runs and how far it is."""
        is_there = self.given or (self.settings.data / PORTS).exists()
        servers = self.servers() if is_there else None
        said: dict[str, Any] = {
            "data": str(self.settings.data),
            "supervisor": self.supervisor.pid,
            **asyncio.run(look(self.settings.data, servers)),
        }
        if self.given is not None:
            said["servers"] = {"kafka": self.given.kafka, "kind": "given"}
        elif (self.settings.data / PORTS).exists():
            said["servers"] = Machine(self.settings.data).status()
        return said


async def prepare(servers: Servers, *, partitions: int | None = None) -> None:
    """Make what is missing: topics, the ledger's first records, roles, tables."""
    await provision(servers.kafka, partitions=partitions)
    count = await count_partitions(servers.kafka)
    log = KafkaLog(servers.kafka, producer=make_producer(servers.kafka))
    await log.start()
    try:
        await create_ledger(log, partitions=count, created_at=now())
    finally:
        await log.stop()
    await provision_database(servers.pg)
    await migrate_counter(servers.pg)
    # Tables of another version are rebuilt while the servers run: the projector says
    # which, and waits.
    with contextlib.suppress(jiesuan_projections.Reshaped):
        await jiesuan_projections.migrate(servers.pg)


def workers(stack: Stack, servers: Servers) -> list[Worker]:
    """Return the processes of the stack, each with the command that runs it."""
    settings = stack.settings
    env = environment_for(
        JIESUAN_KAFKA=servers.kafka,
        JIESUAN_PG=servers.pg,
        JIESUAN_DATA=str(settings.data),
    )
    base = [sys.executable, "-m", "jiesuan_services"]
    made = [
        Worker(
            f"decider-{index}",
            [*base, "decider"],
            env={**env, "JIESUAN_DECIDER": f"{index}/{stack.deciders}"},
        )
        for index in range(stack.deciders)
    ]
    counter = ["gateway", "--port", gateway_address(settings)]
    others = {
        "projector": "projector",
        "sealer": "sealer",
        "clearing": "clearer",
    }
    made += [
        Worker(name, [*base, command], env=env) for name, command in others.items()
    ]
    return [*made, Worker("gateway", [*base, *counter], env=env)]


def gateway_address(settings: Settings) -> str:
    """Say where the counter serves: as set, else on a port that is kept."""
    if settings.gateway:
        return settings.gateway
    chosen = settings.data / GATEWAY_PORT
    if not chosen.exists():
        settings.data.mkdir(parents=True, exist_ok=True)
        chosen.write_text(str(free_port(set())))
    return f"127.0.0.1:{chosen.read_text().strip()}"


def gateway_url(settings: Settings, address: str | None = None) -> str:
    """Say where the counter serves as one writes it into a client."""
    address = address or gateway_address(settings)
    host, _, port = address.rpartition(":")
    scheme = "https" if settings.gateway_tls else "http"
    return f"{scheme}://{host or '127.0.0.1'}:{port}"


async def supervise(
    stack: Stack, servers: Servers, *, ready: Callable[[], None] | None = None
) -> None:
    """Keep every process running until SIGTERM or SIGINT.

    What a supervisor that was killed left running is ended first: two processes of one
    name would share a store.
    """
    stop = stop_by_signal()
    folder = stack.settings.data / "processes"
    folder.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(end_runs, stack.settings.data)
    kept = [
        asyncio.create_task(worker.keep(folder, stop))
        for worker in workers(stack, servers)
    ]
    if ready is not None:
        ready()
    await asyncio.gather(*kept)
