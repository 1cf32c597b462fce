"""The reader where a broker refuses one partition: what came of others is not lost."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import OffsetOutOfRangeError
from tests.ledger.conftest import create_topic, drained, good
from tests.ledger.raw import RawProducer

pytestmark = pytest.mark.connected

CALLS = 8
"""How often is read: often enough for each partition to be the first in its turn."""


async def forgotten(bootstrap: str, place: TopicPartition, *, before: int) -> None:
    """Delete records as retention does: the partition begins at an offset then."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_records({place: RecordsToDelete(before)})
    finally:
        await admin.close()


async def read_through(reader: Any) -> tuple[dict[int, list[bytes]], int]:
    """Read on through every refusal: what came by partition, how often was refused."""
    found: dict[int, list[bytes]] = {}
    refusals = 0
    for _ in range(CALLS):
        try:
            got = await reader.getmany(timeout_ms=200)
        except OffsetOutOfRangeError:
            refusals += 1
            continue
        for place, records in got.items():
            values = [one.value for one in records]
            found.setdefault(place.partition, []).extend(values)
    return found, refusals


@pytest.mark.parametrize("is_there_before", [True, False])
@pytest.mark.parametrize("is_whole", [False, True])
@pytest.mark.parametrize("refused", range(3))
async def test_a_refused_partition_takes_nothing_of_others_along(
    servers: Any,
    raw: RawProducer,
    reading: Any,
    refused: int,
    is_whole: bool,
    is_there_before: bool,
) -> None:
    """All records of the others come once, and the refusal is raised all the same."""
    topic = await create_topic(servers.kafka, partitions=3)
    for number in range(9):
        await raw.send(topic, number % 3, good(number))
    place = TopicPartition(topic, refused)
    await forgotten(servers.kafka, place, before=3)
    whole = {topic} if is_whole else set()
    reader = await reading(topic, partitions=3, whole=whole, fetch_max_wait_ms=500)
    if is_there_before:
        await asyncio.sleep(0.5)
    found, refusals = await read_through(reader)
    assert found == {
        partition: [b"%d" % number for number in range(partition, 9, 3)]
        for partition in range(3)
        if partition != refused
    }
    assert refusals > 0
    reader.seek(place, 3)
    await raw.send(topic, refused, good(9))
    assert [one.value for one in (await drained(reader))[refused]] == [b"9"]


@pytest.mark.parametrize("is_whole", [False, True])
async def test_a_reader_that_may_begin_anew_goes_on_where_a_partition_begins(
    servers: Any, raw: RawProducer, reading: Any, is_whole: bool
) -> None:
    """Sought before what was forgotten, it hands out what is there, once."""
    topic = await create_topic(servers.kafka)
    for number in range(6):
        await raw.send(topic, 0, good(number))
    await forgotten(servers.kafka, TopicPartition(topic, 0), before=3)
    reader = await reading(
        topic, auto_offset_reset="earliest", whole={topic} if is_whole else set()
    )
    async with asyncio.timeout(20):
        found = await drained(reader)
    assert [one.offset for one in found[0]] == [3, 4, 5]
