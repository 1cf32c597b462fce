"""The projector and its consumer group: what it tells Kafka's tools may be lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tests.projections.test_following import fill

from jiesuan_embedded import Machine
from jiesuan_projections.engine.messaging import GROUP

pytestmark = pytest.mark.connected

OFFSETS = "__consumer_offsets"
OF_THREE = "offsets.topic.replication.factor=3"
"""One broker cannot make such a topic: while there is none, no group has a
coordinator, as where the nodes that hold a partition of it are away.
"""


@asynccontextmanager
async def admin_of(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open somebody who makes and deletes topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def without_coordinators(machine: Machine) -> None:
    """Start a machine's Kafka again, so that it makes no coordinator by itself."""
    await asyncio.to_thread(machine.kafka.stop)
    machine.kafka._settings = [OF_THREE]
    await asyncio.to_thread(machine.start_kafka)


async def test_a_coordinator_that_goes_away_stops_no_projection(
    town: Any, log: Any, fresh_machine: Machine
) -> None:
    """What comes while no position of a group is taken is applied all the same."""
    await without_coordinators(fresh_machine)
    async with admin_of(town.kafka) as admin:
        await admin.create_topics([NewTopic(OFFSETS, 1, 1)])
        await town.send(log.records)
        town.follow()
        await town.caught_up(len(log.records))
        async with asyncio.timeout(20):
            while not await admin.list_consumer_group_offsets(GROUP):
                assert not town.running.done()
                await asyncio.sleep(0.1)
        await admin.delete_topics([OFFSETS])
    for visit in range(3):
        sent = len(log.records)
        fill(log, 20, visits=1, first=visit)
        await town.send(log.records[sent:])
        await town.caught_up(len(log.records))
    assert town.followed.standing() == {}
    assert not town.running.done()


async def test_a_projector_starts_without_a_coordinator(
    town: Any, log: Any, fresh_machine: Machine
) -> None:
    """Where to begin is asked of no group: it follows though none has a coordinator."""
    await without_coordinators(fresh_machine)
    fill(log, 20, visits=1)
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    assert town.followed.standing() == {}
