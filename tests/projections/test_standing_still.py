"""Who is said to stand: nobody who applies a batch or waits for a server."""

import pytest

from jiesuan_projections.engine.following import standstill
from jiesuan_projections.engine.following.standstill import ReaderStands, Standstill


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no patience."""
    monkeypatch.setattr(standstill, "GIVEN_UP_SECONDS", 0.0)


def test_who_reads_nothing_of_what_is_there_stands() -> None:
    """The second look finds the reader where the first has found it."""
    watched = Standstill("ledger")
    assert watched.look({0: 7}, is_busy=False) == {}
    with pytest.raises(ReaderStands, match="ledger/0 is not read at 7"):
        watched.look({0: 7}, is_busy=False)


def test_who_goes_on_does_not_stand() -> None:
    """Where it is has changed since."""
    watched = Standstill("ledger")
    for offset in range(3):
        assert watched.look({0: offset}, is_busy=False) == {}


def test_who_applies_a_batch_does_not_stand() -> None:
    """Other partitions wait for the one in hand, which a rebuild may hold up."""
    watched = Standstill("ledger")
    for _ in range(3):
        assert watched.look({0: 7}, is_busy=True) == {}


def test_who_was_not_looked_at_does_not_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PostgreSQL was away nobody looked, and nobody could apply anything."""
    monkeypatch.setattr(standstill, "UNSEEN_SECONDS", 0.0)
    watched = Standstill("ledger")
    for _ in range(3):
        assert watched.look({0: 7}, is_busy=False) == {}
