"""The machine on its real parts: started, stopped, killed, started again."""

import asyncio
import time
from collections.abc import Callable

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from jiesuan_embedded import Machine, Servers
from jiesuan_embedded.databases import provision_database
from jiesuan_embedded.topics import TopicRefused, provision, wanted

pytestmark = pytest.mark.connected

PROPAGATION_SECONDS = 10
WARM_SECONDS = 5.0
AFTER_KILL_SECONDS = 8.0
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


def resident_bytes(pid: int) -> int:
    """Ask the kernel how much memory a process holds."""
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def test_data_survives_stop_and_kill(
    fresh_machine: Machine, record_property: Callable[[str, object], None]
) -> None:
    """What was written is there after a clean stop and after kill -9 of both."""
    servers = fresh_machine.start()
    await provision(servers.kafka)
    await write_one(servers)
    fresh_machine.stop()
    assert fresh_machine.status()["kafka"]["pid"] is None
    assert fresh_machine.status()["postgres"]["pid"] is None
    began = time.monotonic()
    assert fresh_machine.start() == servers
    warm = time.monotonic() - began
    assert await read_one(servers) == (b"kept", 1)
    fresh_machine.kill_kafka()
    fresh_machine.kill_postgres()
    began = time.monotonic()
    fresh_machine.start()
    killed = time.monotonic() - began
    assert await read_one(servers) == (b"kept", 1)
    pid = fresh_machine.kafka.process.pid
    assert pid is not None
    memory = resident_bytes(pid)
    record_property("warm_seconds", round(warm, 1))
    record_property("after_kill_seconds", round(killed, 1))
    record_property("kafka_mib", memory >> 20)
    assert warm <= WARM_SECONDS
    assert killed <= AFTER_KILL_SECONDS
    assert memory <= KAFKA_BYTES


async def retention(admin: AIOKafkaAdminClient) -> str:
    """Ask the broker for the ledger's retention: a change takes a moment to spread."""
    asked = ConfigResource(
        ConfigResourceType.TOPIC, "jiesuan.ledger", {"retention.ms": None}
    )
    response = (await admin.describe_configs([asked]))[0]
    return str(response.resources[0][4][0][1])


async def test_a_ledger_that_could_forget_is_refused(fresh_machine: Machine) -> None:
    """A ledger topic with a retention is refused by name, with the remedy."""
    servers = fresh_machine.start()
    await provision(servers.kafka)
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    await admin.start()
    settings = {**wanted()["jiesuan.ledger"][1], "retention.ms": "1000"}
    await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, "jiesuan.ledger", settings)]
    )
    async with asyncio.timeout(PROPAGATION_SECONDS):
        while await retention(admin) != "1000":
            await asyncio.sleep(0.05)
    await admin.close()
    with pytest.raises(TopicRefused, match=r"jiesuan\.ledger has retention\.ms=1000"):
        await provision(servers.kafka)


async def test_the_reader_can_only_look(servers: Servers) -> None:
    """The reader role selects from the schema's tables and can do nothing else."""
    await provision_database(servers.pg)
    owner = await asyncpg.connect(servers.pg)
    await owner.execute("SET ROLE jiesuan_writer")
    await owner.execute("CREATE TABLE IF NOT EXISTS jiesuan.looked_at (n int)")
    reader = await asyncpg.connect(servers.pg, user="jiesuan_reader")
    try:
        assert await reader.fetch("SELECT n FROM jiesuan.looked_at") == []
        for forbidden in (
            "INSERT INTO jiesuan.looked_at VALUES (1)",
            "DELETE FROM jiesuan.looked_at",
            "CREATE TABLE jiesuan.mine (n int)",
            "CREATE TABLE public.mine (n int)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reader.execute(forbidden)
    finally:
        await reader.close()
        await owner.execute("DROP TABLE jiesuan.looked_at")
        await owner.close()
