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


async def test_a_second_decider_of_one_folder_is_refused(town: Any, life: Any) -> None:
    """It ends with a sentence that names the folder; the first one decides on alone."""
    first, second = (town.process(f"decider-{n}") for n in (0, 1))
    await first.start()
    await first.serving()
    await second.start()
    async with asyncio.timeout(60):
        assert await second.process.wait() == 1
    folder = town.folder / "data" / "store" / "0"
    last = second.said().splitlines()[-1]
    assert last.startswith(f"错误：{folder} 正由另一进程（{first.process.pid}）使用")
    await town.registered()
    await town.ask(life(7, people=20).begin())
    await town.answered()
    assert first.kill()
    await first.process.wait()
    await second.start()
    await town.ask(life(8, people=20).begin())
    await town.answered()
    report = await town.verified()
    assert (report.wrong, report.forks) == ([], [])
