"""A partition that fails: begun again, and at the third time set aside by name."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from jiesuan_ledger.log.failures import PAUSE_SECONDS
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.port import Appended, Pending
from jiesuan_services.clerk.clerk import Clerk
from jiesuan_services.decider.guarded import GuardedPartition
from jiesuan_services.decider.store.cache import Store

BILLS = 12


async def fed(town: Any, guarded: GuardedPartition, *, at_once: int = 5) -> None:
    """Feed it as the process does, until all is answered or it is set aside."""
    finishing = asyncio.create_task(guarded.finish())
    decider = guarded.decider
    async with asyncio.timeout(30):
        end = len(town.log.partitions["jiesuan.requests", 0])
        while guarded.aside is None and decider.answered < end:
            if decider.must_rewind:
                decider.rewound()
            at = decider.position
            if at < end:
                await guarded.take(town.incoming(at, min(end, at + at_once)))
            await asyncio.sleep(0)
    finishing.cancel()
    with suppress(asyncio.CancelledError):
        await finishing
    town.close()


def failing(at: int, *, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the law fall over one request, so many times."""
    decide, left = Clerk.decide, [times]

    def falls(clerk: Clerk, run: Any) -> Any:
        if left[0] and any(one.incoming.offset == at for one in run):
            left[0] -= 1
            raise KeyError("cause")
        return decide(clerk, run)

    monkeypatch.setattr(Clerk, "decide", falls)


async def asked(town: Any, ask: Any) -> GuardedPartition:
    """Ask for a dozen bills, and make the partition that is to decide them."""
    bills = [ask.settle("P1", f"S{n}", fen=10_000 + n) for n in range(BILLS)]
    town.ask(ask.enrol("P1"), *bills)
    return GuardedPartition(await town.decider())


async def test_what_fails_three_times_sets_the_partition_aside(
    town: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All before the request is answered, nothing after it, and it is named."""
    guarded = await asked(town, ask)
    failing(7, times=1_000, monkeypatch=monkeypatch)
    await fed(town, guarded)
    assert guarded.aside is not None
    assert (guarded.aside.offset, guarded.aside.reason) == (7, "KeyError: 'cause'")
    assert town.causes() == list(range(7))


@pytest.mark.parametrize("times", [1, 2])
async def test_what_fails_twice_is_decided_at_the_third_time(
    town: Any, ask: Any, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """A failure that passes costs a reading: every request has one answer."""
    guarded = await asked(town, ask)
    failing(7, times=times, monkeypatch=monkeypatch)
    await fed(town, guarded)
    assert guarded.aside is None
    assert town.causes() == list(range(BILLS + 2))
    assert max((await town.names()).values()) == 1


def broken() -> Iterator[tuple[bytes, bytes]]:
    """Return changes that fail in the middle of their transaction."""
    yield b"half", b"written"
    raise MemoryError("no room")


async def test_a_store_that_does_not_write_is_begun_again(
    town: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that fails in the middle loses no answer and leaks no turn."""
    guarded = await asked(town, ask)
    commit, left = Store.commit, [4]

    def falls(store: Store, *args: Any) -> None:
        left[0] -= 1
        if left[0] in (0, 1):
            store.write(broken())
        commit(store, *args)

    monkeypatch.setattr(Store, "commit", falls)
    await fed(town, guarded, at_once=1)
    assert guarded.aside is None
    assert town.causes() == list(range(BILLS + 2))


class RefusingLog(MemoryLog):
    """The log in memory, which does not take one topic's records any more."""

    def __init__(self, shared: MemoryLog, topic: str) -> None:
        self.partitions = shared.partitions
        self._topic = topic

    async def append(self, topic: str, partition: int, records: Any) -> Pending:
        """Write, unless it is the topic."""
        if topic == self._topic:
            raise ValueError("not taken")
        return await super().append(topic, partition, records)


async def test_a_partition_whose_answers_are_not_taken_blocks_nobody(
    town: Any, ask: Any
) -> None:
    """More requests than may be on their way are offered, and none waits for ever."""
    bills = [ask.settle("P1", f"S{n}", fen=10_000 + n) for n in range(BILLS)]
    town.ask(ask.enrol("P1"), *bills)
    guarded = GuardedPartition(
        await town.decider(log=RefusingLog(town.log, "jiesuan.answers"))
    )
    await fed(town, guarded, at_once=1)
    assert guarded.aside is not None
    assert (guarded.aside.offset, guarded.aside.reason) == (0, "ValueError: not taken")


class SlowPending:
    """Records whose acknowledgement takes longer than a failure's pause."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending

    async def done(self) -> Appended:
        """Wait, and return where the records stand."""
        await asyncio.sleep(1.5 * PAUSE_SECONDS)
        return await self._pending.done()


class SlowLog(MemoryLog):
    """The log in memory, which takes its time to acknowledge answers."""

    def __init__(self, shared: MemoryLog) -> None:
        self.partitions = shared.partitions

    async def append(self, topic: str, partition: int, records: Any) -> Pending:
        """Write; who waits for an answer to be written waits."""
        pending = await super().append(topic, partition, records)
        return SlowPending(pending) if topic == "jiesuan.answers" else pending


async def test_what_fails_while_others_are_answered_leaves_none_unanswered(
    town: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure while earlier batches are being answered costs a reading, no answer."""
    bills = [ask.settle("P1", f"S{n}", fen=10_000 + n) for n in range(BILLS)]
    town.ask(ask.enrol("P1"), *bills)
    decider = await town.decider(log=SlowLog(town.log))
    failing(7, times=1, monkeypatch=monkeypatch)
    await fed(town, GuardedPartition(decider), at_once=2)
    assert town.causes() == list(range(BILLS + 2))
    assert max((await town.names()).values()) == 1
