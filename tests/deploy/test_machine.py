"""The machine on its real parts: started, stopped, killed, started again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from jiesuan_cluster.topics import provision
from jiesuan_embedded import Machine, MachineError, Servers
from jiesuan_embedded.kafka.jars import cache_home, class_path
from jiesuan_embedded.postgres.nobody import unprivileged

pytestmark = pytest.mark.connected

KAFKA_BYTES = 250 * 1024 * 1024


async def write_one(servers: Servers) -> None:
    """Write one record and one row."""
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka, acks="all")
    await producer.start()
    await producer.send_and_wait("jiesuan.clearing", b"kept", partition=0)
    await producer.stop()
    connection = await asyncpg.connect(servers.pg)
    await connection.execute("CREATE TABLE kept (n int)")
    await connection.execute("INSERT INTO kept VALUES (1)")
    await connection.close()


async def read_one(servers: Servers) -> tuple[bytes, int]:
    """Read the record and the row back."""
    consumer = AIOKafkaConsumer(
        "jiesuan.clearing",
        bootstrap_servers=servers.kafka,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    record = await consumer.getone()
    await consumer.stop()
    connection = await asyncpg.connect(servers.pg)
    row = await connection.fetchval("SELECT n FROM kept")
    await connection.close()
    return record.value, row


def processes_of(folder: Path) -> list[str]:
    """List the commands that name the folder, or work in it."""
    return list(_working(folder).values())


def pids_of(folder: Path) -> list[int]:
    """List who names the folder, or works in it."""
    return list(_working(folder))


def _working(folder: Path) -> dict[int, str]:
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
            works_in = str((process / "cwd").readlink())
        except OSError:
            continue
        if str(folder) in command or works_in.startswith(str(folder)):
            found[int(process.name)] = command
    return found


def resident_bytes(pid: int) -> int:
    """Ask the kernel how much memory a process holds."""
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def test_data_survives_stop_and_kill(
    empty_machine: Machine, figures: list[str]
) -> None:
    """What was written is there after a clean stop and after kill -9 of both."""
    servers = empty_machine.start()
    await provision(servers.kafka)
    await write_one(servers)
    empty_machine.stop()
    assert empty_machine.status()["kafka"]["pid"] is None
    assert empty_machine.status()["postgres"]["pid"] is None
    began = time.monotonic()
    assert empty_machine.start() == servers
    warm = time.monotonic() - began
    assert await read_one(servers) == (b"kept", 1)
    empty_machine.kill_kafka()
    empty_machine.kill_postgres()
    began = time.monotonic()
    empty_machine.start()
    killed = time.monotonic() - began
    assert await read_one(servers) == (b"kept", 1)
    pid = empty_machine.kafka.process.pid
    assert pid is not None
    memory = resident_bytes(pid)
    figures.append(
        f"Kafka and PostgreSQL: warm start {warm:.1f} s, after kill -9 {killed:.1f} s, "
        f"Kafka {memory >> 20} MiB"
    )
    assert memory <= KAFKA_BYTES


def test_two_starts_at_once_make_one_machine(empty_machine: Machine) -> None:
    """Two starts of one data directory at once, and a third, make one machine."""
    other = Machine(empty_machine.data_dir)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(
            lambda machine: machine.start(), (empty_machine, other)
        )
    status = other.status()
    assert first == second == empty_machine.start()
    assert empty_machine.status() == status
    commands = processes_of(empty_machine.data_dir)
    assert sum("kafka.Kafka" in command for command in commands) == 1


def test_stop_leaves_no_process(empty_machine: Machine, tmp_path: Path) -> None:
    """After a stop nothing runs, not even what was making the AppCDS archive."""
    machine = Machine(empty_machine.data_dir, cache=cache_without_archive(tmp_path))
    machine.start()
    assert any("appcds" in command for command in processes_of(machine.data_dir))
    machine.stop()
    assert processes_of(machine.data_dir) == []
    assert not list((tmp_path / "cds").glob("*.jsa"))


def cache_without_archive(folder: Path) -> Path:
    """Return a cache with the jars of the real one and nothing else."""
    (folder / "jars").symlink_to(class_path(cache_home())[0].parent)
    return folder


def test_pid_files_of_others_are_stale(empty_machine: Machine) -> None:
    """Pid files that name a living stranger keep neither server from starting."""
    machine = empty_machine
    servers = machine.start()
    machine.kill_kafka()
    machine.kill_postgres()
    with stranger() as pid:
        for file in ("kafka/kafka.pid", "postgres/postgres.pid"):
            (machine.data_dir / file).write_text(str(pid))
        replace_first_line(machine.data_dir / "postgres/data/postmaster.pid", pid)
        assert machine.status()["kafka"]["pid"] is None
        assert machine.start() == servers
        assert machine.status()["postgres"]["pid"] not in (None, pid)


@contextmanager
def stranger() -> Iterator[int]:
    """Run a process of the database's user that has nothing to do with us."""
    uid = unprivileged()
    with subprocess.Popen(["sleep", "60"], user=uid, cwd="/") as process:
        try:
            yield process.pid
        finally:
            process.kill()


def replace_first_line(file: Path, pid: int) -> None:
    """Write another pid into a postmaster's file."""
    _, _, rest = file.read_text().partition("\n")
    file.write_text(f"{pid}\n{rest}")


def test_a_port_of_somebody_else_is_named(empty_machine: Machine) -> None:
    """A server whose port was taken meanwhile says which port, and what to do."""
    with (
        socket.create_server(("127.0.0.1", empty_machine.kafka.port)),
        pytest.raises(MachineError, match="被其他程序占用"),
    ):
        empty_machine.start()


def test_a_server_that_cannot_start_points_to_its_log(empty_machine: Machine) -> None:
    """A broken data directory is a named error that says where to look."""
    empty_machine.start_postgres()
    empty_machine.stop()
    (empty_machine.data_dir / "postgres/data/postgresql.conf").write_text("nonsense")
    with pytest.raises(MachineError, match=r"postgres启动后立即退出，见.*\.log"):
        empty_machine.start_postgres()


async def test_frozen_servers_are_ended(empty_machine: Machine) -> None:
    """A server that can hear nothing is ended for good, its backends with it."""
    servers = empty_machine.start()
    connection = await asyncpg.connect(servers.pg)
    frozen = pids_of(empty_machine.data_dir)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    empty_machine.stop()
    connection.terminate()
    assert frozen
    assert processes_of(empty_machine.data_dir) == []
