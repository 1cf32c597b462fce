"""Totals from kept states are those of the whole log, or the states are not used."""

from pathlib import Path
from typing import Any

import pytest

from jiesuan_events.words.topics import LEDGER
from jiesuan_services.audit.history.totals import totals_at

POINTS = ("0:0", "0:9", "202203", "0:20,1:8", "now")
NEVER = 10**9
FIRST_STATE = 7


async def answers(past: Any) -> list[Any]:
    """Return the totals at every point, asked one by one."""
    found = [await totals_at(past, [past.at(point)]) for point in POINTS]
    return [one.said() for (one,) in found]


@pytest.fixture
def states(tmp_path: Path) -> Any:
    """List the states that an opened past keeps in the test's folder."""
    return lambda: sorted((tmp_path / "data" / "states").rglob("*.state"))


async def test_totals_from_states_are_those_of_the_log(
    two_months: Any, past_of: Any, states: Any
) -> None:
    """With states kept, from them, and without any, every point is told the same."""
    async with past_of(two_months, "none", state_every=NEVER) as past:
        from_the_log = await answers(past)
    async with past_of(two_months) as past:
        assert await answers(past) == from_the_log
        assert len(states()) > len(POINTS)
        assert await answers(past) == from_the_log
        _, at = await past.states.resumed(
            past.log, 0, upto=past.ends[0], partitions=past.partitions
        )
    assert at > FIRST_STATE


async def test_a_damaged_state_is_not_used(
    two_months: Any, past_of: Any, states: Any
) -> None:
    """A state whose bytes are not those written is passed over."""
    async with past_of(two_months) as past:
        first = await answers(past)
        for path in states():
            data = path.read_bytes()
            path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        assert await answers(past) == first


async def test_a_state_of_another_log_is_not_used(
    two_months: Any, past_of: Any
) -> None:
    """Where the log holds another record at its end, a state says nothing of it."""
    async with past_of(two_months) as past:
        await answers(past)
        entries = two_months.log.partitions[LEDGER, 0]
        entries[FIRST_STATE] = entries[FIRST_STATE + 1]
        _, at = await past.states.resumed(
            past.log, 0, upto=FIRST_STATE, partitions=past.partitions
        )
    assert at == 1
