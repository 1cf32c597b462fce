"""`replay` writes the facts of the months after the ledger's, and they are enough."""

import orjson
from tests.domain.clearing.random_months import RandomMonths
from tests.services.clearing.conftest import Served
from tests.services.clearing.replayed import lines_of, views_again

from jiesuan_domain.clearing.showing.views import VIEWS
from jiesuan_events.words.topics import CLEARING, LEDGER
from jiesuan_services.audit.replay import facts


async def replayed(served: Served) -> list[bytes]:
    """Return the lines of `replay`."""
    return [line async for line in facts(served.log, partitions=1)]


async def ask(served: Served, life: RandomMonths, *, most: int | None = None) -> None:
    """Ask the first of random months, or all of them."""
    for message in life.months.asked[:most]:
        await served.ask(message)
        await served.serve()


async def test_the_months_are_made_again_from_the_lines(
    served: Served, lived: RandomMonths
) -> None:
    """The ledger's facts in their order, then the months', give every view again."""
    await ask(served, lived)
    lines = lines_of(await replayed(served))
    months = [one for one in lines if one.is_of_months]
    entries = [len(served.log.partitions[topic, 0]) for topic in (LEDGER, CLEARING)]
    offsets = [*range(1, entries[0]), *range(entries[1])]
    assert [one.entry.offset for one in lines] == offsets
    assert lines[entries[0] - 1 :] == months
    shown = lived.months.views()
    views = (*VIEWS, "clearing_fine")
    assert views_again(lines) == {view: shown.get(view, []) for view in views}
    assert shown["clearing_fine"]


async def test_a_fork_of_a_region_is_no_fact(
    served: Served, lived: RandomMonths
) -> None:
    """What is no region's next entry is passed over; what follows it is not."""
    await ask(served, lived, most=90)
    before = await replayed(served)
    records = served.log.partitions[CLEARING, 0]
    records.insert(len(records) - 1, records[0])
    after = await replayed(served)
    assert after[:-1] == before[:-1]
    place = orjson.loads(before[-1])["entry"]["offset"]
    assert orjson.loads(after[-1])["entry"]["offset"] == place + 1 > 1


async def test_a_ledger_without_months_has_its_own_lines_alone(
    served: Served, lived: RandomMonths
) -> None:
    """Where nobody asked for a month every line is the ledger's."""
    for message in lived.months.asked:
        await served.ask(message)
    lines = lines_of(await replayed(served))
    assert len(lines) == len(served.log.partitions[LEDGER, 0]) - 1
    assert not any(one.is_of_months for one in lines)
