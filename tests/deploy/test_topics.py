"""The topics and the roles: made if missing, and held to at every start."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from jiesuan_cluster.brokers import transactions_too_long
from jiesuan_cluster.roles import provision_database
from jiesuan_cluster.topics import TopicRefused, provision, restore, wanted
from jiesuan_embedded import Machine, Servers
from jiesuan_embedded.kafka import server
from jiesuan_ledger.log.kafka import count_partitions

pytestmark = pytest.mark.connected

PROPAGATION_TRIES = 200


@asynccontextmanager
async def administrator(servers: Servers) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect as one who may change topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def found(admin: AIOKafkaAdminClient, topic: str, key: str) -> str:
    """Ask the broker for one setting of a topic."""
    asked = ConfigResource(ConfigResourceType.TOPIC, topic, {key: None})
    response = (await admin.describe_configs([asked]))[0]
    return str(response.resources[0][4][0][1])


async def alter(
    admin: AIOKafkaAdminClient, topic: str, changed: dict[str, str]
) -> None:
    """Change settings of a topic and wait until the broker has heard of it."""
    settings = {**wanted()[topic][1], **changed}
    await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, topic, settings)]
    )
    for key, value in changed.items():
        for _ in range(PROPAGATION_TRIES):
            if await found(admin, topic, key) == value:
                break
            await asyncio.sleep(0.05)


async def test_a_topic_that_could_forget_is_refused(fresh_machine: Machine) -> None:
    """A topic with a retention or with compaction is refused by name, with the remedy,
    and is taken again when set back; partitions cannot be added.
    """
    fresh_machine.start_kafka()
    servers = fresh_machine.servers
    await provision(servers.kafka)
    async with administrator(servers) as admin:
        for topic, key, value in (
            ("jiesuan.ledger", "retention.ms", "1000"),
            ("jiesuan.ledger", "retention.bytes", "1000"),
            ("jiesuan.ledger", "cleanup.policy", "compact"),
            ("jiesuan.dead-letters", "retention.ms", "1000"),
            ("jiesuan.requests", "message.timestamp.type", "CreateTime"),
            ("jiesuan.clearing", "cleanup.policy", "compact,delete"),
        ):
            await alter(admin, topic, {key: value})
            with pytest.raises(TopicRefused) as refused:
                await provision(servers.kafka)
            must = f"{topic}的{key}为{value}，应为{wanted()[topic][1][key]}"
            assert must in str(refused.value)
            assert "请用jiesuan up --restore-topics改回" in str(refused.value)
            await alter(admin, topic, {key: wanted()[topic][1][key]})
            await provision(servers.kafka)
        await admin.create_partitions({"jiesuan.ledger": NewPartitions(9)})
        with pytest.raises(TopicRefused, match="有9个分区，应为8个"):
            await provision(servers.kafka)


async def test_a_ledger_keeps_the_number_of_partitions_that_it_was_begun_with(
    fresh_machine: Machine,
) -> None:
    """Begun with two it has two, also when nobody says so; with three it is refused."""
    fresh_machine.start_kafka()
    kafka = fresh_machine.servers.kafka
    await provision(kafka, partitions=2)
    await provision(kafka)
    assert await count_partitions(kafka) == 2
    with pytest.raises(TopicRefused, match="以2个分区建立，不能改为3个"):
        await provision(kafka, partitions=3)
    async with administrator(fresh_machine.servers) as admin:
        made = await admin.describe_topics(["jiesuan.answers", "jiesuan.reference"])
    assert {one["topic"]: len(one["partitions"]) for one in made} == {
        "jiesuan.answers": 2,
        "jiesuan.reference": 1,
    }


async def test_the_remedy_sets_back_what_forgets_and_nothing_else(
    fresh_machine: Machine,
) -> None:
    """After `up --restore-topics` the topic is taken again; its other settings stay."""
    fresh_machine.start_kafka()
    servers = fresh_machine.servers
    assert await restore(servers.kafka) == []
    await provision(servers.kafka)
    assert await restore(servers.kafka) == []
    changed = {"retention.ms": "1000", "segment.bytes": "4194304"}
    async with administrator(servers) as admin:
        await alter(admin, "jiesuan.ledger", changed)
        with pytest.raises(TopicRefused):
            await provision(servers.kafka)
        assert await restore(servers.kafka) == ["jiesuan.ledger"]
        await provision(servers.kafka)
        assert await found(admin, "jiesuan.ledger", "segment.bytes") == "4194304"
        kept = await found(admin, "jiesuan.ledger", "max.message.bytes")
        assert kept == wanted()["jiesuan.ledger"][1]["max.message.bytes"]


async def test_two_may_provision_at_once(fresh_machine: Machine) -> None:
    """Two processes that make the topics at the same moment both find all of them."""
    fresh_machine.start_kafka()
    address = fresh_machine.servers.kafka
    await asyncio.gather(provision(address), provision(address))
    async with administrator(fresh_machine.servers) as admin:
        assert set(wanted()) <= set(await admin.list_topics())


async def test_transactions_that_may_stay_open_too_long_are_told_of(
    bare_servers: Servers, fresh_machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker that we start says nothing; Kafka's own setting is named."""
    assert await transactions_too_long(bare_servers.kafka) is None
    ours = "transaction.max.timeout.ms=10000\n"
    monkeypatch.setattr(server, "SETTINGS", server.SETTINGS.replace(ours, ""))
    fresh_machine.start_kafka()
    said = await transactions_too_long(fresh_machine.servers.kafka) or ""
    assert said.startswith("集群的transaction.max.timeout.ms为900000，应不大于10000")


def test_the_keyed_topics_have_equal_partitions() -> None:
    """Requests, ledger and answers have the same number of partitions."""
    counts = {
        wanted()[f"jiesuan.{name}"][0] for name in ("requests", "ledger", "answers")
    }
    assert counts == {8}


FORBIDDEN = (
    "INSERT INTO jiesuan.looked_at VALUES (1)",
    "UPDATE jiesuan.looked_at SET n = 2",
    "DELETE FROM jiesuan.looked_at",
    "TRUNCATE jiesuan.looked_at",
    "DROP TABLE jiesuan.looked_at",
    "CREATE TABLE jiesuan.mine (n int)",
    "CREATE TABLE public.mine (n int)",
    "CREATE TEMP TABLE mine (n int)",
    "CREATE SCHEMA mine",
    "SELECT n FROM elsewhere.hidden",
    "SET ROLE jiesuan_writer",
)


async def test_the_reader_can_only_look(servers: Servers) -> None:
    """The reader role selects from the schema's tables and can do nothing else."""
    await provision_database(servers.pg)
    owner = await asyncpg.connect(servers.pg)
    await owner.execute(
        "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.hidden (n int)"
    )
    await owner.execute("SET ROLE jiesuan_writer")
    await owner.execute("CREATE TABLE jiesuan.looked_at (n int)")
    await owner.execute("RESET ROLE")
    reader = await asyncpg.connect(servers.pg)
    await reader.execute("SET SESSION AUTHORIZATION jiesuan_reader")
    try:
        assert await reader.fetch("SELECT n FROM jiesuan.looked_at") == []
        for statement in FORBIDDEN:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await reader.execute(statement)
    finally:
        await reader.close()
        await owner.execute(
            "DROP TABLE jiesuan.looked_at; DROP SCHEMA elsewhere CASCADE"
        )
        await owner.close()
