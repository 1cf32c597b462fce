"""The rights of those who look, at a real broker with an authorizer and passwords."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from jiesuan_cluster.rights import RightsRefused, grant, rights
from jiesuan_cluster.topics import provision, wanted
from jiesuan_embedded.kafka.jars import cache_home
from jiesuan_embedded.kafka.server import Kafka
from jiesuan_embedded.ports import free_port

pytestmark = pytest.mark.connected

LEDGER: Final = "jiesuan.ledger"
LOOKS: Final = "jiesuan.looks"
PLAIN: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"


def settings(port: int, controller: int, door: int) -> list[str]:
    """Return the settings of a broker where only those with a password are asked who
    they are, at a door of their own; who comes by the other may do everything.
    """
    return [
        f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},"
        f"DOOR://127.0.0.1:{door}",
        f"advertised.listeners=PLAINTEXT://127.0.0.1:{port},DOOR://127.0.0.1:{door}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
        "DOOR:SASL_PLAINTEXT",
        "inter.broker.listener.name=PLAINTEXT",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users=User:ANONYMOUS",
        "sasl.enabled.mechanisms=PLAIN",
        f"listener.name.door.plain.sasl.jaas.config={PLAIN} required "
        'user_auditor="a-secret" user_looker="b-secret";',
    ]


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A broker with an authorizer: who may do everything comes by the first door."""
    taken: set[int] = set()
    ports = []
    for _ in range(3):
        ports.append(free_port(taken))
        taken.add(ports[-1])
    kafka = Kafka(
        tmp_path / "kafka",
        cache_home(),
        port=ports[0],
        controller=ports[1],
        settings=settings(*ports),
    )
    kafka.begin()
    try:
        kafka.wait()
        yield f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[2]}"
    finally:
        kafka.stop()


def as_(name: str, password: str) -> dict[str, Any]:
    """Return how aiokafka logs in."""
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": name,
        "sasl_plain_password": password,
    }


AUDITOR: Final = as_("auditor", "a-secret")
LOOKER: Final = as_("looker", "b-secret")


@asynccontextmanager
async def producer(door: str, **who: Any) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer of somebody's."""
    one = AIOKafkaProducer(bootstrap_servers=door, **who)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


async def first_of(door: str, topic: str, **who: Any) -> bytes:
    """Read the first record of a topic's first partition."""
    one = AIOKafkaConsumer(bootstrap_servers=door, auto_offset_reset="earliest", **who)
    await one.start()
    try:
        one.assign([TopicPartition(topic, 0)])
        return (await asyncio.wait_for(one.getone(), 20)).value
    finally:
        await one.stop()


async def test_who_audits_reads_everything_and_writes_nothing(
    doors: tuple[str, str],
) -> None:
    """With the auditor's credentials the ledger is read and no topic takes a record;
    with those that note a look, that topic alone does.
    """
    own, door = doors
    await provision(own)
    await grant(own, "auditor", to="User:auditor")
    await grant(own, "looker", to="User:looker")
    async with producer(own) as one:
        await one.send_and_wait(LEDGER, b"said", partition=0)
    assert await first_of(door, LEDGER, **AUDITOR) == b"said"
    async with producer(door, **AUDITOR) as one:
        for topic in wanted():
            with pytest.raises(TopicAuthorizationFailedError):
                await one.send_and_wait(topic, b"forged", partition=0)
    async with producer(door, enable_idempotence=True, **LOOKER) as one:
        await one.send_and_wait(LOOKS, b"a look", partition=0)
        with pytest.raises(TopicAuthorizationFailedError):
            await one.send_and_wait(LEDGER, b"forged", partition=0)
    assert await first_of(door, LOOKS, **AUDITOR) == b"a look"


async def test_without_an_authorizer_nothing_is_granted(servers: Any) -> None:
    """A broker that asks nobody refuses to grant, and the sentence says what to do."""
    with pytest.raises(RightsRefused, match=r"authorizer\.class\.name"):
        await grant(servers.kafka, "auditor", to="User:auditor")


def test_rights_are_of_topics_that_there_are() -> None:
    """Every topic of `rights.yaml` is one of `topics.yaml`; who audits writes none."""
    named = {
        topic
        for role in rights().values()
        for topics in role.values()
        for topic in topics
    }
    assert named <= set(wanted())
    assert rights()["auditor"]["write"] == []
