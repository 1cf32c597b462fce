"""One statement for many messages: each gets an answer of its own."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from jiesuan_services.gateway.store.together.gathering import MOST_AT_ONCE, Gathered


class Asked:
    """Doubles numbers, notes what was asked together, and refuses some."""

    def __init__(self, refused: int | None = None, away: bool = False) -> None:
        self.batches: list[list[int]] = []
        self._refused = refused
        self._away = away

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        """Return the double of each."""
        self.batches.append(list(numbers))
        await asyncio.sleep(0)
        if self._away:
            raise ConnectionResetError
        if self._refused in numbers:
            raise asyncpg.UniqueViolationError
        return [2 * one for one in numbers]


async def test_what_waits_together_is_asked_together_and_answered_each() -> None:
    """Two hundred at once take four statements, and each gets its own answer."""
    asked = Asked()
    double = Gathered(asked)
    answers = await asyncio.gather(*(double(one) for one in range(200)))
    assert answers == [2 * one for one in range(200)]
    assert [len(batch) for batch in asked.batches] == [MOST_AT_ONCE] * 3 + [8]


async def test_what_is_about_one_thing_goes_one_after_the_other() -> None:
    """No statement holds two of a name; order of those that share it is kept."""
    asked = Asked()
    double = Gathered(asked, apart=lambda one: None if one == 5 else one % 2)
    answers = await asyncio.gather(*(double(one) for one in (1, 2, 3, 5, 5, 4)))
    assert answers == [2, 4, 6, 10, 10, 8]
    assert asked.batches == [[1, 2, 5, 5], [3, 4]]


async def test_a_refused_statement_is_no_fault_of_those_that_went_with_it() -> None:
    """What the database refuses fails alone; the others are asked again, one by one."""
    double = Gathered(Asked(refused=3))
    answers = await asyncio.gather(
        *(double(one) for one in range(5)), return_exceptions=True
    )
    assert [one for one in answers if isinstance(one, int)] == [0, 2, 4, 8]
    assert isinstance(answers[3], asyncpg.UniqueViolationError)


async def test_a_database_that_is_away_is_told_to_all_and_not_asked_again() -> None:
    """What may have been done is not done again one by one."""
    asked = Asked(away=True)
    double = Gathered(asked)
    answers = await asyncio.gather(
        *(double(one) for one in (1, 2)), return_exceptions=True
    )
    assert [type(one) for one in answers] == [ConnectionResetError] * 2
    assert asked.batches == [[1, 2]]


async def test_who_gives_up_waiting_stops_nobody() -> None:
    """The others of the statement get their answers."""
    double = Gathered(Asked())
    first = asyncio.create_task(double(1))
    second = asyncio.create_task(double(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == 4
    with pytest.raises(asyncio.CancelledError):
        await first
