"""The projector before what is no more: answers may be forgotten, entries may not."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition
from structlog.testing import capture_logs
from tests.ledger.test_refused_places import forgotten
from tests.projections.conftest import Rec
from tests.projections.test_following import WAITING, fill, locked

from jiesuan_events.words.topics import ANSWERS, CLEARING, LEDGER
from jiesuan_projections import LedgerRefused

pytestmark = pytest.mark.connected

LOT = 5
PREFETCHED_SECONDS = 1.0
"""Long enough for a reader to fetch what comes next, while it works on what came."""


def said(topic: str, *, lot: int) -> list[Rec]:
    """Make a lot of records that say nothing."""
    first = lot * LOT
    return [Rec(topic, 0, at, 0, b"k", b"{}", []) for at in range(first, first + LOT)]


async def checkpoint(town: Any, topic: str) -> int:
    """Ask how far the first partition of a topic is applied."""
    asked = f"""SELECT "offset" FROM checkpoint
        WHERE topic = '{topic}' AND "partition" = 0"""
    return int(await town.ask(asked))


async def reached(town: Any, topic: str, offset: int) -> None:
    """Wait, bounded, until the first partition of a topic is applied so far."""
    async with asyncio.timeout(20):
        while await checkpoint(town, topic) != offset:
            assert not town.running.done(), town.running.result()
            await asyncio.sleep(0.05)


async def overtaken(town: Any, topic: str, *, begins: int, lots: int) -> None:
    """Hold a projector up while retention passes it: it has read two lots at most."""
    lock = f"SELECT FROM checkpoint WHERE topic = '{topic}' FOR UPDATE"
    async with locked(town, lock, waiting=0):
        await town.send(said(topic, lot=0))
        while not await town.ask(WAITING):
            assert not town.running.done()
        await town.send(said(topic, lot=1))
        await asyncio.sleep(PREFETCHED_SECONDS)
        for lot in range(2, lots):
            await town.send(said(topic, lot=lot))
        await forgotten(town.kafka, TopicPartition(topic, 0), before=begins)


@pytest.mark.parametrize("left", [LOT, 0])
async def test_answers_forgotten_below_a_projector_are_passed(
    town: Any, log: Any, left: int
) -> None:
    """It says what it lost, goes on with the first that is there, and has no lag."""
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    end = 4 * LOT
    with capture_logs() as logged:
        await overtaken(town, ANSWERS, begins=end - left, lots=4)
        await reached(town, ANSWERS, end - 1)
    lost = [one for one in logged if one["event"] == "projections.history-lost"]
    assert [(one["topic"], one["partition"]) for one in lost] == [(ANSWERS, 0)]
    async with asyncio.timeout(10):
        while await town.ask("SELECT sum(lag) FROM progress") != 0:
            assert not town.running.done()
    await town.send(said(ANSWERS, lot=4))
    await reached(town, ANSWERS, 5 * LOT - 1)
    assert town.followed.standing() == {}


async def test_answers_forgotten_while_a_projector_rests_are_passed(
    town: Any, log: Any
) -> None:
    """The next start goes on with the first answer that is there."""
    await town.send([*log.records, *said(ANSWERS, lot=0)])
    town.follow()
    await town.caught_up(len(log.records) + LOT)
    await town.rest()
    for lot in (1, 2):
        await town.send(said(ANSWERS, lot=lot))
    await forgotten(town.kafka, TopicPartition(ANSWERS, 0), before=2 * LOT + 1)
    town.follow()
    await reached(town, ANSWERS, 3 * LOT - 1)


async def test_a_ledger_that_forgets_below_a_projector_is_refused(
    town: Any, log: Any
) -> None:
    """Entries that are gone before they were read end it, and nothing passes them."""
    await town.send(log.records)
    town.follow()
    await town.caught_up(len(log.records))
    before = await checkpoint(town, LEDGER)
    lock = f"SELECT FROM checkpoint WHERE topic = '{LEDGER}' FOR UPDATE"
    async with locked(town, lock, waiting=0):
        sent = len(log.records)
        fill(log, 40, visits=1)
        await town.send(log.records[sent:])
        end = log.ends[0]
        assert end > before + 1
        await forgotten(town.kafka, TopicPartition(LEDGER, 0), before=end)
        with pytest.raises(LedgerRefused, match="记录丢失"):
            async with asyncio.timeout(20):
                await town.running
    assert await checkpoint(town, LEDGER) == before


async def test_a_clearing_log_that_has_lost_its_beginning_is_refused(
    town: Any, log: Any
) -> None:
    """No start passes over facts of clearing that were never read."""
    await town.send([*log.records, *said(CLEARING, lot=0)])
    await forgotten(town.kafka, TopicPartition(CLEARING, 0), before=LOT - 1)
    town.follow()
    with pytest.raises(LedgerRefused, match="记录丢失"):
        async with asyncio.timeout(20):
            await town.running
