"""The counter's way to the ledger, whatever becomes of the answers' topic."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from tests.connected.conftest import until

from jiesuan_cluster.topics import provision
from jiesuan_embedded import Machine
from jiesuan_events.entries.partition import partition_of
from jiesuan_events.words.topics import ANSWERS, REQUESTS
from jiesuan_ledger.log.kafka import KafkaLog, count_partitions, make_producer
from jiesuan_ledger.log.record import Record
from jiesuan_services.clerk.answers import Answer
from jiesuan_services.gateway.faults import Unavailable
from jiesuan_services.gateway.ledger import early
from jiesuan_services.gateway.ledger.asking import LedgerClient

ASKED = {
    "specversion": "1.0",
    "type": "jiesuan.refund.v1",
    "source": "/medins/H42010090001",
    "id": "R1",
    "time": "2022-03-01T09:00:00+08:00",
    "subject": "P0001",
    "data": {"psn_no": "P0001"},
}


@pytest.fixture
async def kafka(fresh_machine: Machine) -> str:
    """A broker of its own, with its topics."""
    servers = await asyncio.to_thread(fresh_machine.start)
    await provision(servers.kafka)
    return servers.kafka


@pytest.fixture
async def log(kafka: str) -> AsyncIterator[KafkaLog]:
    """The log that a decider would read and write."""
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await log.start()
    yield log
    await log.stop()


@pytest.fixture
async def client(kafka: str, log: KafkaLog) -> AsyncIterator[LedgerClient]:
    """A counter's client that has heard answers."""
    for partition in range(await count_partitions(kafka)):
        records = [Record(None, b"long ago", [])] * 3
        await (await log.append(ANSWERS, partition, records)).done()
    client = LedgerClient(kafka)
    client.begin()

    async def is_connected() -> bool:
        return client.is_connected

    await until(is_connected, seconds=30)
    yield client
    await client.end()


async def made_anew(kafka: str) -> None:
    """Lose the answers: their topic is made again, and is empty."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.delete_topics([ANSWERS])

    async def is_gone() -> bool:
        return ANSWERS not in await admin.list_topics()

    await until(is_gone, seconds=30)
    await admin.close()
    await provision(kafka)


def answer_of(**more: str) -> Answer:
    """Make a decider's no to what is asked here."""
    source, id_ = str(ASKED["source"]), str(ASKED["id"])
    said: dict[str, Any] = {
        "request_source": source,
        "request_id": id_,
        "request_type": ASKED["type"],
        "psn_no": ASKED["subject"],
        "outcome": "refused",
        "refusals": [],
        **more,
    }
    return Answer(source, f"{source}:{id_}", "P0001", "2022", orjson.dumps(said))


async def decide(log: KafkaLog, partition: int, *, asked: int) -> None:
    """Answer each request that comes after so many, as a decider does."""
    answer = answer_of()
    while True:
        if await log.end_offset(REQUESTS, partition) > asked:
            record = answer.record(f"{REQUESTS}/{partition}/{asked}")
            await (await log.append(ANSWERS, partition, [record])).done()
            asked += 1
        await asyncio.sleep(0.02)


async def test_a_counter_hears_again_when_answers_were_lost(
    kafka: str, log: KafkaLog, client: LedgerClient
) -> None:
    """A topic of answers that ends before what was heard is heard from its end on."""
    await made_anew(kafka)
    partition = partition_of("P0001", await count_partitions(kafka))
    asked = await log.end_offset(REQUESTS, partition)
    deciding = asyncio.create_task(decide(log, partition, asked=asked))

    async def is_heard() -> bool:
        try:
            return (await client.ask(ASKED)).is_refused
        except Unavailable:
            return False

    try:
        await until(is_heard, seconds=40)
    finally:
        deciding.cancel()


async def test_answers_that_nobody_waits_for_are_not_kept_for_long(
    kafka: str, log: KafkaLog, client: LedgerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other counters were answered takes no more room than is given to it, and no
    longer than a request is awaited; the newest of it is kept longest."""
    monkeypatch.setattr(early, "MOST_BYTES", 1_000_000)
    partition = partition_of("P0001", await count_partitions(kafka))
    answer = answer_of(memo="x" * 100_000)
    causes = [f"{REQUESTS}/{partition}/{number}" for number in range(1_000, 1_020)]
    records = [answer.record(cause) for cause in causes]
    for record in records:
        await (await log.append(ANSWERS, partition, [record])).done()

    async def newest_came() -> bool:
        return client.early.take(causes[-1].encode()) is not None

    await until(newest_came, seconds=30)
    assert 0 < client.early.size <= 1_000_000
    assert client.early.take(causes[0].encode()) is None

    async def all_went() -> bool:
        return client.early.size == 0

    await until(all_went, seconds=30)
