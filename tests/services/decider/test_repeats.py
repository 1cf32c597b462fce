"""Requests that came again: answered from the entries in the log, in their place."""

from typing import Any

import pytest

from jiesuan_events.words.topics import LEDGER, REQUESTS
from jiesuan_ledger.log.memory import MemoryLog
from jiesuan_ledger.log.port import LogError
from jiesuan_ledger.log.record import Incoming, Record
from jiesuan_services.decider.repeats import NEAR, Repeat, read_firsts, woven

AGAIN = Incoming(REQUESTS, 0, 0, b"P1", b"{}", [])


def record(number: int) -> Record:
    """Make a record that is known by its value."""
    return Record(b"P1", str(number).encode(), [])


async def ledger(length: int) -> MemoryLog:
    """Make a ledger of so many records, each saying its offset."""
    log = MemoryLog()
    await log.append(LEDGER, 0, [record(number) for number in range(length)])
    return log


async def test_whatever_is_repeated_is_found_near_and_far() -> None:
    """Offsets beside each other, a long way apart and named twice all give theirs."""
    log = await ledger(5 * NEAR)
    wanted = [0, 1, NEAR, 2 * NEAR, 2 * NEAR + 1, 4 * NEAR, 5 * NEAR - 1, 1]
    found = await read_firsts(log, 0, repeats=[Repeat(AGAIN, at) for at in wanted])
    assert {at: int(one.value) for at, one in found.items()} == {
        at: at for at in wanted
    }


async def test_no_repeats_ask_nothing_of_the_log() -> None:
    """Without a repeat nothing is read, not even from a log that holds nothing."""
    assert await read_firsts(MemoryLog(), 0, repeats=[]) == {}


async def test_an_entry_that_the_log_does_not_give_is_named() -> None:
    """A log that has lost what is repeated raises an error that names it."""
    log = await ledger(3)
    with pytest.raises(LogError, match=f"{LEDGER}/0"):
        await read_firsts(log, 0, repeats=[Repeat(AGAIN, 1), Repeat(AGAIN, 7)])


def numbers(*values: int) -> list[Record]:
    """Make a parcel."""
    return [record(value) for value in values]


@pytest.mark.parametrize(
    ("parcels", "answers", "runs"),
    [
        ([[1, 2]], [], [[1, 2]]),
        ([[]], [], []),
        ([[], []], [9], [[9]]),
        ([[1], [], [2]], [8, 9], [[1], [8, 9], [2]]),
        ([[], [1], []], [8, 9], [[8], [1], [9]]),
    ],
)
def test_answers_told_again_stand_where_they_were_asked_for(
    parcels: list[list[int]], answers: list[int], runs: list[list[int]]
) -> None:
    """Repeats side by side are one run, and nothing changes its place."""
    found = woven([numbers(*one) for one in parcels], numbers(*answers))
    assert [[int(one.value) for one in run] for run in found] == runs


async def test_a_flood_of_repeats_is_answered_in_order(town: Any, ask: Any) -> None:
    """Each of many requests sent twice at once gets its own first answer twice."""
    settles = [ask.settle("P1", f"S{n}", fen=1_000 + n) for n in range(40)]
    twice = [one for settle in settles for one in (settle, settle)]
    town.ask(ask.enrol("P1"), *twice, *settles)
    await town.decide()
    values = [answer.value for answer in town.answers()[2:]]
    assert values[0:80:2] == values[1:80:2] == values[80:]
    assert town.causes() == list(range(122))
    assert len(town.entries()) == 41
