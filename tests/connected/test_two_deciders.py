"""Two decider processes on all partitions, with no group coordination at all."""

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.connected


async def test_two_deciders_of_everything_never_harm(
    town: Any, life: Any, plain: Any
) -> None:
    """With a zombie beside it the ledger says what one decider alone would say."""
    deciders = [town.process(f"decider-{n}", data=f"data-{n}") for n in (0, 1)]
    for one in deciders:
        await one.start()
        await one.serving()
    await town.registered()
    day = life(7, people=60)
    await town.ask(day.begin())
    for turn in range(40):
        zombie = deciders[turn % 2]
        zombie.pause()
        await town.ask(day.more(25))
        await asyncio.sleep(0.05)
        zombie.resume()
        await town.ask(day.more(25))
    await town.answered()
    assert max([await one.stop() for one in deciders]) < 5
    report = await town.verified()
    trial, expected = town.recomputed()
    by_place: dict[tuple[int, int], list[Any]] = {}
    for answer in await town.answers():
        by_place.setdefault((answer.partition, answer.cause), []).append(answer.data)
    assert by_place.keys() == expected.keys()
    for place, said in by_place.items():
        assert plain(said[0]) == expected[place]
        assert said == [said[0]] * len(said), (place, expected[place]["outcome"])
    assert report.forks, "the two were meant to collide"
    assert report.wrong == []
    states = [person.head for person in trial.persons.known.values()]
    assert report.entries == sum(head.version for head in states)
