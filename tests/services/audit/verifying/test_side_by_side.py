"""Partitions verified side by side, by processes of their own, on real Kafka."""

import asyncio
from typing import Any

import pytest

from jiesuan_cluster.topics import provision
from jiesuan_embedded import Machine
from jiesuan_events.words.topics import LEDGER
from jiesuan_ledger.log.kafka import KafkaLog, make_producer
from jiesuan_services.audit.verifying import verify as verifying
from jiesuan_services.audit.verifying.verify import verify, verify_log

PARTITIONS = 3


async def write(kafka: str, lived: Any) -> None:
    """Write a ledger of memory to a cluster."""
    await provision(kafka, partitions=PARTITIONS)
    log = KafkaLog(kafka, producer=make_producer(kafka))
    await log.start()
    for partition in range(PARTITIONS):
        pending = await log.append(LEDGER, partition, lived.records(partition))
        await pending.done()
    await log.stop()


async def test_processes_side_by_side_report_what_one_does(
    fresh_machine: Machine, lived: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What processes find, four forks of chains too, is what one finds alone."""
    monkeypatch.setattr(verifying, "ALONE", 1)
    lived.fork(2)
    await asyncio.to_thread(fresh_machine.start_kafka)
    kafka = fresh_machine.servers.kafka
    await write(kafka, lived)
    told: list[tuple[int, int]] = []
    report = await verify(kafka, progress=lambda *said: told.append(said))
    alone = await verify_log(lived.log, partitions=PARTITIONS)
    report.seconds = alone.seconds
    assert report == alone
    assert len(report.forks) == 4
    total = sum(len(lived.records(one)) for one in range(PARTITIONS))
    assert told[-1] == (total, total)
