"""A decider over an imported ledger: what was imported waits for no request here."""

import json
from typing import Any

import pytest

from jiesuan_events.words.topics import LEDGER, REQUESTS, SEALS
from jiesuan_ledger.log.imported import IMPORTED, imported_ends
from jiesuan_ledger.log.record import Record


@pytest.fixture
async def moved(town: Any, ask: Any) -> Any:
    """A ledger on a new broker; over there its one person was the sixth request."""
    town.ask(*(ask.enrol(f"P{number}") for number in range(1, 5)), ask.enrol("P9"))
    await town.decide()
    await town.decide(name="b")
    last = len(town.log.partitions[LEDGER, 0]) - 1
    seal = json.dumps({"ends": {"0": last}}).encode()
    town.log.partitions[SEALS, 0].append(Record(None, seal, [IMPORTED]))
    for topic in (REQUESTS, "jiesuan.answers"):
        town.log.partitions[topic, 0].clear()
    return town


async def test_an_imported_person_is_known_at_once(moved: Any, ask: Any) -> None:
    """The first request here finds what was imported, whatever caused it there."""
    moved.ask(*(ask.settle("P9", f"S{number}") for number in range(8)))
    await moved.decide(name="new")
    assert moved.outcomes() == ["decided"] * 8


async def test_what_is_entered_here_waits_as_ever(moved: Any, ask: Any) -> None:
    """An entry of this broker whose answer was lost is answered as it was then."""
    moved.ask(ask.settle("P9", "S1"), ask.refund("P9", "R1", of="S1"))
    await moved.decide(name="new")
    first = [answer.value for answer in moved.answers()]
    moved.log.partitions["jiesuan.answers", 0].clear()
    await moved.decide(name="newer")
    assert [answer.value for answer in moved.answers()] == first
    assert moved.outcomes() == ["decided", "decided"]


GARBAGE = [
    Record(None, b"{", [IMPORTED]),
    Record(None, b'{"ends": 3}', [IMPORTED]),
    Record(None, b'{"ends": {"0": 99}}', [IMPORTED, ("imported-seals", b"7")]),
    Record(None, b'{"ends": {"0": 99}}', [IMPORTED, ("imported-seals", b"\xff")]),
    Record(None, b'{"ends": {"0": 99}}', [IMPORTED, ("imported-clearing", b"x")]),
    Record(None, b'{"ends": {"0": 99}}', [IMPORTED, ("\udcff", None)]),
    Record(b"k", b'{"ends": {"0": 99}}', [IMPORTED]),
]


@pytest.mark.parametrize("first", GARBAGE)
async def test_what_only_looks_imported_is_not(town: Any, ask: Any, first: Any) -> None:
    """A record before the first seal that claims an import and is none stops nobody."""
    town.log.partitions[SEALS, 0].append(first)
    town.ask(ask.enrol("P1"), ask.settle("P1", "S1"))
    await town.decide()
    assert await imported_ends(town.log) == {}
    assert town.outcomes() == ["recorded", "decided", "decided"]
