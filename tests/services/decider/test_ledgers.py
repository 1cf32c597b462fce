"""Ledger and store held against each other: refused by name, or caught up."""

import shutil
from typing import Any

import pytest

from jiesuan_events.words.topics import ANSWERS, LEDGER, REQUESTS
from jiesuan_ledger.genesis import LedgerRefused, create_ledger


async def decided_town(town: Any, ask: Any) -> None:
    """Decide a few requests and stop."""
    town.ask(ask.enrol("P1"), *(ask.settle("P1", f"S{n}") for n in range(5)))
    await town.decide()


async def test_a_store_that_was_deleted_is_read_again(town: Any, ask: Any) -> None:
    """Without its store a decider knows the same of every person."""
    await decided_town(town, ask)
    shutil.rmtree(town.folder / "a")
    town.ask(ask.refund("P1", "R", of="S4"), ask.refund("P1", "Q", of="S2"))
    await town.decide()
    assert town.outcomes()[-2:] == ["decided", "later-settlements-first"]


async def test_a_store_that_is_behind_catches_up(town: Any, ask: Any) -> None:
    """A store that missed what another decider wrote reads just that."""
    await decided_town(town, ask)
    town.ask(ask.settle("P1", "S5"), ask.refund("P1", "R", of="S5"))
    await town.decide(name="b")
    town.ask(ask.refund("P1", "Q", of="S4"))
    decider = await town.decide(name="a")
    assert town.outcomes()[-1] == "decided"
    assert decider.ledger_next == len(town.entries()) + 1


async def test_a_ledger_that_lost_its_tail_is_refused(town: Any, ask: Any) -> None:
    """A log shorter than the store is never papered over."""
    await decided_town(town, ask)
    del town.log.partitions[LEDGER, 0][-2:]
    with pytest.raises(LedgerRefused, match="末尾的记录丢失"):
        await town.decider()


async def test_a_ledger_with_another_past_is_refused(town: Any, ask: Any) -> None:
    """A log that lost its tail and grew again does not pass for the same."""
    await decided_town(town, ask)
    del town.log.partitions[LEDGER, 0][-2:]
    del town.log.partitions[ANSWERS, 0][-2:]
    town.ask(*(ask.settle("P1", f"T{n}") for n in range(5)))
    town.log.partitions[REQUESTS, 0][5:7] = []
    await town.decide(name="b")
    with pytest.raises(LedgerRefused, match="与本存储所记的不同"):
        await town.decider("a")


async def test_a_foreign_ledger_is_refused(town: Any, ask: Any) -> None:
    """A ledger with another id than the store's is not taken for its own."""
    await decided_town(town, ask)
    town.log.partitions.clear()
    await town.found()
    with pytest.raises(LedgerRefused, match="这个存储属于账本"):
        await town.decider()


async def test_a_ledger_of_other_partitions_is_refused(town: Any) -> None:
    """The number of partitions in the first record is the one for ever."""
    town.log.partitions.clear()
    await create_ledger(town.log, partitions=2, created_at="2022-03-01T01:00:00+00:00")
    with pytest.raises(LedgerRefused, match="建账时有2个分区，现为1个"):
        await town.decider()


async def test_a_ledger_without_a_beginning_is_refused(town: Any) -> None:
    """A topic that holds no first record, or another one, is no ledger."""
    beginning = town.log.partitions[LEDGER, 0].pop()
    with pytest.raises(LedgerRefused, match="是空的"):
        await town.decider()
    town.close()
    beginning.headers = []
    town.log.partitions[LEDGER, 0].append(beginning)
    with pytest.raises(LedgerRefused, match="不是结算账本"):
        await town.decider()


async def test_requests_that_lost_their_tail_are_refused(town: Any, ask: Any) -> None:
    """More requests were answered than there are: the topic is not the same."""
    await decided_town(town, ask)
    del town.log.partitions[REQUESTS, 0][-1:]
    with pytest.raises(LedgerRefused, match="末尾的记录丢失"):
        await town.decider()


async def test_creating_a_ledger_again_changes_nothing(town: Any) -> None:
    """The first records are written once, and only where they are missing."""
    again = await create_ledger(town.log, partitions=1, created_at="2023")
    both = await create_ledger(town.log, partitions=1, created_at="2024")
    assert again == both
    assert len(town.log.partitions[LEDGER, 0]) == 1


async def test_a_ledger_made_of_two_is_refused(town: Any) -> None:
    """Partitions with different ids were mixed up, and nothing is written."""
    for partition in range(2):
        town.log.partitions.clear()
        await create_ledger(town.log, partitions=2, created_at="2022-01-01T00:00:00Z")
        if not partition:
            first = list(town.log.partitions[LEDGER, 0])
    town.log.partitions[LEDGER, 0][:] = first
    with pytest.raises(LedgerRefused, match="有两个账本"):
        await create_ledger(town.log, partitions=2, created_at="2022-01-01T00:00:00Z")
