"""A projector whose reader passed something over, or hands out nothing."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from structlog.testing import capture_logs

from jiesuan_events.words.topics import LEDGER
from jiesuan_projections.engine import messaging
from jiesuan_projections.engine.following import standstill

pytestmark = pytest.mark.connected


def reader_of(town: Any, topic: str) -> Any:
    """Return the subscriber of a log."""
    (line,) = [one for one in town.followed.lines if one.topic == topic]
    return line.subscriber


async def test_what_a_reader_passed_over_is_read_again_though_nothing_comes(
    town: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last record of a partition is applied even if it was handed to nobody."""
    monkeypatch.setattr(standstill, "READ_AGAIN_SECONDS", 2.0)
    log.settle("P0001", "S1", total=1_000, pool=800)
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    partition = log.records[-1].partition
    already, there = (
        len(log.records),
        await town.ask(
            f"SELECT \"offset\" FROM checkpoint WHERE topic = '{LEDGER}'"
            f' AND "partition" = {partition}'
        ),
    )
    reader = reader_of(town, LEDGER)
    messaging.pause(reader, LEDGER, partition=partition)
    log.settle("P0001", "S2", total=1_000, pool=800)
    await town.send(log.records[already:])
    messaging.seek(reader, LEDGER, to={partition: there + 2})
    with capture_logs() as said:
        reader.consumer.resume(TopicPartition(LEDGER, partition))
        await town.caught_up(len(log.records))
    (again,) = [one for one in said if one["event"] == "projections.read-again"]
    assert again["read_again"] == {partition: there + 1}


async def test_a_reader_that_hands_out_nothing_ends_the_process(
    town: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody restarts a reader that hangs: the process ends and says where it stood."""
    monkeypatch.setattr(standstill, "GIVEN_UP_SECONDS", 4.0)
    town.follow()
    log.settle("P0001", "S1", total=1_000, pool=800)
    partition = log.records[-1].partition
    await town.send(log.records[:-1])
    await town.caught_up(len(log.records) - 1)
    messaging.pause(reader_of(town, LEDGER), LEDGER, partition=partition)
    await town.send(log.records[-1:])
    with pytest.raises(standstill.ReaderStands, match=rf"{LEDGER}/{partition} is not"):
        await asyncio.wait_for(town.running, 60)
    town.running = None
